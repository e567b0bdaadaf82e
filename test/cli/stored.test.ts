import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { freePort } from "../fixtures/free-port.ts";
import { makeSmallDisk } from "../fixtures/small-disk.ts";
import { runtimes } from "../inbox/children.ts";
import { startApp } from "./app.ts";
import { folder, jsonLines, run, startListening } from "./program.ts";

const dnsPort = String(await freePort());
const runtime = runtimes()[0]?.command ?? [];

function listen(file: string, ...words: readonly string[]) {
  return startListening(["--dns-port", dnsPort, "--no-inspector", "--inbox", join(folder, file), ...words], {
    runtime,
  });
}

function sendTo(url: string, ...words: readonly string[]) {
  return run(["send", ...words, "--to", url, "--dns-port", dnsPort]);
}

/** How many deliveries of each state an inbox has. */
async function stats(file: string): Promise<Record<string, unknown> | undefined> {
  return jsonLines((await run(["inbox", "stats", "--inbox", join(folder, file), "--json"], { runtime })).stdout)[0];
}

describe("listen --inbox", () => {
  test("delivers what waited for the app, in order, also after it was killed and started again", async () => {
    const port = await freePort();
    const words = ["--forward", `http://127.0.0.1:${port}`];
    const before = await listen("waited.db", ...words);
    for (const name of ["click", "profile.create", "open"]) expect((await sendTo(before.url, name)).exitCode).toBe(0);
    await before.stdout.line(/#1.*waits for the app/);
    await before.end("SIGKILL");

    const after = await listen("waited.db", ...words);
    expect((await sendTo(after.url, "bounce")).exitCode).toBe(0);
    const app = await startApp(Number(dnsPort), port);
    await after.stdout.line(/bounce.*app 200/);
    expect(app.events.map(({ name }) => name)).toEqual(["click", "profile.create", "open", "bounce"]);
    await after.stdout.line(/profile\.create +app 200 in \d+ ms signed anew/);
    await after.end();
    expect(await stats("waited.db")).toMatchObject({ completed: 4, available: 0, retryable: 0, running: 0 });
    await app.close();
  });

  test("stores what comes if there is no app yet, says so in the end, and hands it on in the order in which it came", async () => {
    const alone = await listen("alone.db");
    const names = ["click", "open", "bounce", "failure", "unsubscribe"];
    for (const name of names) await sendTo(alone.url, name);
    await alone.stdout.line(/#5.*verified {2}stored/);
    await alone.end();
    expect(alone.stderr.lines.join("\n")).toMatch(/Calls that wait in \S+alone\.db for the next listen: 5\./);
    const app = await startApp(Number(dnsPort));
    const listening = await listen("alone.db", "--forward", app.url);
    await listening.stdout.line(/#5.*app 200/);
    expect(app.events.map(({ name }) => name)).toEqual(names);
    await listening.end();
    await app.close();
  });

  test("hands calls to the app without storing them while the disk is full, and stores them again after that", async ({
    skip,
  }) => {
    const disk = makeSmallDisk(folder, 8);
    if (disk === undefined) return skip("no file system can be mounted here: be root");
    const app = await startApp(Number(dnsPort));
    try {
      const listening = await listen("disk/inbox.db", "--forward", app.url);
      expect((await sendTo(listening.url, "open")).exitCode).toBe(0);
      await listening.stdout.line(/#1.*app 200/);
      const makeSpace = disk.fill();
      expect((await sendTo(listening.url, "click", "--count", "3")).exitCode).toBe(0);
      await listening.stderr.line(/handed to the app without being stored until they can be/);
      await listening.stdout.line(/#4.*app 200/);
      makeSpace();
      expect((await sendTo(listening.url, "bounce")).exitCode).toBe(0);
      await listening.stdout.line(/#5.*app 200/);
      await listening.end();
      expect(app.events.map(({ name }) => name)).toEqual(["open", "click", "click", "click", "bounce"]);
      expect(await stats("disk/inbox.db")).toMatchObject({ completed: 2, available: 0, discarded: 0 });
    } finally {
      disk.remove();
      await app.close();
    }
  });

  test("tries again what fails, and gives up what the app refuses, with its words", async () => {
    let calls = 0;
    const server = createServer(async (incoming, response) => {
      let body = "";
      for await (const chunk of incoming) body += chunk;
      calls += 1;
      response.writeHead(body.includes("type=click") ? 422 : calls < 3 ? 500 : 200).end("That was I.");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo; // it listens at a port
    const listening = await listen("failing.db", "--forward", `http://127.0.0.1:${port}`, "--json");
    await sendTo(listening.url, "open");
    await listening.stdout.line(/"type":"attempt","number":1.*"status":200/);
    await sendTo(listening.url, "click");
    await listening.stdout.line(/"status":422/);
    await listening.end();
    server.close();
    expect(listening.stdout.lines.filter((line) => line.includes('"status":500'))).toHaveLength(2);
    const words = ["inbox", "list", "--inbox", join(folder, "failing.db"), "--json"];
    const [given, taken] = jsonLines((await run(words, { runtime })).stdout);
    expect([given, taken]).toMatchObject([
      { state: "discarded", attempt: 1 },
      { state: "completed", attempt: 3 },
    ]);
    const shown = await run(["inbox", "show", String(given?.deliveryId), "--inbox", join(folder, "failing.db")], {
      runtime,
    });
    expect(shown.stdout).toContain("app_refused: The app answered 422: That was I.");
  });

  test("stores a call once, and none that is not verified", async () => {
    const saved = join(folder, "twice.ndjson");
    const listening = await listen("twice.db", "--save", saved, "--account", "1234");
    await sendTo(listening.url, "click");
    await sendTo(listening.url, "click", "--account", "99");
    await listening.stdout.line(/#2.*not verified/);
    const [call] = jsonLines(readFileSync(saved, "utf8"));
    const status = await new Promise((resolve, reject) => {
      const headers = Object.fromEntries(call?.headers as [string, string][]); // as --save writes them
      request(listening.url, { method: "POST", headers, setHost: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end(Buffer.from(String(call?.body), "base64"));
    });
    expect(status).toBe(200);
    await listening.stdout.line(/#3.*verified {2}stored before/);
    await listening.end();
    expect(await stats("twice.db")).toMatchObject({ available: 1, discarded: 0 });
  });

  test("ends with 3 if the file can't be an inbox", async () => {
    const { exitCode, stderr } = await run(["listen", "--port", "0", "--inbox", "none/calls.db"], { runtime });
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining("its folder is not there")]);
  });
});
