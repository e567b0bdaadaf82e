import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTestCopernica, samples } from "copernica-webhooks/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { folder, jsonLines, run } from "./program.ts";

/** A call as it goes over the wire. */
interface Message {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const recordFile = join(folder, "record.txt");
let genuine: Message;
let genuineJson: Message;

beforeAll(async () => {
  const copernica = await createTestCopernica({ url: "https://hooks.example.com/copernica?customer=7" });
  writeFileSync(
    recordFile,
    copernica.records.map((strings) => strings.map((text) => `"${text}"`).join(" ")).join("\n"),
  );
  async function call(encoding: "form" | "json"): Promise<Message> {
    const request = await copernica.request(samples["profile.create"], { encoding });
    const { pathname, search } = new URL(request.url);
    return { target: pathname + search, headers: Object.fromEntries(request.headers), body: await request.text() };
  }
  genuine = await call("form");
  genuineJson = await call("json");
});

function message({ target, headers, body }: Message): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`POST ${target} HTTP/1.1`, ...lines, "", body].join("\r\n");
}

function verify(input: string, ...words: readonly string[]) {
  return run(["verify", "-", "--key-record", recordFile, ...words], { input });
}

describe("verify", () => {
  test("takes every step of a genuine call, whatever it is written down as", async () => {
    const { target, headers, body } = genuine;
    const url = `https://hooks.example.com${target}`;
    const curl = [
      `curl '${url}'`,
      ...Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`),
      `--data-raw $'${body}'`,
    ].join(" \\\n  ");
    const harHeaders = Object.entries(headers).map(([name, value]) => ({ name, value }));
    const request = { method: "POST", url, headers: harHeaders, postData: { text: body } };
    const har = JSON.stringify({ log: { entries: [{ startedDateTime: new Date().toISOString(), request }] } });
    const capture = { method: "POST", target, headers: Object.entries(headers), body: btoa(body) };
    for (const input of [message(genuine), curl, har, JSON.stringify(capture)]) {
      const { exitCode, stdout } = await verify(input, "--account", "1234");
      expect(stdout).toMatch(/Verified\.\n$/);
      expect(stdout.match(/^passed/gm)?.length).toBe(10);
      expect(exitCode).toBe(0);
    }
    expect((await verify(har, "--har")).exitCode).toBe(0);
    expect((await verify(curl, "--curl")).exitCode).toBe(0);
  });

  test("shows all steps that fail, not only the first", async () => {
    const { exitCode, stdout } = await verify(
      message(genuine),
      "--account",
      "99",
      "--at",
      "2020-01-01T00:00:00Z",
      "--json",
    );
    expect(exitCode).toBe(1);
    const steps = jsonLines(stdout)[0]?.steps as readonly { name: string; outcome: string; detail: string }[];
    const failed = steps.filter(({ outcome }) => outcome === "failed").map(({ name }) => name);
    expect(failed).toEqual(["account", "date"]);
    expect(steps.find(({ name }) => name === "account")?.detail).toContain("1234");
  });

  test("uses the time of the call with --at", async () => {
    const later = await verify(message(genuine), "--at", new Date(Date.now() + 3_600_000).toISOString());
    expect(later.stdout).toMatch(/failed +date .*\b36\d\d s before/);
    expect((await verify(message(genuine), "--at", genuine.headers.date ?? "")).exitCode).toBe(0);
  });

  test.each<[string, (call: Message) => Message, RegExp, RegExp]>([
    [
      "a proxy that names the host in X-Forwarded-Host",
      (call) => ({
        ...call,
        headers: { ...call.headers, host: "10.0.0.1:3000", "x-forwarded-host": "hooks.example.com" },
      }),
      /signed the host hooks\.example\.com \(as X-Forwarded-Host says\); the receiver saw 10\.0\.0\.1:3000/,
      /Set verify\.publicUrl: "https:\/\/hooks\.example\.com\/copernica"/,
    ],
    [
      "a proxy that adds a port to the host",
      (call) => ({ ...call, headers: { ...call.headers, host: "hooks.example.com:443" } }),
      /signed the host hooks\.example\.com/,
      /verify\.publicUrl/,
    ],
    [
      "a proxy that takes a prefix away",
      (call) => ({ ...call, target: "/?customer=7", headers: { ...call.headers, "x-forwarded-prefix": "/copernica" } }),
      /signed the request target \/copernica\?customer=7/,
      /verify\.publicUrl/,
    ],
    [
      "a proxy that changes host and path",
      (call) => ({
        ...call,
        target: "/?customer=7",
        headers: {
          ...call.headers,
          host: "localhost",
          "x-forwarded-host": "hooks.example.com",
          "x-original-uri": call.target,
        },
      }),
      /signed the host hooks\.example\.com.*signed the request target \/copernica/,
      /Set verify\.publicUrl: "https:\/\/hooks\.example\.com\/copernica"/,
    ],
    [
      "a slash added at the end",
      (call) => ({ ...call, target: "/copernica/?customer=7" }),
      /\(without the slash at its end\)/,
      /verify\.publicUrl/,
    ],
    [
      "a query taken away, the original of which is in X-Original-URI",
      (call) => ({ ...call, target: "/copernica", headers: { ...call.headers, "x-original-uri": call.target } }),
      /as X-Original-URI says/,
      /verify\.publicUrl/,
    ],
    [
      "a charset added to the content type",
      (call) => ({
        ...call,
        headers: { ...call.headers, "content-type": `${call.headers["content-type"]}; charset=utf-8` },
      }),
      /signed the content type application\/x-www-form-urlencoded/,
      /Content-Type/,
    ],
    [
      "a Content-Length that is not that of the body",
      (call) => ({ ...call, headers: { ...call.headers, "content-length": "1" } }),
      /Content-Length says 1/,
      /Content-Length/,
    ],
    [
      "a form that was decoded and encoded again",
      (call) => reencode(call, call.body.replaceAll("%5B", "[").replaceAll("%5D", "]")),
      /The form was decoded and encoded again/,
      /Hand the bytes on as they came/,
    ],
    [
      "a line end added to the body",
      (call) => reencode(call, `${call.body}\n`),
      /A line end was added/,
      /Hand the bytes on as they came/,
    ],
  ])("names what happened: %s", async (_, change, happened, remedy) => {
    const { exitCode, stdout } = await verify(message(change(genuine)));
    expect(stdout).toContain("Not verified.");
    expect(stdout).toMatch(happened);
    expect(stdout).toMatch(remedy);
    expect(exitCode).toBe(1);
  });

  test("names what happened: JSON that was parsed and written again", async () => {
    const written = JSON.stringify(JSON.parse(genuineJson.body), null, 2);
    const { stdout } = await verify(message(reencode(genuineJson, written)));
    expect(stdout).toContain("The JSON was parsed and written again.");
  });

  test("names nothing if it was forged", async () => {
    const { exitCode, stdout } = await verify(message({ ...genuine, target: "/elsewhere" }));
    expect(stdout).toMatch(/Not verified\.\n$/);
    expect(exitCode).toBe(1);
  });

  test("takes --public-url as the receiver takes verify.publicUrl", async () => {
    const proxied = { ...genuine, target: "/?customer=7", headers: { ...genuine.headers, host: "localhost" } };
    expect((await verify(message(proxied))).exitCode).toBe(1);
    expect((await verify(message(proxied), "--public-url", "https://hooks.example.com/copernica")).exitCode).toBe(0);
  });

  test("refuses with 2 what holds no call, and with 3 a file that is not there", async () => {
    for (const input of ["", "hello", "{}", '{"log":{}}', "curl"]) expect((await verify(input)).exitCode).toBe(2);
    expect(await run(["verify", "nowhere.http"])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("nowhere.http can't be read: it does not exist."),
    });
  });
});

/** A call whose body was written again on its way, its length with it. */
function reencode(call: Message, body: string): Message {
  return {
    ...call,
    body,
    headers: { ...call.headers, "content-length": String(new TextEncoder().encode(body).length) },
  };
}
