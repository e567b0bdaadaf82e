import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { makeDeliveries, PATH_CALLED } from "./deliveries.js";
import { median } from "./statistics.js";

const CONNECTIONS = 64;
/** How many calls warm a server up, and how many are timed then: over all connections, and over a single one. */
const CALLS = { warmUp: 3_000, together: 6_000, single: 400 };
/** The fields of an event whose body is of 1.4 KB. */
const FIELDS = 20;

/** What a server does with a delivery: store and work through it, store it only, or have no inbox. */
const SERVERS = ["stored", "received", "plain"];

/**
 * Sends the same signed calls to servers with an inbox and without one, in turns, each to a process and a file of its own.
 *
 * @param command How the runtime is started.
 * @returns The calls answered per second over 64 connections, and the median time of one over a single connection, each as
 *   the median of the turns; and how they compare with no inbox, as the median of the comparisons within a turn.
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
      order.reverse();
    }
    const middle = (pick) => median(measured.map(pick));
    const figures = {};
    for (const does of SERVERS) {
      figures[does] = { perSecond: Math.round(middle((turn) => turn[does].perSecond)), singleMs: round(middle((turn) => turn[does].singleMs)) };
      if (does === "plain") continue;
      figures[does].toPlain = round(middle((turn) => turn[does].perSecond / turn.plain.perSecond));
      figures[does].singleMoreMs = round(middle((turn) => turn[does].singleMs - turn.plain.singleMs));
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
  try {
    const port = Number((await output.next()).value);
    const { warmUp, together } = CALLS;
    await send(port, calls.slice(0, warmUp), CONNECTIONS);
    const began = performance.now();
    await send(port, calls.slice(warmUp, warmUp + together), CONNECTIONS);
    const perSecond = together / ((performance.now() - began) / 1_000);
    const times = await send(port, calls.slice(warmUp + together), 1);
    if (does !== "plain") {
      server.stdin.write("\n");
      const stored = Number((await output.next()).value);
      if (stored !== calls.length) throw new Error(`${stored} of ${calls.length} deliveries were stored.`);
    }
    return { perSecond, singleMs: median(times) };
  } finally {
    server.kill("SIGKILL");
    await once(server, "exit");
  }
}

/** Sends calls over some connections, each the next one after an answer; resolves to how long each took, in milliseconds. */
async function send(port, calls, connections) {
  const times = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      await once(socket, "connect");
      const answers = socket[Symbol.asyncIterator]();
      while (next < calls.length) {
        const call = calls[next++];
        const began = performance.now();
        socket.write(call);
        // An answer without a body comes in one piece, or all but at once.
        let answer = "";
        while (!answer.includes("\r\n\r\n")) answer += (await answers.next()).value.latin1Slice();
        if (!answer.startsWith("HTTP/1.1 200")) throw new Error(`A call was answered:\n${answer}`);
        times.push(performance.now() - began);
      }
      socket.destroy();
    }),
  );
  return times;
}

function round(number) {
  return Math.round(number * 100) / 100;
}
