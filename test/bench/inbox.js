/**
 * Run by a runtime that has SQLite, after `npm run build`: measures how fast an inbox stores deliveries and works through
 * them, beside the rate at which the disk syncs and raw inserts of the same rows into files of the same kind; then how fast
 * a server with an inbox answers signed calls, beside one without. All in turns, so that what else the machine does meets
 * all of them; medians.
 */
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import { sqliteInbox } from "../../dist/inbox/sqlite.js";
import { measureInboxHttp } from "./inbox-http.js";
import { median } from "./statistics.js";
import { timesOfSyncs } from "./sync.js";

const { DatabaseSync } = process.getBuiltinModule("node:sqlite");

const DELIVERIES = 20_000;
/** Deliveries that are stored one in each transaction take so long that fewer have to do. */
const ALONE = 2_000;
const AT_ONCE = 64;
const TURNS = Number(process.argv[2] ?? 7);
const SYNCS = 200;

const folder = fs.mkdtempSync(`${os.tmpdir()}/bench-inbox-`);
const url = "https://example.com/webhooks/copernica";
const headers = new Headers({
  "content-type": "application/x-www-form-urlencoded",
  date: "Tue, 24 Nov 2026 19:30:00 GMT",
  digest: "SHA-256=abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrs=",
  "x-copernica-id": "account_1234",
  "x-nonce": "abcdefghijklmnop",
});
const storedHeaders = JSON.stringify(Object.fromEntries(headers));
const deliveries = Array.from({ length: DELIVERIES }, () => ({
  deliveryId: base64url(crypto.getRandomValues(new Uint8Array(24))),
  receivedAt: new Date(),
  url,
  headers,
  body: crypto.getRandomValues(new Uint8Array(1_400)),
  event: { name: "profile.update", profile: Math.floor(Math.random() * 5_000), database: 12 },
}));

const rates = { syncs: [], raw: [], alone: [], stored: [], worked: [] };
try {
  for (let turn = 0; turn < TURNS; turn += 1) {
    rates.syncs.push(1_000 / median(timesOfSyncs(`${folder}/syncs`, AT_ONCE * 1_400, SYNCS)));
    rates.raw.push(insertsPerSecond(`${folder}/raw-${turn}.db`, deliveries, AT_ONCE));
    rates.alone.push(insertsPerSecond(`${folder}/alone-${turn}.db`, deliveries.slice(0, ALONE), 1));
    const { stored, worked } = await inboxPerSecond(`${folder}/inbox-${turn}.db`);
    rates.stored.push(stored);
    rates.worked.push(worked);
  }
} finally {
  fs.rmSync(folder, { recursive: true });
}
const medians = Object.fromEntries(Object.entries(rates).map(([name, all]) => [name, Math.round(median(all))]));
console.log(
  JSON.stringify({
    ...medians,
    storedToRaw: ratio(rates.stored, rates.raw),
    storedToAlone: ratio(rates.stored, rates.alone),
    workedToStored: ratio(rates.worked, rates.stored),
  }),
);
console.log(
  JSON.stringify({
    http: await measureInboxHttp([process.execPath, ...(globalThis.Deno ? ["run", "-A"] : [])], TURNS),
  }),
);

/** A loop of raw inserts of what an inbox keeps of a delivery, its id unique as there, `atOnce` in each transaction. */
function insertsPerSecond(path, rows, atOnce) {
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE delivery (
      id INTEGER PRIMARY KEY, delivery_id TEXT NOT NULL UNIQUE, received_at INTEGER NOT NULL, url TEXT NOT NULL,
      headers TEXT NOT NULL, body BLOB NOT NULL, event TEXT NOT NULL, profile INTEGER NOT NULL, database INTEGER NOT NULL
    ) STRICT`);
  const insert = database.prepare("INSERT INTO delivery VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)");
  const began = performance.now();
  for (let first = 0; first < rows.length; first += atOnce) {
    database.exec("BEGIN IMMEDIATE");
    for (const { deliveryId, receivedAt, body, event } of rows.slice(first, first + atOnce)) {
      const { name, profile, database: id } = event;
      insert.run(deliveryId, receivedAt.getTime(), url, storedHeaders, body, name, profile, id);
    }
    database.exec("COMMIT");
  }
  const rate = rows.length / ((performance.now() - began) / 1_000);
  database.close();
  return rate;
}

async function inboxPerSecond(path) {
  const inbox = sqliteInbox(path, { work: false });
  inbox.work(async () => undefined, { timeoutMs: 30_000 });
  const storing = performance.now();
  for (let first = 0; first < DELIVERIES; first += AT_ONCE) {
    await Promise.all(deliveries.slice(first, first + AT_ONCE).map((delivery) => inbox.receive(delivery)));
  }
  const working = performance.now();
  await inbox.drain();
  const done = performance.now();
  const { completed } = await inbox.stats();
  if (completed !== DELIVERIES) throw new Error(`${completed} of ${DELIVERIES} deliveries were completed.`);
  await inbox.stop();
  return {
    stored: DELIVERIES / ((working - storing) / 1_000),
    worked: DELIVERIES / ((done - working) / 1_000),
  };
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}

/** The median of the ratios of each turn. */
function ratio(ones, others) {
  return Math.round(median(ones.map((one, turn) => one / others[turn])) * 100) / 100;
}
