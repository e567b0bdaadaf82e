import { chmodSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { resolveTxtOverHttps } from "copernica-webhooks";
import { describe, expect, test } from "vitest";
import { freePort } from "../fixtures/free-port.ts";
import { folder, jsonLines, run, runOn } from "./program.ts";

const KEY_ID = "development._domainkey.copernica.com";
const file = join(folder, "settings/copernica-webhooks/development-key.pem");

/** What the file holds that nobody may see. */
function secret(): string {
  return readFileSync(file, "utf8").split("\n").slice(9, 24).join("\n");
}

describe("the development key", () => {
  test("is not there before it is needed", async () => {
    const { exitCode, stderr } = await run(["keys", "show"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("There is no development key");
  });

  test("is made by keys rotate, in a file that only its owner can read, and never printed", async () => {
    const { exitCode, stdout, stderr } = await run(["keys", "rotate"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(KEY_ID);
    expect(stdout).toMatch(/v=DKIM1; k=rsa; p=\S+/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(secret().length).toBeGreaterThan(300);
    for (const line of secret().split("\n")) expect(stdout + stderr).not.toContain(line);
  });

  test("is another one after keys rotate", async () => {
    const [before] = jsonLines((await run(["keys", "show", "--json"])).stdout);
    const [rotated] = jsonLines((await run(["keys", "rotate", "--json"])).stdout);
    const [after] = jsonLines((await run(["keys", "show", "--json"])).stdout);
    expect(rotated?.record).not.toBe(before?.record);
    expect(after?.record).toBe(rotated?.record);
    expect(after).toMatchObject({ type: "key", keyId: KEY_ID, file });
  });

  test("is refused while others can read its file, with what to do about it", async () => {
    chmodSync(file, 0o644);
    const { exitCode, stderr } = await run(["keys", "show"]);
    chmodSync(file, 0o600);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`chmod 600 ${file}`);
  });

  test("can be kept in the file that COPERNICA_WEBHOOKS_KEY_FILE or --key-file names", async () => {
    const other = join(folder, "other.json");
    await run(["keys", "rotate"], { environment: { COPERNICA_WEBHOOKS_KEY_FILE: other } });
    const [shown] = jsonLines((await run(["keys", "show", "--json", "--key-file", other])).stdout);
    expect(shown?.file).toBe(other);
    expect(statSync(other).mode & 0o777).toBe(0o600);
  });
});

describe("keys serve", () => {
  test("serves the key as DNS over HTTPS on loopback, and prints the line of code that accepts it", async () => {
    const port = await freePort();
    const serving = runOn(["keys", "serve", "--port", String(port)]);
    const url = `http://127.0.0.1:${port}/dns-query`;
    expect(await serving.stdout.line(/resolveTxt/)).toBe(`verify: { resolveTxt: resolveTxtOverHttps("${url}") },`);
    await serving.stderr.line(/Warning: Never in production/);

    const [shown] = jsonLines((await run(["keys", "show", "--json"])).stdout);
    const answer = await resolveTxtOverHttps(url)(KEY_ID);
    expect("records" in answer && answer.records.map((strings) => strings.join(""))).toEqual([shown?.record]);

    await run(["keys", "rotate"]);
    const rotated = await resolveTxtOverHttps(url)(KEY_ID);
    expect(rotated).not.toEqual(answer);
    await expect(resolveTxtOverHttps(url)("key.example.com")).rejects.toMatchObject({ code: "ENOTFOUND" });
    expect(await serving.end()).toBe(130);
  });

  test("begins with a line that says it is ready, as JSON", async () => {
    const serving = runOn(["keys", "serve", "--port", "0", "--json"]);
    const ready = JSON.parse(await serving.stdout.line(/./));
    expect(ready).toMatchObject({ type: "ready", keyId: KEY_ID });
    await resolveTxtOverHttps(ready.url)(KEY_ID);
    expect(JSON.parse(await serving.stdout.line(/"type":"query"/))).toEqual({
      type: "query",
      name: KEY_ID,
      found: true,
    });
    expect(await serving.end("SIGTERM")).toBe(143);
  });

  test("ends with 3 if its port is taken", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo; // it listens at a port
    const { exitCode, stderr } = await run(["keys", "serve", "--port", String(port)]);
    other.close();
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`Port ${port} of 127.0.0.1 can't be used: another program listens there.`);
  });
});
