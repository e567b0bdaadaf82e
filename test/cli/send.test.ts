import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { freePort } from "../fixtures/free-port.ts";
import { appForTests, startApp, startTrustingApp } from "./app.ts";
import { folder, jsonLines, run, runOn } from "./program.ts";

const { app, dnsPort } = await appForTests();

/** Sends to the app, with a port of this suite for the key. */
function send(...words: readonly string[]) {
  return run(["send", ...words, "--to", app.url, "--dns-port", dnsPort]);
}

describe("send", () => {
  test("sends an event that the app takes for Copernica's, with a line for its answer", async () => {
    const { exitCode, stdout } = await send("profile.create");
    expect(stdout).toMatch(/^ {2}1 {2}profile\.create +200 {2}[\d.]+ ms\n$/);
    expect(exitCode).toBe(0);
    expect(app.events.at(-1)?.name).toBe("profile.create");
  });

  test("sends every event there is", async () => {
    const before = app.events.length;
    const { exitCode, stdout } = await send("all");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("13 of 13 accepted");
    expect(new Set(app.events.slice(before).map(({ name }) => name)).size).toBe(13);
  });

  test("sets variables, whatever their keys, with the number of the call in them", async () => {
    const set = ["fields.email=me{n}@example.com", "fields[e.mail]=x=y", "fields.__proto__=z", "interests.new one=1"];
    await send("profile.create", "--count", "2", "--concurrency", "1", ...set.flatMap((value) => ["--set", value]));
    const raw = app.events.at(-1)?.raw as { fields: Record<string, string>; interests: Record<string, string> };
    expect(raw.fields).toMatchObject({ email: "me2@example.com", "e.mail": "x=y", name: "Sanne de Boer" });
    expect(Object.hasOwn(raw.fields, "__proto__")).toBe(true);
    expect(raw.interests["new one"]).toBe("1");
  });

  test("sends the event of a file or of standard input, also as JSON", async () => {
    const event = {
      type: "unsubscribe",
      id: "x",
      database: 1,
      profile: 2,
      mailing: 3,
      timestamp: "2026-11-24 10:00:00",
    };
    const file = join(folder, "event.json");
    writeFileSync(file, JSON.stringify(event));
    expect((await send("--file", file, "--encoding", "json")).exitCode).toBe(0);
    expect(app.events.at(-1)?.raw).toMatchObject({ mailing: "3" });
    const words = ["send", "--file", "-", "--to", app.url, "--dns-port", dnsPort];
    const { exitCode } = await run(words, { input: JSON.stringify({ ...event, mailing: 4 }) });
    expect(exitCode).toBe(0);
    expect(app.events.at(-1)?.raw).toMatchObject({ mailing: "4" });
  });

  test("prints JSON that begins with ready and ends with a summary", async () => {
    const { stdout } = await send("click", "--count", "3", "--json");
    const lines = jsonLines(stdout);
    expect(lines.map(({ type }) => type)).toEqual(["ready", "answer", "answer", "answer", "summary"]);
    expect(lines.at(-1)).toMatchObject({ sent: 3, accepted: 3, unanswered: 0, statuses: { 200: 3 }, problems: {} });
    for (const measure of ["perSecond", "p50", "p99"]) expect(lines.at(-1)?.[measure]).toBeGreaterThan(0);
  });

  test("keeps to a rate", async () => {
    const started = performance.now();
    await send("click", "--count", "6", "--rate", "10/s");
    expect(performance.now() - started).toBeGreaterThan(500);
  });

  test("ends with 1 if the app refuses, and says why", async () => {
    const { exitCode, stdout } = await send("profile.create", "--set", "profile=nobody");
    expect(exitCode).toBe(1);
    expect(stdout).toContain("422");
    expect(stdout).toContain("invalid_event");
    expect(stdout).toContain("profile must be a positive whole number");
  });

  test("says how to accept the key if the app doesn't know it", async () => {
    const strict = await startApp(await freePort());
    const { exitCode, stderr } = await run(["send", "click", "--to", strict.url, "--dns-port", dnsPort]);
    await strict.close();
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`verify: { resolveTxt: resolveTxtOverHttps("http://127.0.0.1:${dnsPort}/dns-query") },`);
  });

  test("ends with 3 if nothing listens there", async () => {
    const port = await freePort();
    const { exitCode, stdout } = await run([
      "send",
      "click",
      "--to",
      `http://127.0.0.1:${port}/`,
      "--dns-port",
      dnsPort,
    ]);
    expect(exitCode).toBe(3);
    expect(stdout).toContain("nothing listens there");
  });

  test("signs for the URL that the app is told to be called at", async () => {
    await send("click", "--public-url", "https://hooks.example.com/copernica");
    expect(app.hosts.at(-1)).toBe("hooks.example.com");
    expect(app.events.at(-1)?.name).toBe("click");
  });

  test("shows what an answer says without letting it move the cursor", async () => {
    const { stdout } = await send("profile.create", "--set", "fields.a=x", "--set", "profile=\u001b[2Jx");
    expect(stdout).not.toContain("\u001b");
  });

  test("serves the key itself only if nothing else does", async () => {
    const serving = runOn(["keys", "serve", "--port", dnsPort]);
    await serving.stdout.line(/resolveTxt/);
    const { exitCode, stderr } = await send("click");
    expect(await serving.end()).toBe(130);
    expect([exitCode, stderr]).toEqual([0, ""]);
  });

  test("sends 10,000 events", async () => {
    const { exitCode, stdout, stderr } = await send("click", "--count", "10000", "--concurrency", "50");
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^10000 of 10000 accepted/);
    expect(exitCode).toBe(0);
  });

  test("stops when it is interrupted, with what it had sent so far", async () => {
    const words = [
      "send",
      "click",
      "--to",
      app.url,
      "--dns-port",
      dnsPort,
      "--count",
      "100000",
      "--rate",
      "20/s",
      "--json",
    ];
    const sending = runOn(words);
    await sending.stdout.line(/"answer"/);
    expect(await sending.end()).toBe(130);
    expect(JSON.parse(sending.stdout.lines.at(-1) ?? "")).toMatchObject({ type: "summary" });
  });
});

describe("send --hostile", () => {
  test("finds nothing to let in at a receiver made with this SDK", async () => {
    const before = app.events.length;
    const { exitCode, stdout } = await send("profile.create", "--hostile", "all", "--timeout", "5");
    expect(stdout).not.toMatch(/^let in/m);
    expect(stdout).toMatch(/None of \d\d hostile calls was let in\.\n$/);
    expect(exitCode).toBe(0);
    // Two genuine ones around them, one that is replayed, and what is harmless here.
    expect(app.events.length - before).toBeLessThanOrEqual(5);
  });

  test("ends with 1 at a receiver that believes everybody, and names each call that was let in", async () => {
    const trusting = await startTrustingApp();
    const words = ["send", "--hostile", "all", "--to", trusting.url, "--dns-port", dnsPort, "--timeout", "5", "--json"];
    const { exitCode, stdout } = await run(words);
    await trusting.close();
    expect(exitCode).toBe(1);
    const verdicts = new Map(jsonLines(stdout).map(({ name, verdict }) => [name, verdict]));
    for (const name of [
      "unsigned",
      "wrong-key",
      "look-alike-key",
      "stale-date",
      "future-date",
      "flipped-body",
      "hmac",
    ]) {
      expect(verdicts.get(name), name).toBe("let in");
    }
    expect(verdicts.get("replay")).toBe("unclear");
  });

  test("sends one of them alone", async () => {
    const { stdout } = await send("--hostile", "dropped-date", "--json");
    const lines = jsonLines(stdout);
    expect(lines.map(({ type }) => type)).toEqual(["ready", "hostile", "summary"]);
    expect(lines[1]).toMatchObject({ name: "dropped-date", status: 401, expected: "401", verdict: "refused" });
  });

  test("proves nothing at a receiver that refuses everything, and says so", async () => {
    const strict = await startApp(await freePort());
    const { exitCode, stderr } = await run(["send", "--hostile", "all", "--to", strict.url, "--dns-port", dnsPort]);
    await strict.close();
    expect(exitCode).toBe(1);
    expect(stderr).toContain("nothing here would prove anything");
  });
});
