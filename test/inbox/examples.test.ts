import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { encodeForm, samples } from "copernica-webhooks/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Folder, hasSqlite, makeFolder } from "../fixtures/files.ts";
import { openConnection } from "../servers/connection.ts";
import { signBody, signing, whole } from "../servers/messages.ts";
import { command, here, type ServerProcess, type ServerSettings, startProcess } from "../servers/server.ts";
import { isNode } from "./children.ts";

const preload = here("keys-in-dns.ts");

/** The examples, and how each runtime starts its own. */
const examples: readonly (readonly [name: string, program: string, parameters: readonly string[]])[] = [
  ["inbox-node.ts", process.execPath, ["--import", "tsx", "--import", preload]],
  ["inbox-bun.ts", command("bun"), ["--preload", preload]],
  [
    "inbox-deno.ts",
    command("deno"),
    ["run", "--allow-net", "--allow-env", "--allow-read", "--allow-write", "--preload", preload],
  ],
];

const DEPLOYS = 3;
const CONNECTIONS = 8;

describe.runIf(isNode && hasSqlite).each(examples)("examples/%s", (name, program, parameters) => {
  let folder: Folder;
  let crm: Awaited<ReturnType<typeof startCrm>>;
  beforeEach(async () => {
    folder = makeFolder();
    crm = await startCrm();
  });
  afterEach(() => {
    crm.close();
    folder.remove();
  });

  function start(settings: ServerSettings): Promise<ServerProcess> {
    const environment = { INBOX: folder.path("inbox.db"), CRM_URL: crm.url };
    return startProcess(program, [...parameters, `examples/${name}`], { ...settings, environment });
  }

  test("does not start without COPERNICA_ACCOUNT, and asks for it", async () => {
    const starting = start({});
    starting.then(({ stop }) => stop()).catch(() => {}); // it is to reject, below
    await expect(starting).rejects.toThrow(/account must be .*is the environment variable set\?/);
  });

  test("is deployed under load: callbacks that run may end, and all that was answered 200 is worked through once", async () => {
    const answered: string[] = [];
    let server = await start({ copernica: signing });
    for (let deploy = 0; deploy < DEPLOYS; deploy += 1) {
      const before = answered.length;
      const { port } = server;
      const sending = Array.from({ length: CONNECTIONS }, () => sendUntilRefused(port, answered));
      while (answered.length < before + 50 || crm.running() === 0) await pause(10);
      expect(await server.terminate()).toBe(0);
      expect(crm.running()).toBe(0);
      await Promise.all(sending);
      server = await start({ copernica: signing });
    }
    try {
      while (answered.some((email) => !crm.asked.has(email))) await pause(50);
      expect([...crm.asked].filter(([, keys]) => keys.length > 1)).toEqual([]);
    } finally {
      await server.stop();
    }
  });

  test("asks a CRM that is away again, with the same key, and not one that refuses", async () => {
    const server = await start({ copernica: signing });
    try {
      const [busy, refused] = ["busy@example.com", "refused@example.com"] as const;
      crm.answers.set(busy, [503]);
      crm.answers.set(refused, [422]);
      for (const email of [refused, busy]) expect(await send(server.port, email)).toBe(200);
      while ((crm.asked.get(busy) ?? []).length < 2) await pause(50);
      expect(new Set(crm.asked.get(busy)).size).toBe(1);
      expect(crm.asked.get(refused)).toHaveLength(1);
    } finally {
      await server.stop();
    }
  });
});

let emails = 0;

/** Sends signed events over one connection, one after the other, until the server no longer answers; notes what it did answer. */
async function sendUntilRefused(port: number, answered: string[]): Promise<void> {
  for (const connection = await openConnection(port); ; ) {
    emails += 1;
    const email = `${emails}@example.com`;
    await connection.send(await creationOf(email));
    const answer = await connection.answer();
    if (answer === undefined) return;
    expect(answer.status).toBe(200);
    answered.push(email);
  }
}

async function send(port: number, email: string): Promise<number | undefined> {
  const connection = await openConnection(port);
  await connection.send(await creationOf(email));
  const answer = await connection.answer();
  connection.destroy();
  return answer?.status;
}

async function creationOf(email: string): Promise<Uint8Array> {
  emails += 1;
  const variables = { ...samples["profile.create"], profile: emails, fields: { email } };
  return whole(await signBody({ body: encodeForm(variables) }));
}

/** A CRM that takes some time. */
async function startCrm() {
  /** The idempotency keys that it was asked with, by the address that it was asked to add. */
  const asked = new Map<string, (string | undefined)[]>();
  /** What it answers next for an address; 200 after that. */
  const answers = new Map<string, number[]>();
  let running = 0;
  const server = createServer(async (request, response) => {
    running += 1;
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part;
    const { email } = JSON.parse(body);
    await pause(20 + Math.random() * 200);
    asked.set(email, [...(asked.get(email) ?? []), String(request.headers["idempotency-key"])]);
    response.statusCode = answers.get(email)?.shift() ?? 200;
    running -= 1;
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    asked,
    answers,
    running: () => running,
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
