import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { makeDeliveries, PATH_CALLED } from "./deliveries.js";
import { median } from "./statistics.js";
import { timesOfSyncs } from "./sync.js";

const CONNECTIONS = 64;
/** How many calls warm a server up, and how many are timed then: over all connections, and over a single one. */
const CALLS = { warmUp: 3_000, together: 6_000, single: 400 };
/** The fields of an event whose body is of 1.4 KB. */
const FIELDS = 20;
/** What storing one such delivery appends to the write-ahead log: five pages. */
const LOGGED_BYTES = 5 * 4_096;
const SYNCS = 100;
/** How long the disk is left alone before each, in milliseconds: about as long as between single calls. */
const SYNC_PAUSE_MS = 0.5;

/** What a server does with a delivery: store and work through it, store it only, or have no inbox. */
const SERVERS = ["stored", "received", "plain"];

/**
 * Sends the same signed calls to servers with an inbox and without one, in turns, each to a process and a file of its own.
 *
 * @param command How the runtime is started.
 * @returns Of each server the calls answered per second over 64 connections, and the median time of one over a single
 *   connection; how the first compares with no inbox, and how much longer the second takes, in milliseconds and in syncs of
 *   the disk. All are medians of the turns, of what was compared within each.
 */
export async function measureInboxHttp(command, turns) {
  const folder = mkdtempSync(join(tmpdir(), "bench-inbox-http-"));
  try {
    const { body, deliveries, ...key } = await makeDeliveries(FIELDS, CALLS.warmUp + CALLS.together + CALLS.single);
    const fixturePath = join(folder, "key.json");
    writeFileSync(fixturePath, JSON.stringify(key));
    const calls = deliveries.map(({ headers }) => callOf(headers, body));
    const order = [...SERVERS];
    const measured = [];
    for (let turn = 0; turn < turns; turn += 1) {
      const results = {};
      for (const does of order) {
        const path = join(folder, `${does}-${turn}.db`);
        results[does] = await measure([...command, "test/bench/inbox-server.js", does, path, fixturePath], calls, does);
      }
      measured.push(results);
      results.syncMs = median(timesOfSyncs(join(folder, "syncs"), LOGGED_BYTES, SYNCS, SYNC_PAUSE_MS));
      order.reverse();
    }
    const middle = (pick) => round(median(measured.map(pick)));
    const figures = { syncMs: middle(({ syncMs }) => syncMs) };
    for (const does of SERVERS) {
      figures[does] = {
        perSecond: middle((turn) => turn[does].perSecond),
        singleMs: middle((turn) => turn[does].singleMs),
      };
      if (does === "plain") continue;
      const more = (turn) => turn[does].singleMs - turn.plain.singleMs;
      figures[does].toPlain = middle((turn) => turn[does].perSecond / turn.plain.perSecond);
      figures[does].singleMoreMs = middle(more);
      figures[does].singleMoreSyncs = middle((turn) => more(turn) / turn.syncMs);
    }
    return figures;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function callOf(headers, body) {
  const all = { host: "127.0.0.1:3000", "content-length": Buffer.byteLength(body), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${PATH_CALLED} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
}

async function measure([file, ...parameters], calls, does) {
  const server = spawn(file, parameters, { stdio: ["pipe", "pipe", "inherit"] });
  const output = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const countStored = async () => {
    server.stdin.write("\n");
    return Number((await output.next()).value);
  };
  try {
    const port = Number((await output.next()).value);
    const { warmUp, together } = CALLS;
    await send(port, calls.slice(0, warmUp), CONNECTIONS);
    const began = performance.now();
    await send(port, calls.slice(warmUp, warmUp + together), CONNECTIONS);
    const perSecond = together / ((performance.now() - began) / 1_000);
    if (does !== "plain") await countStored(); // what is left of the many is not to hold up the single ones
    const times = await send(port, calls.slice(warmUp + together), 1);
    if (does !== "plain") {
      const stored = await countStored();
      if (stored !== calls.length) throw new Error(`${stored} of ${calls.length} deliveries were stored.`);
    }
    return { perSecond, singleMs: median(times) };
  } finally {
    server.kill("SIGKILL");
    await once(server, "exit");
  }
}

/** Sends calls over some connections, each the next one after an answer; resolves to how long each took, in milliseconds. */
function send(port, calls, connections) {
  return new Promise((resolve, reject) => {
    const times = [];
    let next = 0;
    for (let connection = 0; connection < connections; connection += 1) {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true }, sendNext);
      let answer = "";
      let began = 0;
      function sendNext() {
        if (next === calls.length) {
          socket.destroy();
          return;
        }
        began = performance.now();
        socket.write(calls[next++]);
      }
      socket.on("error", reject);
      socket.on("data", (bytes) => {
        answer += bytes.latin1Slice();
        if (!answer.endsWith("\r\n\r\n")) return; // a 200 has no body
        if (!answer.startsWith("HTTP/1.1 200")) reject(new Error(`A call was answered:\n${answer}`));
        answer = "";
        times.push(performance.now() - began);
        if (times.length === calls.length) resolve(times);
        sendNext();
      });
    }
  });
}

function round(number) {
  return Math.round(number * 100) / 100;
}
