import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { freePort } from "../fixtures/free-port.ts";
import { startApp } from "./app.ts";
import { folder, jsonLines, run, startListening } from "./program.ts";

const dnsPort = String(await freePort());

function listen(...words: readonly string[]) {
  return startListening(["--dns-port", dnsPort, ...words]);
}

function sendTo(url: string, ...words: readonly string[]) {
  return run(["send", ...words, "--to", url, "--dns-port", dnsPort]);
}

describe("listen", () => {
  test("shows each call in a line: its number, event and ids, and that it is verified", async () => {
    const listening = await listen("--account", "1234");
    expect((await sendTo(listening.url, "subprofile.create")).exitCode).toBe(0);
    const line = await listening.stdout.line(/#1/);
    expect(line).toMatch(
      /^\d\d:\d\d:\d\d {2}#1 {2}subprofile\.create +profile 4211 {2}subprofile 90017 {2}database 12 {2}collection 3 {2}verified$/,
    );
    expect(await listening.end()).toBe(130);
  });

  test("says of a call that is not Copernica's why not, and answers 401", async () => {
    const listening = await listen("--account", "99");
    const { exitCode, stdout } = await sendTo(listening.url, "click");
    expect([exitCode, stdout.includes("401")]).toEqual([1, true]);
    await listening.stdout.line(/not verified: account/);
    await listening.stdout.line(/account: The call is for account 1234, the receiver for 99\./);
    await listening.end();
  });

  test("shows the faults of an event beneath it, and no character that moves the cursor", async () => {
    const listening = await listen();
    await sendTo(listening.url, "profile.create", "--set", "profile=\u001b[2J", "--set", "created=never");
    await listening.stdout.line(/profile must be a positive whole number, got text of 4 characters/);
    await listening.stdout.line(/created must be a time/);
    expect(listening.stdout.lines.join("")).not.toContain("\u001b");
    await listening.end();
  });

  test("prints JSON from which the call can be verified at any time later, with the key of that time", async () => {
    const listening = await listen("--json");
    await sendTo(listening.url, "profile.create");
    const ready = JSON.parse(await listening.stdout.line(/./));
    expect(ready).toMatchObject({ type: "ready" });
    const call = await listening.stdout.line(/"type":"call"/);
    expect(JSON.parse(call)).toMatchObject({ number: 1, event: "profile.create", verified: true, method: "POST" });
    await listening.end();
    await run(["keys", "rotate"]);
    const { exitCode, stdout } = await run(["verify", "-"], { input: call });
    expect(stdout).toMatch(/Verified\.\n$/);
    expect(exitCode).toBe(0);
  });

  test("hands calls to the app byte for byte with their Host, shows its answer, and gives it", async () => {
    const app = await startApp(Number(dnsPort));
    const listening = await listen("--forward", new URL("/", app.url).href);
    const { exitCode } = await sendTo(listening.url, "click", "--public-url", "https://hooks.example.com/copernica");
    expect(exitCode).toBe(0);
    expect(app.hosts.at(-1)).toBe("hooks.example.com");
    await listening.stdout.line(/#1.*app 200 in \d+ ms/);
    const refused = await sendTo(listening.url, "profile.create", "--set", "profile=x");
    expect(refused.stdout).toContain("invalid_event");
    await listening.stdout.line(/app: invalid_event/);
    await listening.end();
    await app.close();
  });

  test("delivers what came while the app was away, in order", async () => {
    const port = await freePort();
    const listening = await listen("--forward", `http://127.0.0.1:${port}`);
    for (const name of ["click", "open"]) expect((await sendTo(listening.url, name)).exitCode).toBe(0);
    await listening.stdout.line(/#2.*waits for the app/);
    const app = await startApp(Number(dnsPort), port);
    await listening.stdout.line(/#2.*app 200/);
    expect(app.events.map(({ name }) => name)).toEqual(["click", "open"]);
    await listening.end();
    await app.close();
  });

  test("says so if calls still wait when it ends", async () => {
    const listening = await listen("--forward", `http://127.0.0.1:${await freePort()}`);
    await sendTo(listening.url, "click");
    await listening.stdout.line(/waits for the app/);
    await listening.end();
    expect(listening.stderr.lines.join("\n")).toContain("Calls that still waited for the app, and are lost: 1.");
  });

  test("tells a stranger neither the account nor what was wrong", async () => {
    const listening = await listen("--account", "987654");
    const answer = await fetch(listening.url, {
      method: "POST",
      headers: { "x-copernica-id": "account_1" },
      body: "a=1",
    });
    expect(answer.status).toBe(401);
    expect(await answer.text()).not.toMatch(/987654|account|header/);
    expect((await fetch(listening.url)).status).toBe(405);
    await listening.end();
  });

  test("goes on after nonsense", async () => {
    const app = await startApp(Number(dnsPort));
    const listening = await listen("--forward", new URL("/", app.url).href);
    const port = Number(new URL(listening.url).port);
    const requests = [
      "POST http://[ HTTP/1.1\r\nHost: [\r\nContent-Length: 1\r\n\r\na",
      "POST // HTTP/1.1\r\nHost: a b\r\n__proto__: x\r\nContent-Length: 1\r\n\r\n%",
      `POST /\u00ff HTTP/1.1\r\nHost: x\r\nX: \u00ff\u0080\r\nContent-Length: 5\r\n\r\na[b=1`,
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf",
      "nonsense\r\n\r\n",
    ];
    for (const request of requests) {
      await new Promise<void>((resolve) => {
        const socket = connect(port, "127.0.0.1", () => socket.end(request, "latin1"));
        socket.on("data", () => {}).on("error", () => {});
        socket.on("close", () => resolve());
      });
    }
    expect((await sendTo(listening.url, "click")).exitCode).toBe(0);
    await listening.stdout.line(/click.*verified.*app 200/);
    expect(await listening.end()).toBe(130);
    await app.close();
  });

  test("with --sign signs anew what is verified, and never what is not", async () => {
    const app = await startApp(Number(dnsPort));
    const listening = await listen("--sign", "--forward", app.url);
    await sendTo(listening.url, "click");
    await listening.stdout.line(/app 200 in \d+ ms signed anew/);
    const forged = await fetch(listening.url, { method: "POST", body: "type=click" });
    expect(forged.status).toBe(401);
    await listening.stdout.line(/#2.*not verified/);
    expect(app.events.length).toBe(1);
    await listening.end();
    await app.close();
  });

  test("shows and forwards only what fits --event and --where", async () => {
    const listening = await listen(
      "--json",
      "--event",
      "profile.create",
      "--where",
      "fields.email~=EXAMPLE.org",
      "--where",
      "database!=1",
    );
    await sendTo(listening.url, "click");
    await sendTo(listening.url, "profile.create");
    await sendTo(listening.url, "profile.create", "--set", "fields.email=me@example.org", "--set", "database=1");
    await sendTo(listening.url, "profile.create", "--set", "fields.email=me@example.org");
    const call = JSON.parse(await listening.stdout.line(/"type":"call"/));
    expect(call.variables.fields.email).toBe("me@example.org");
    expect(call.variables.database).toBe("12");
    await listening.end();
    expect(listening.stdout.lines.length).toBe(2);
  });

  test("hides personal data with --redact", async () => {
    const listening = await listen("--json", "--redact");
    await sendTo(listening.url, "profile.create");
    const line = await listening.stdout.line(/"type":"call"/);
    expect(line).not.toMatch(/sanne|Sanne|Den Haag|1992/);
    expect(JSON.parse(line)).toMatchObject({
      variables: { profile: "4211", fields: { email: "redacted@example.com" } },
    });
    expect(JSON.parse(line).body).toBeUndefined();
    await listening.end();
  });

  test("saves calls in a file that only its owner can read", async () => {
    const file = join(folder, "calls.ndjson");
    const listening = await listen("--save", file);
    await sendTo(listening.url, "all");
    await listening.stdout.line(/#13/);
    await listening.end();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(jsonLines(readFileSync(file, "utf8")).length).toBe(13);
    expect((await run(["verify", file])).exitCode).toBe(0);
  });

  test("goes on to receive when the disk is full, and ends with 3", async () => {
    const listening = await listen("--save", "/dev/full");
    await sendTo(listening.url, "click");
    await listening.stderr.line(/the disk is full\. Calls are no longer saved\./);
    expect((await sendTo(listening.url, "click")).exitCode).toBe(0);
    await listening.stdout.line(/#2/);
    await listening.end();
  });

  test("ends with 3 if its port is taken", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo; // it listens at a port
    const { exitCode, stderr } = await run(["listen", "--port", String(port)]);
    other.close();
    expect([exitCode, stderr.includes("another program listens there")]).toEqual([3, true]);
  });

  test("takes 10,000 events", async () => {
    const listening = await listen("--json");
    const { exitCode } = await sendTo(listening.url, "click", "--count", "10000", "--concurrency", "50", "-q");
    expect(exitCode).toBe(0);
    await listening.stdout.line(/"number":10000,/);
    await listening.end();
    expect(listening.stdout.lines.filter((line) => line.includes('"verified":true')).length).toBe(10_000);
  });
});
