import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { encodeForm, samples, testInboxStore } from "copernica-webhooks/testing";
import { build } from "esbuild";
import { Miniflare, type Request as OutgoingRequest, Response } from "miniflare";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Folder, makeFolder } from "../fixtures/files.ts";
import { openConnection } from "../servers/connection.ts";
import { FORM, type SignedMessage, signBody, signing, whole } from "../servers/messages.ts";
import { createOutput, here, type Output } from "../servers/server.ts";
import type { Looked } from "./inbox-worker.ts";

let script: string;

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [here("../workerd/inbox-worker.ts")],
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:workers"],
    write: false,
  });
  script = outputFiles[0]?.text ?? "";
});

type Options = ConstructorParameters<typeof Miniflare>[0];

function startWorker(inboxClass: string, differences: Partial<Options>): Miniflare {
  return new Miniflare({
    modules: [{ type: "ESModule", path: "worker.js", contents: script }],
    compatibilityDate: "2026-04-01",
    durableObjects: {
      CONTRACT: { className: "ContractObject", useSQLite: true },
      OPEN: { className: "OpenInbox", useSQLite: true },
      INBOX: { className: inboxClass, useSQLite: true },
    },
    ...differences,
  });
}

describe("the store of examples/inbox-durable-object-store.ts, in workerd,", () => {
  let worker: Miniflare;
  beforeAll(() => {
    const handleRuntimeStdio = (): void => {}; // an object that is brought down on purpose is told of there
    worker = startWorker("WebhookInbox", { handleRuntimeStdio });
  });
  afterAll(() => worker.dispose());

  const openStore = (): never => {
    throw new Error("It is opened in workerd.");
  };
  const run = async (title: string): Promise<void> => {
    const response = await worker.dispatchFetch(`http://localhost/contract/${encodeURIComponent(title)}`);
    expect(await response.text()).toBe("passed");
  };
  testInboxStore({ test: (title) => test(title, () => run(title)), openStore, reopenStore: openStore });

  async function send(name: string, fields: Readonly<Record<string, string>>): Promise<number> {
    const body = encodeForm({ ...samples["profile.create"], fields });
    const headers = { "content-type": FORM };
    return (await worker.dispatchFetch(`http://localhost/open/${name}`, { method: "POST", headers, body })).status;
  }

  /** Looks into an inbox; undefined if its object was just brought down. */
  async function look(name: string): Promise<Looked | undefined> {
    const response = await worker.dispatchFetch(`http://localhost/open/${name}`);
    return response.ok ? ((await response.json()) as Looked) : undefined; // as inbox-worker.ts has it
  }

  test("counts an attempt whose callback brings its object down, and gives the delivery up after the last", async () => {
    await send("poison", { email: "poison@example.com" }); // the object may be down before it has answered
    let seen = await look("poison");
    while (seen?.delivery?.state !== "discarded") {
      await pause(50);
      seen = await look("poison");
    }
    expect(seen.delivery.errors.map(({ attempt, message }) => `${attempt} ${message}`)).toEqual([
      "1 The object was restarted while the attempt was being made.",
      "2 The object was restarted while the attempt was being made.",
    ]);
  });

  test("does not store a delivery that is larger than a row: its callback runs at once", async () => {
    expect(await send("large", { notes: "x".repeat(3_000_000) })).toBe(200);
    expect(await look("large")).toEqual({ attempts: [1] });
  });
});

describe("examples/inbox-durable-object.ts", () => {
  let folder: Folder;
  let crm: ReturnType<typeof createCrm>;
  let output: Output;
  let worker: Miniflare;
  beforeEach(() => {
    folder = makeFolder();
    crm = createCrm();
  });
  afterEach(async () => {
    crm.recover();
    await worker.dispose();
    folder.remove();
  });

  async function start({ inboxClass = "WebhookInbox", account = `account_${signing.account}` } = {}): Promise<void> {
    output = createOutput();
    worker = startWorker(inboxClass, {
      durableObjectsPersist: folder.path("objects"),
      bindings: { CRM_URL: "https://crm.example", COPERNICA_ACCOUNT: account },
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      outboundService(request: OutgoingRequest) {
        if (request.url.startsWith("https://crm.example/")) return crm.ask(request);
        const data = signing.records.flat().map((text) => `"${text}"`);
        return Response.json({
          Status: 0,
          Answer: [{ name: signing.keyId, type: 16, TTL: 300, data: data.join(" ") }],
        });
      },
      handleRuntimeStdio(...streams: Readable[]) {
        for (const stream of streams) stream.setEncoding("utf8").on("data", output.add);
      },
    });
    await worker.ready;
  }

  /** Sends a signed call; resolves to the status of the answer. */
  async function send(call: SignedMessage): Promise<number | undefined> {
    const connection = await openConnection(Number((await worker.unsafeGetDirectURL()).port));
    await connection.send(whole(call));
    const answer = await connection.answer();
    connection.destroy();
    return answer?.status;
  }

  test("answers 200, runs the callback, and runs it no more when the same call comes again", async () => {
    await start();
    const call = await creationOf(1);
    expect(await send(call)).toBe(200);
    await crm.hasAnswered([1]);
    expect(await send(call)).toBe(200);
    expect(await send(await creationOf(2))).toBe(200);
    await crm.hasAnswered([2]);
    expect(crm.keysOf(1)).toHaveLength(1);
  });

  test("refuses a call that Copernica did not sign", async () => {
    await start();
    const call = await creationOf(1);
    expect(await send({ ...call, headers: { ...call.headers, "X-nonce": "another" } })).toBe(401);
  });

  test("runs a callback that failed again, with the same key", async () => {
    await start();
    crm.answers.push(503);
    expect(await send(await creationOf(1))).toBe(200);
    while (crm.keysOf(1).length < 2) await pause(50);
    expect(new Set(crm.keysOf(1)).size).toBe(1);
  });

  test("works through all that it answered 200 after the runtime was killed, what was running and what was not", async () => {
    await start();
    crm.hang();
    const profiles = Array.from({ length: 15 }, (_, index) => index + 1);
    const calls = await Promise.all(profiles.map(creationOf));
    expect(await Promise.all(calls.map(send))).toEqual(calls.map(() => 200));
    while (crm.asked() < 10) await pause(10); // as many as run side by side
    await worker.dispose();
    crm.recover();
    await start();
    await crm.hasAnswered(profiles);
    expect(await Promise.all(calls.map(send))).toEqual(calls.map(() => 200));
    await pause(500); // for callbacks that should not run
    expect(crm.answered).toHaveLength(calls.length);
  });

  test("gives a call that its object was restarted in to the next one", async () => {
    await start({ inboxClass: "RestartedInbox" });
    expect(await send(await creationOf(1))).toBe(200);
    await output.line(/The object failed.*The object is restarted\./);
    await crm.hasAnswered([1]);
  });

  test("does not start without COPERNICA_ACCOUNT, and asks for it", async () => {
    await start({ account: "" });
    expect(await send(await creationOf(1))).toBe(500);
    await output.line(/account must be .*is the environment variable set\?/);
  });
});

function addressOf(profile: number): string {
  return `${profile}@example.com`;
}

/** A signed call that a profile was created. */
function creationOf(profile: number): Promise<SignedMessage> {
  const variables = { ...samples["profile.create"], profile, fields: { email: addressOf(profile) } };
  return signBody({ body: encodeForm(variables) });
}

/** A CRM. */
function createCrm() {
  /** The idempotency keys that it was asked with, by the address that it was asked to add. */
  const keys = new Map<string, string[]>();
  /** What it answers next; 200 after that. */
  const answers: number[] = [];
  /** The addresses that it was asked to add and did not keep waiting. */
  const answered: string[] = [];
  let hanging: Promise<void> | undefined;
  let recover = (): void => {};
  return {
    answers,
    answered,
    asked: () => keys.size,
    keysOf: (profile: number) => keys.get(addressOf(profile)) ?? [],
    hang() {
      hanging = new Promise((resolve) => {
        recover = resolve;
      });
    },
    recover() {
      hanging = undefined;
      recover();
    },
    async ask(request: OutgoingRequest): Promise<Response> {
      const { email } = (await request.json()) as { email: string }; // as the example sends it
      keys.set(email, [...(keys.get(email) ?? []), String(request.headers.get("idempotency-key"))]);
      if (hanging === undefined) answered.push(email);
      await hanging;
      return new Response(null, { status: answers.shift() ?? 200 });
    },
    async hasAnswered(profiles: readonly number[]): Promise<void> {
      while (profiles.some((profile) => !answered.includes(addressOf(profile)))) await pause(20);
    },
  };
}
