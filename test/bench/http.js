import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";
import autocannon from "autocannon";
import { FORM, PATH_CALLED } from "./deliveries.js";
import { startServer } from "./processes.js";
import { median } from "./statistics.js";

const CONNECTIONS = 32;
const WARM_UP_SECONDS = 2;
/** How often a server is tried until it listens, and what lies between. */
const ATTEMPTS = 200;
const ATTEMPT_MS = 50;

/** The servers that are put under load on each runtime. */
const SERVERS = {
  text: () => ["test/bench/reading-server.js", "text"],
  chunks: () => ["test/bench/reading-server.js", "chunks"],
  variables: () => ["test/bench/reading-server.js", "variables"],
  example: (runtime) => [`examples/${runtime}.ts`],
};

/**
 * Puts load on the example of a runtime, and on the same server with a handler that only reads the body, in turns.
 *
 * @returns For each the median of the events per second, and of the ratio to the server that only reads the body's text in
 * the same turn.
 */
export async function measureHttp(runtime, body, { turns, seconds }) {
  const servers = await Promise.all(
    Object.entries(SERVERS).map(async ([name, command]) => ({ name, ...(await start(runtime, command(runtime))) })),
  );
  const rates = Object.fromEntries(servers.map(({ name }) => [name, []]));
  try {
    for (const { port } of servers) await load(port, body, WARM_UP_SECONDS);
    for (let turn = 0; turn < turns; turn += 1) {
      for (const { name, port } of servers) rates[name].push(await load(port, body, seconds));
      servers.reverse();
    }
  } finally {
    await Promise.all(servers.map(({ stop }) => stop()));
  }
  return Object.fromEntries(
    Object.keys(SERVERS).map((name) => [
      name,
      { rate: median(rates[name]), ratio: median(rates[name].map((rate, turn) => rate / rates.text[turn])) },
    ]),
  );
}

async function start(runtime, command) {
  const port = await freePort();
  const stop = startServer(runtime, command, port);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const response = await fetch(`http://127.0.0.1:${port}${PATH_CALLED}`, { method: "POST" }).catch(() => undefined);
    if (response !== undefined) return { port, stop };
    await setTimeout(ATTEMPT_MS);
  }
  await stop();
  throw new Error(`${runtime} ${command.join(" ")} does not listen.`);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Sends events for some seconds; resolves to how many a second were answered. */
async function load(port, body, seconds) {
  const { requests, duration, non2xx, errors, timeouts } = await autocannon({
    url: `http://127.0.0.1:${port}${PATH_CALLED}`,
    method: "POST",
    headers: { "content-type": FORM },
    body,
    connections: CONNECTIONS,
    duration: seconds,
  });
  if (non2xx + errors + timeouts > 0) throw new Error(`Port ${port}: not every event was answered 200.`);
  return requests.total / duration;
}
