import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import autocannon from "autocannon";
import { FORM, PATH_CALLED } from "./deliveries.js";
import { startServer } from "./processes.js";
import { median } from "./statistics.js";

export const CONNECTIONS = 32;
const WARM_UP_SECONDS = 2;
/** Long, so that a machine that pauses fails no run. */
const TIMEOUT_SECONDS = 20;
/** How often a server is tried until it listens, and what lies between. */
const ATTEMPTS = 200;
const ATTEMPT_MS = 50;

/** The servers that are put under load on each runtime: what http-server.js is told to do, and whether calls are signed. */
const SERVERS = {
  floor: { does: "floor", isSigned: false },
  ours: { does: "ours", isSigned: false },
  "signed floor": { does: "signed-floor", isSigned: true },
  "ours, signed": { does: "ours-signed", isSigned: true },
};

/** The floor of each server. */
const FLOOR_OF = { floor: "floor", ours: "floor", "signed floor": "signed floor", "ours, signed": "signed floor" };

/** What puts load on: wrk, which takes little of the machine itself, if it is installed. */
export const LOAD_TOOL = spawnSync("wrk", ["--version"]).error === undefined ? "wrk" : "autocannon";

/**
 * Puts load on the handler, on a runtime's own server, and on the same server with the least that has to be done, in turns.
 *
 * @param fixture What makeDeliveries made.
 * @param path The file that it was written to.
 * @returns For each server the median of the events per second, and of the ratio to its floor in the same turn.
 */
export async function measureHttp(runtime, fixture, path, { turns, seconds }) {
  const scripts = mkdtempSync(join(tmpdir(), "wrk-"));
  const servers = await Promise.all(
    Object.entries(SERVERS).map(async ([name, { does, isSigned }]) => ({
      name,
      load: makeLoad(fixture, isSigned, scripts),
      ...(await start(runtime, ["test/bench/http-server.js", does, path])),
    })),
  );
  const rates = Object.fromEntries(servers.map(({ name }) => [name, []]));
  try {
    for (const { port, load } of servers) await load(port, WARM_UP_SECONDS);
    for (let turn = 0; turn < turns; turn += 1) {
      for (const { name, port, load } of servers) rates[name].push(await load(port, seconds));
      servers.reverse();
    }
  } finally {
    await Promise.all(servers.map(({ stop }) => stop()));
    rmSync(scripts, { recursive: true });
  }
  return Object.fromEntries(
    Object.keys(SERVERS).map((name) => [
      name,
      {
        rate: median(rates[name]),
        ratio: median(rates[name].map((rate, turn) => rate / rates[FLOOR_OF[name]][turn])),
      },
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

/** Makes what sends events for some seconds, and resolves to how many a second were answered 200. */
function makeLoad({ body, deliveries }, isSigned, scripts) {
  const headersOfAll = isSigned ? deliveries.map(({ headers }) => headers) : [{ "content-type": FORM }];
  if (LOAD_TOOL === "autocannon") return (port, seconds) => loadWithAutocannon(port, headersOfAll, body, seconds);
  const script = join(scripts, `${isSigned ? "signed" : "unsigned"}.lua`);
  writeFileSync(script, luaScript(headersOfAll, body));
  return (port, seconds) => loadWithWrk(port, script, seconds);
}

/** Whole requests, made once; wrk asks for one after the other. */
function luaScript(headersOfAll, body) {
  const quote = (text) => `[==[${text}]==]`;
  const requests = headersOfAll.map((headers) => {
    const all = { host: "127.0.0.1:3000", "content-length": Buffer.byteLength(body), ...headers };
    const lines = Object.entries(all).map(([name, value]) => quote(`${name}: ${value}`));
    return `table.concat({${[quote(`POST ${PATH_CALLED} HTTP/1.1`), ...lines, '""', "body"].join(",")}}, "\\r\\n")`;
  });
  return [
    `local body = ${quote(body)}`,
    `local requests = {${requests.join(",\n")}}`,
    "local sent = 0",
    "function request() sent = sent % #requests + 1; return requests[sent] end",
    'function done(summary) local e = summary.errors; io.write(string.format("rate %f wrong %d\\n",',
    "  summary.requests / summary.duration * 1e6, e.connect + e.read + e.write + e.status + e.timeout)) end",
  ].join("\n");
}

function loadWithWrk(port, script, seconds) {
  const parameters = [
    "-t1",
    `--timeout=${TIMEOUT_SECONDS}s`,
    `-c${CONNECTIONS}`,
    `-d${seconds}s`,
    "-s",
    script,
    `http://127.0.0.1:${port}${PATH_CALLED}`,
  ];
  return new Promise((resolve, reject) => {
    const wrk = spawn("wrk", parameters, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    wrk.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    wrk.on("error", reject);
    wrk.on("close", () => {
      const [, rate, wrong] = /rate ([\d.]+) wrong (\d+)/.exec(output) ?? [];
      if (wrong === "0") resolve(Number(rate));
      else reject(new Error(`Port ${port}: not every event was answered 200.\n${output}`));
    });
  });
}

async function loadWithAutocannon(port, headersOfAll, body, seconds) {
  const { requests, duration, non2xx, errors, timeouts } = await autocannon({
    url: `http://127.0.0.1:${port}${PATH_CALLED}`,
    method: "POST",
    connections: CONNECTIONS,
    duration: seconds,
    timeout: TIMEOUT_SECONDS,
    requests: headersOfAll.map((headers) => ({ headers, body })),
  });
  if (non2xx + errors + timeouts > 0) throw new Error(`Port ${port}: not every event was answered 200.`);
  return requests.total / duration;
}
