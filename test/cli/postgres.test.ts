import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missingPostgres, type Postgres, startPostgres } from "../fixtures/postgres.ts";
import { callsThat, pause, type Runtime, readNotes, runtimes, startChild } from "../inbox/children.ts";
import { acceptedOf, startSending } from "../inbox/send.ts";
import { folder, jsonLines, type Run, root, run } from "./program.ts";

const [first] = runtimes() as [Runtime, ...Runtime[]]; // Bun is always there
const runtime = first.command;

if (missingPostgres !== undefined) console.warn(`${missingPostgres}: no inbox in Postgres is looked into.`);

describe.skipIf(missingPostgres !== undefined)("an inbox in Postgres", () => {
  let postgres: Postgres;
  const inbox = (command: string, ...words: readonly string[]): Promise<Run> => {
    return run(["inbox", command, "--inbox", postgres.url, ...words], { runtime });
  };

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.remove());

  test("needs pg-boss in the folder of its user, who is told how to get it", async () => {
    const { exitCode, stderr } = await run(["inbox", "stats", "--inbox", postgres.url]);
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining("npm install pg-boss")]);
  });

  test("is not made if it is not there", async () => {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    for (let time = 0; time < 2; time += 1) {
      const { exitCode, stdout, stderr } = await inbox("stats");
      expect([exitCode, stdout, stderr]).toEqual([
        3,
        "",
        expect.stringContaining("There is no inbox in this database"),
      ]);
    }
  });

  test("is looked at, replayed, given up and exported", async () => {
    const [file = "", ...words] = [...runtime, fileURLToPath(new URL("postgres-inbox.ts", import.meta.url))];
    execFileSync(file, [...words, postgres.url], { cwd: root });
    expect(jsonLines((await inbox("stats", "--json")).stdout)).toMatchObject([
      { available: 2, discarded: 1, running: 0 },
    ]);
    const listed = jsonLines((await inbox("list", "--json")).stdout);
    expect(listed.map(({ deliveryId, state }) => [deliveryId, state])).toEqual([
      ["d-3", "available"],
      ["d-2", "available"],
      ["d-1", "discarded"],
    ]);
    expect((await inbox("show", "d-1")).stdout).toMatch(/Error: No luck\./);
    expect((await inbox("replay", "d-1")).stdout).toBe("1 replayed.\n");
    expect((await inbox("discard", "--event", "open", "--yes")).stdout).toBe("1 discarded.\n");
    expect((await inbox("list", "--state", "discarded")).stdout).toMatch(/^\S+ {2}discarded {2}open .* d-2\n$/);
    const exported = jsonLines((await inbox("export", "--redact")).stdout);
    expect(exported.map(({ deliveryId }) => deliveryId)).toEqual(["d-1", "d-2", "d-3"]);
    const fixture = ["fixture", "d-3", "--format", "json"];
    const { stdout } = await run(fixture, { runtime, environment: { COPERNICA_INBOX: postgres.url } });
    expect(JSON.parse(stdout)).toEqual({ type: "bounce", parameters: { email: "sanne@example.com" } });
  });

  test("is looked at and replayed beside a server, which goes on and takes what is replayed", async () => {
    const [queue, log] = ["beside", join(folder, "beside.log")];
    const config = { path: queue, log, isServing: true, work: { mostMs: 2, failing: 0 } };
    const server = startChild({ ...first, postgres: postgres.url }, config);
    const { port } = await server.ready;
    const sender = startSending(port, { prefix: "n", profiles: 50, connections: 4, everyMs: 5 });
    const ended = (): Set<string> => callsThat("ended", readNotes(log));
    while (ended().size < 20) await pause(50);
    for (const words of [["--all"], ["--state", "completed"]]) {
      expect((await inbox("list", "--queue", queue, ...words)).exitCode).toBe(0);
    }
    for (const command of ["stats", "export"]) expect((await inbox(command, "--queue", queue)).exitCode).toBe(0);
    const [{ deliveryId } = {}] = jsonLines(
      (await inbox("list", "--queue", queue, "--state", "completed", "--json")).stdout,
    );
    expect((await inbox("replay", String(deliveryId), "--queue", queue)).stdout).toBe("1 replayed.\n");
    const isReplayed = (): boolean => {
      const calls = readNotes(log).flatMap(({ what, call }) => (what === "ended" ? [call] : []));
      return calls.length > new Set(calls).size;
    };
    while (!isReplayed()) await pause(50);
    const before = ended().size;
    while (ended().size < before + 20) await pause(50); // it goes on
    server.kill("SIGKILL");
    await server.ended;
    await sender.done;
    expect(acceptedOf(sender).refused).toBe(0);
  });

  test("is found by its name, and only if that is an inbox's", async () => {
    const { exitCode, stderr } = await inbox("list", "--queue", "other");
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('There is no inbox "other"')]);
    const nowhere = await inbox("list", "--schema", "nowhere");
    expect([nowhere.exitCode, nowhere.stderr]).toEqual([3, expect.stringContaining("schema nowhere has no tables")]);
    expect((await inbox("stats", "--queue", "no such name")).exitCode).toBe(2);
  });

  test("that can't be reached ends with 3", async () => {
    const { exitCode, stderr } = await run(["inbox", "stats", "--inbox", "postgres://127.0.0.1:1/x"], { runtime });
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining("nothing listens there")]);
  });
});

test("a password on the command line is refused, and names of Postgres are for Postgres alone", async () => {
  const url = "postgres://user:secret@127.0.0.1/x";
  const { exitCode, stderr } = await run(["inbox", "stats", "--inbox", url], { runtime });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("COPERNICA_INBOX")]);
  expect(stderr).not.toContain("secret");
  const named = await run(["inbox", "stats", "--inbox", "inbox.db", "--queue", "x"], { runtime });
  expect([named.exitCode, named.stderr]).toEqual([2, expect.stringContaining("for an inbox in Postgres")]);
});
