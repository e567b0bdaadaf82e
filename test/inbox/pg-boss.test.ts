import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request as httpRequest, type Server } from "node:http";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestCopernica, samples } from "../../src/testing.ts";
import { listen, type Started, start } from "../deliveries/processes.ts";
import { type DnsServer, startDnsServer } from "../dns/server.ts";
import { makeFolder } from "../fixtures/files.ts";
import { missingPostgres, type Postgres, startPostgres } from "../fixtures/postgres.ts";
import { type Runtime, runtimes } from "./children.ts";
import type { ContractReport } from "./contract.ts";
import { loseServer } from "./faults.ts";
import { killAgainAndAgain } from "./kill.ts";
import { keepOrder } from "./order.ts";
import { POISON_ATTEMPTS, workThroughPoison } from "./poison.ts";
import { receiveTwice, standStill } from "./sharing.ts";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

/** Why nothing can be tested here; undefined if it can. */
const missing =
  major < 22 || (major === 22 && minor < 12)
    ? "pg-boss needs Node 22.12 or newer: npm run test:inbox runs these tests with one"
    : missingPostgres;

describe.runIf(missing)("processes that share an inbox on Postgres", () => {
  test("are tested where it is", ({ skip }) => skip(missing));
});

describe.skipIf(missing)("processes that share an inbox on Postgres", () => {
  let postgres: Postgres;
  let folder: ReturnType<typeof makeFolder>;
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => folder.remove());
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.remove());

  describe.each(runtimes())("on $name", (runtime) => {
    test("do all that a store of inboxes must do", async () => {
      const { passed, failed } = await runContract(runtime, postgres.url);
      expect(failed).toEqual([]);
      expect(passed).toBeGreaterThan(20);
    });
  });

  describe("on Node", () => {
    const runtime = (): Runtime => ({ name: "Node", command: [process.execPath], postgres: postgres.url });

    test("lose nothing that was answered for, and do nothing twice but what was being done, however often they are killed", async () => {
      const { answered, lost, twice } = await killAgainAndAgain(runtime(), folder.root, 4, 1_500);
      expect(answered).toBeGreaterThan(10);
      expect({ lost, twice }).toEqual({ lost: [], twice: [] });
    });

    test("run callbacks at once while the server is away, and store deliveries again after that", async () => {
      const { ranAtOnce, hasResumed, lost } = await loseServer(runtime(), folder.root, postgres, 1_500);
      expect(ranAtOnce).toBeGreaterThan(0);
      expect({ hasResumed, lost }).toEqual({ hasResumed: true, lost: 0 });
    });

    test("keep the order of each profile while they are killed and attempts fail, and never work on one twice at once", async () => {
      const settings = { total: 2_000, profiles: 40, killEveryMs: 1_000, mostKills: 8 };
      const { kills, ...report } = await keepOrder(runtime(), folder.root, settings);
      expect(kills).toBeGreaterThan(0);
      expect(report).toMatchObject({ stored: 2_000, inverted: [], overlapping: [], unsettled: 0 });
      expect(report.completed + report.discarded).toBe(2_000);
    });

    test.each(["throw", "exit"] as const)(
      "give a delivery whose callback does harm (%s) its attempts, and go on with others",
      async (poison) => {
        const { restarts, ...report } = await workThroughPoison(runtime(), folder.root, poison, 100);
        expect(report).toEqual({
          attempts: Array.from({ length: POISON_ATTEMPTS }, (_, index) => index + 1),
          completed: 100,
          discarded: 1,
        });
        expect(restarts).toBe(poison === "exit" ? POISON_ATTEMPTS : 0);
      },
    );

    test("store a delivery once that comes to both at once", async () => {
      const report = await receiveTwice(runtime(), folder.root, 500);
      expect(report).toEqual({ calls: 500, answeredTwice: 500, stored: 500, duplicates: 500, completed: 500 });
    });

    test("take over from one that stands still for longer than its lease, which then changes nothing", async () => {
      const { pids, ...report } = await standStill(runtime(), folder.root);
      expect(new Set(pids).size).toBe(2);
      expect(report).toEqual({ completed: 1, attempts: [1, 2] });
    });
  });
});

describe.skipIf(missing)("examples/inbox-pg-boss.ts", () => {
  let postgres: Postgres;
  let dnsServer: DnsServer;
  let crm: Server;
  /** The keys that each profile was sent to the CRM with. */
  const asked = new Map<string, string[]>();
  beforeAll(async () => {
    postgres = await startPostgres();
    dnsServer = await startDnsServer();
    crm = createServer((request, response) => {
      const profile = request.url?.split("/").at(-1) ?? "";
      asked.set(profile, [...(asked.get(profile) ?? []), String(request.headers["idempotency-key"])]);
      setTimeout(() => response.writeHead(200).end(), 50);
    });
  });
  afterAll(async () => {
    crm?.close();
    await dnsServer?.close();
    postgres?.remove();
  });

  test("works through all that two receivers answered 200, with two workers, one of which is deployed meanwhile", async () => {
    const copernica = await createTestCopernica();
    dnsServer.zone.set(copernica.keyId, copernica.records);
    const environment = {
      PORT: "0",
      COPERNICA_ACCOUNT: `account_${copernica.account}`,
      CRM_URL: `http://127.0.0.1:${await listen(crm)}`,
      DATABASE_URL: postgres.url,
      TEST_DNS_SERVER: dnsServer.address,
    };
    const preload = fileURLToPath(new URL("../deliveries/preload.ts", import.meta.url));
    const startRole = (role: string): Promise<Started> =>
      start(
        process.execPath,
        ["--import", "tsx", "--import", preload, "examples/inbox-pg-boss.ts", role],
        /Working|listening.*?[ :](\d{2,5})\b/i,
        environment,
      );
    const [one, other, worker, leaving] = await Promise.all(["receive", "receive", "work", "work"].map(startRole));
    if (one === undefined || other === undefined || worker === undefined || leaving === undefined)
      throw new Error("Four processes should have started.");
    try {
      const send = async (profile: number): Promise<number | undefined> => {
        const { ready } = profile % 2 === 0 ? one : other;
        return await sendAsItIs(await copernica.request({ ...samples["profile.create"], profile }), Number(ready[1]));
      };
      const profiles = Array.from({ length: 200 }, (_, index) => index + 1);
      const answers = Promise.all(profiles.map(send));
      while (asked.size < 20) await pause(20);
      expect(await leaving.terminate()).toBe(0);
      expect(new Set(await answers)).toEqual(new Set([200]));
      while (asked.size < profiles.length) await pause(50);
      expect([...asked].filter(([, keys]) => keys.length > 1)).toEqual([]);
      expect(await worker.terminate()).toBe(0);
      expect(await Promise.all([one.terminate(), other.terminate()])).toEqual([0, 0]);
    } finally {
      await Promise.all([one, other, worker, leaving].map((started) => started.kill()));
    }
  });
});

/** Sends a request to a port of this machine, its Host included, which is signed; resolves to the status. */
async function sendAsItIs(request: Request, port: number): Promise<number | undefined> {
  const body = new Uint8Array(await request.arrayBuffer());
  const headers = Object.fromEntries(request.headers);
  const options = { host: "127.0.0.1", port, method: "POST", path: new URL(request.url).pathname, headers };
  return await new Promise((resolve, reject) => {
    httpRequest(options, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    })
      .on("error", reject)
      .end(body);
  });
}

async function runContract({ command: [file = "", ...parameters] }: Runtime, url: string): Promise<ContractReport> {
  const script = fileURLToPath(new URL("contract.ts", import.meta.url));
  const child = spawn(file, [...parameters, script, url], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await once(child, "close");
  return JSON.parse(output);
}
