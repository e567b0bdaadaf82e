/**
 * The receiver of the soak, on whichever runtime runs it. Its callback appends the number of each event to the tally, a file,
 * before the event is answered; what is written there outlives the process.
 */
import { openSync, writeSync } from "node:fs";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { createWebhookHandler } from "../../src/index.ts";
import type { TxtRecords } from "../../src/testing.ts";

/** What a runtime's own server is called with here. */
interface ServerOptions {
  readonly hostname: string;
  readonly port: number;
}

interface Runtime {
  readonly Bun?: {
    serve(options: ServerOptions & { readonly fetch: (request: Request) => Promise<Response> }): unknown;
  };
  readonly Deno?: {
    serve(
      options: ServerOptions & { readonly onListen: () => void },
      handler: (request: Request) => Promise<Response>,
    ): unknown;
  };
}

/** Of each so many events, the callback of one takes some time, in milliseconds. */
const SLOW = 8;
const SLOW_MS = 5;

const [, , port = "", tallyPath = "", records = ""] = process.argv;
const tally = openSync(tallyPath, "a");

const handler = createWebhookHandler({
  account: 1234,
  path: "/webhooks/copernica",
  verify: {
    async resolveTxt() {
      return JSON.parse(records) as TxtRecords; // as the sender wrote them
    },
  },
  onProfileCreate: (event) => take(event.profile, event.parameters),
  onSubprofileCreate: (event) => take(event.subprofile, event.parameters),
  onError() {},
  onWarning(message) {
    // That is what the sender's altered bodies come to, for each process that is started again.
    if (!message.startsWith("The Digest is not that of the body.")) console.warn(message);
  },
});

async function take(number: number, parameters: { readonly outcome?: unknown }): Promise<void> {
  if (parameters.outcome === "fail") throw new Error("The sender asked this callback to fail.");
  writeSync(tally, `${number}\n`);
  // So that a kill also finds events that are seen and not answered.
  if (number % SLOW === 0) await pause(SLOW_MS);
}

const { Bun, Deno } = globalThis as Runtime; // each is there on its own runtime alone
const options: ServerOptions = { hostname: "127.0.0.1", port: Number(port) };
if (Bun !== undefined) {
  Bun.serve({ ...options, fetch: handler });
} else if (Deno !== undefined) {
  Deno.serve({ ...options, onListen() {} }, handler);
} else {
  const { serve } = await import("srvx/node");
  serve({ ...options, fetch: handler, silent: true });
}
