import { spawnSync } from "node:child_process";
import { createServer, request as httpRequest, type Server, type ServerResponse } from "node:http";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestCopernica, samples } from "../../src/testing.ts";
import { type DnsServer, startDnsServer } from "../dns/server.ts";
import { freePort } from "../fixtures/free-port.ts";
import { listen, type Started, start } from "./processes.ts";

const isInstalled = spawnSync("redis-server", ["--version"]).error === undefined;

test.skipIf(isInstalled)("processes that share their store of deliveries on Redis", ({ skip }) => {
  skip("redis-server is not installed: on Debian, apt install redis-server");
});

/** What the system that the callbacks call does, and what it saw, by profile. */
interface Work {
  runs: number;
  running: number;
  mostAtOnce: number;
  /** What is to happen: how long it takes, and the status; forever, where it hangs. */
  behave: (run: number) => { readonly milliseconds: number; readonly status?: number } | "hang";
}

describe.runIf(isInstalled)("processes that share their store of deliveries on Redis", () => {
  const works = new Map<string, Work>();
  let crm: Server;
  let dnsServer: DnsServer;
  let redisPort: number;
  let redisServer: Started;
  let copernica: Awaited<ReturnType<typeof createTestCopernica>>;
  let startReceiver: () => Promise<Started>;
  let receivers: Started[];

  beforeAll(async () => {
    copernica = await createTestCopernica();
    dnsServer = await startDnsServer();
    dnsServer.zone.set(copernica.keyId, copernica.records);
    crm = createServer((request, response) => serveCrm(request.url ?? "", response));
    const crmPort = await listen(crm);
    redisPort = await freePort();
    redisServer = await startRedis();
    const loaded = ["--import", "tsx", "--import", fileURLToPath(new URL("preload.ts", import.meta.url))];
    startReceiver = () =>
      start(process.execPath, [...loaded, "examples/redis.ts"], /listening.*?[ :](\d{2,5})\b/i, {
        PORT: "0",
        COPERNICA_ACCOUNT: `account_${copernica.account}`,
        CRM_URL: `http://127.0.0.1:${crmPort}`,
        REDIS_URL: `redis://127.0.0.1:${redisPort}`,
        TEST_DNS_SERVER: dnsServer.address,
      });
    receivers = await Promise.all([startReceiver(), startReceiver()]);
  });

  afterAll(async () => {
    await Promise.all(receivers.map((receiver) => receiver.kill()));
    await redisServer.kill();
    await dnsServer.close();
    crm.closeAllConnections();
    crm.close();
  });

  /** Starts Redis without persistence. */
  async function startRedis(): Promise<Started> {
    const parameters = ["--port", String(redisPort), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    return await start("redis-server", parameters, /Ready to accept connections/);
  }

  function serveCrm(url: string, response: ServerResponse): void {
    const work = works.get(url);
    if (work === undefined) {
      response.writeHead(404).end();
      return;
    }
    work.runs += 1;
    work.running += 1;
    work.mostAtOnce = Math.max(work.mostAtOnce, work.running);
    response.once("close", () => {
      work.running -= 1;
    });
    const behavior = work.behave(work.runs);
    if (behavior === "hang") return;
    setTimeout(() => response.writeHead(behavior.status ?? 200).end(), behavior.milliseconds);
  }

  let profiles = 0;

  /** Makes an event of a profile of its own, and what its callback is to meet. */
  async function makeDelivery(behave: Work["behave"]): Promise<{ work: Work; request: Request }> {
    profiles += 1;
    const work: Work = { runs: 0, running: 0, mostAtOnce: 0, behave };
    works.set(`/profiles/${profiles}`, work);
    return { work, request: await copernica.request({ ...samples["profile.create"], profile: profiles }) };
  }

  /** Sends a request to a receiver as it is, its Host included; resolves to the status, and the code where there is one. */
  async function send(receiver: Started | undefined, request: Request): Promise<string> {
    const body = new Uint8Array(await request.clone().arrayBuffer());
    const { pathname: path } = new URL(request.url);
    const headers = Object.fromEntries(request.headers);
    return await new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: Number(receiver?.ready[1]), method: "POST", path, headers };
      httpRequest(options, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (piece: string) => {
          text += piece;
        });
        response.on("end", () => {
          const code = text === "" ? "" : ` ${JSON.parse(text).code}`;
          resolve(`${response.statusCode}${code}`);
        });
      })
        .on("error", reject)
        .end(body);
    });
  }

  test("never run the callbacks of a delivery twice at once, and once in total, however often it comes to both", async () => {
    const deliveries = await Promise.all(
      Array.from({ length: 50 }, (_, index) => makeDelivery(() => ({ milliseconds: (index * 7) % 40 }))),
    );
    const answers = await Promise.all(
      deliveries.flatMap(({ request }) => Array.from({ length: 8 }, (_, index) => send(receivers[index % 2], request))),
    );
    expect(answers).toHaveLength(400);
    expect(new Set(answers)).toEqual(new Set(["200", "409 delivery_in_progress"]));
    for (const { work } of deliveries) expect(work).toMatchObject({ runs: 1, running: 0, mostAtOnce: 1 });

    const replays = await Promise.all(
      deliveries.flatMap(({ request }) => receivers.map((receiver) => send(receiver, request))),
    );
    expect(new Set(replays)).toEqual(new Set(["200"]));
    expect(deliveries.reduce((runs, { work }) => runs + work.runs, 0)).toBe(50);
  });

  test("run them again if they failed, one at a time, until they succeed", async () => {
    const { work, request } = await makeDelivery((run) => ({ milliseconds: 5, status: run < 4 ? 500 : 200 }));
    const answers: string[] = [];
    while (!answers.includes("200")) {
      answers.push(...(await Promise.all(receivers.map((receiver) => send(receiver, request)))));
    }
    expect(answers.filter((answer) => answer === "500 callback_failed")).toHaveLength(3);
    expect(await send(receivers[0], request)).toBe("200");
    expect(work).toMatchObject({ runs: 4, running: 0, mostAtOnce: 1 });
  });

  test("answer 409 for what a process was at that was killed, until its claim expires, and then run it", async () => {
    const { work, request } = await makeDelivery((run) => (run === 1 ? "hang" : { milliseconds: 5 }));
    const doomed = await startReceiver();
    const lost = send(doomed, request).catch(() => "no answer");
    await expect.poll(() => work.running).toBe(1);
    await doomed.kill();
    expect(await lost).toBe("no answer");
    await expect.poll(() => work.running).toBe(0);
    for (let time = 0; time < 5; time += 1) {
      for (const receiver of receivers) expect(await send(receiver, request)).toBe("409 delivery_in_progress");
    }

    const redis = createClient({ url: `redis://127.0.0.1:${redisPort}` });
    await redis.connect();
    const running: string[] = [];
    for (const key of await redis.keys("*")) if ((await redis.get(key)) === "running") running.push(key);
    const [claim = ""] = running;
    expect(running).toEqual([claim]);
    const lifetime = await redis.pTTL(claim);
    expect(lifetime).toBeGreaterThan(600_000);
    expect(lifetime).toBeLessThanOrEqual(660_000);
    await redis.pExpire(claim, 1); // what is left of its life goes by
    await expect.poll(() => redis.exists(claim)).toBe(0);
    await redis.close();

    const answers = await Promise.all(receivers.map((receiver) => send(receiver, request)));
    expect(answers).toContain("200");
    expect(await send(receivers[1], request)).toBe("200");
    expect(work).toMatchObject({ runs: 2, running: 0, mostAtOnce: 1 });
  });

  test("answer 503 and run nothing while Redis is away, and go on when it is back", async () => {
    const { work, request } = await makeDelivery(() => ({ milliseconds: 0 }));
    await redisServer.kill();
    for (const receiver of receivers) expect(await send(receiver, request)).toBe("503 deliveries_unavailable");
    expect(work.runs).toBe(0);
    redisServer = await startRedis();
    await expect.poll(() => send(receivers[0], request), { timeout: 30_000, interval: 100 }).toBe("200");
    await expect.poll(() => send(receivers[1], request), { timeout: 30_000, interval: 100 }).toBe("200");
    expect(work).toMatchObject({ runs: 1, mostAtOnce: 1 });
  });
});
