import { existsSync } from "node:fs";
import { request } from "node:http";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../fixtures/free-port.ts";
import { type App, startApp } from "./app.ts";
import { type RunningProgram, run, runOn } from "./program.ts";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];

let dnsPort: string;
let app: App;
let listening: RunningProgram;
let receiver: string;
let inspector: string;

async function startListening(...words: readonly string[]): Promise<void> {
  listening = runOn(["listen", "--json", "--port", "0", "--inspector", "0", "--dns-port", dnsPort, ...words]);
  const ready = JSON.parse(await listening.stdout.line(/"ready"/));
  receiver = `${ready.url}/copernica`;
  inspector = ready.inspector;
}

async function send(...words: readonly string[]): Promise<void> {
  await run(["send", ...words, "--to", receiver, "--dns-port", dnsPort]);
}

beforeAll(async () => {
  const port = await freePort();
  dnsPort = String(port);
  app = await startApp(port);
  await startListening("--forward", new URL("/", app.url).href);
});
afterAll(async () => {
  await listening.end();
  await app.close();
});

/** The status of a request to the inspector. */
function ask(url: string, headers: Readonly<Record<string, string>> = {}, method = "GET"): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, (response) => {
      response.destroy();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

describe("the inspector is served to nobody but who has its URL:", () => {
  test("not without the token, nor with another one", async () => {
    const { origin, searchParams } = new URL(inspector);
    expect(await ask(inspector)).toBe(200);
    expect(await ask(`${origin}/`)).toBe(403);
    expect(await ask(`${origin}/?token=${"x".repeat(searchParams.get("token")?.length ?? 0)}`)).toBe(403);
    expect(await ask(`${origin}/calls/1`)).toBe(403);
  });

  test("not under another Host, nor to a page of another Origin", async () => {
    expect(await ask(inspector, { host: "rebound.example.com" })).toBe(403);
    const replay = inspector.replace("/?", "/calls/1/replay?");
    expect(await ask(replay, { origin: "https://evil.example.com", "content-type": "application/json" }, "POST")).toBe(
      403,
    );
    expect(await ask(replay, { "content-type": "text/plain" }, "POST")).not.toBe(200);
  });

  test("at another port than the receiver, with a policy that lets its page load nothing", async () => {
    expect(new URL(inspector).port).not.toBe(new URL(receiver).port);
    const { headers } = await fetch(inspector);
    const policy = headers.get("content-security-policy");
    expect(policy).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(await ask(inspector.replace("/?", "//?"))).toBe(404);
  });
});

if (executablePath === undefined) console.warn("Chromium is not installed: the inspector is not tried in a browser.");

describe.skipIf(executablePath === undefined)("the inspector in a browser", () => {
  let browser: Browser;
  let page: Page;
  const outside: string[] = [];
  const errors: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: FLAGS });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const { origin } = new URL(inspector);
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin });
    page = await context.newPage();
    page.on("request", (made) => {
      if (!made.url().startsWith(origin) && !made.url().startsWith("data:")) outside.push(made.url());
    });
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    await page.goto(inspector);
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    await page.locator("#filter").fill("");
    await page.locator("#state").selectOption("");
  });

  function readClipboard(): Promise<string> {
    return page.evaluate("navigator.clipboard.readText()");
  }

  async function shot(name: string): Promise<void> {
    const folder = process.env.SCREENSHOTS;
    if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` });
  }

  test("shows calls as they come, and of each its steps, its event and the app's answer", async () => {
    expect(await page.locator("#empty").isVisible()).toBe(true);
    await send("profile.create", "--set", "fields.city=Delft");
    await page.locator(".row", { hasText: "#1 profile.create" }).click();
    await page.locator("h2", { hasText: "#1 profile.create" }).waitFor();
    expect(await page.locator("td .good", { hasText: "passed" }).count()).toBe(10);
    expect(await page.locator("#event").textContent()).toContain("Delft");
    expect(await page.locator("#typed").textContent()).toContain('"occurredAt"');
    expect(await page.locator("#body").textContent()).toContain("fields%5Bcity%5D=Delft");
    expect(await page.locator("main").textContent()).toMatch(/app's answers.*200/s);
    await shot("verified");
  });

  test("sets the signing string as it came beside the one that would verify, and names the option", async () => {
    await send("click", "--public-url", "https://hooks.example.com/copernica");
    const [, call] = listening.stdout.lines
      .filter((line) => line.includes('"type":"call"'))
      .map((line) => JSON.parse(line));
    const headers = new Headers(
      call.headers.filter(([name]: [string]) => !/^(?:host|content-length|connection)$/i.test(name)),
    );
    headers.set("x-forwarded-host", "hooks.example.com");
    await fetch(receiver, { method: "POST", headers, body: Buffer.from(call.body, "base64") });
    await page.locator(".row", { hasText: "#3 click" }).click();
    await page.locator("#verifying").waitFor();
    expect(await page.locator("#received ins").textContent()).toBe(`host: ${new URL(receiver).host}\n`);
    expect(await page.locator("#verifying ins").textContent()).toBe("host: hooks.example.com\n");
    expect(await page.locator(".miss").textContent()).toContain(
      'verify.publicUrl: "https://hooks.example.com/copernica"',
    );
    expect(await page.locator("td .bad", { hasText: "failed" }).count()).toBe(1);
    await shot("unverified");
  });

  test("replays a call, and one that was edited, so that the app takes it", async () => {
    await page.locator(".row", { hasText: "#1 profile.create" }).click();
    const before = app.events.length;
    await page.locator("#replay").click();
    await page.locator("#toast", { hasText: "The app answered 200." }).waitFor();
    expect(app.events.length).toBe(before + 1);
    await page.locator("#edit").click();
    const body = await page.locator("#edited").inputValue();
    await page.locator("#edited").fill(body.replace("Delft", "Utrecht"));
    await shot("edit");
    await page.locator("#send-edited").click();
    await page.waitForFunction(
      'document.querySelectorAll("main table")[1]?.rows.length === 3 || document.querySelector("#toast").textContent !== ""',
    );
    await expect.poll(() => app.events.at(-1)?.raw.fields).toMatchObject({ city: "Utrecht" });
    await page.locator("#cancel").click();
  });

  test("copies a call as curl that sends the same bytes, and as a test", async () => {
    await page.locator(".row", { hasText: "#1 profile.create" }).click();
    await page.locator("h2", { hasText: "#1" }).waitFor();
    await page.locator("#curl").click();
    await expect.poll(readClipboard).toMatch(/^curl -X 'POST' 'http:\/\/127\.0\.0\.1:\d+\/copernica'/);
    expect((await run(["verify", "-", "--curl"], { input: await readClipboard() })).stdout).toMatch(/Verified\.\n$/);
    await page.locator("#test").click();
    await expect.poll(readClipboard).toContain('import { createTestCopernica } from "copernica-webhooks/testing";');
  });

  test("filters and pauses the list", async () => {
    await page.locator("#filter").fill("click");
    expect(await page.locator(".row").count()).toBe(2);
    await page.locator("#state").selectOption("unverified");
    expect(await page.locator(".row").count()).toBe(1);
    await page.locator("#filter").fill("");
    await page.locator("#state").selectOption("");
    await page.locator("#pause").click();
    await send("abuse");
    await page.locator("#count", { hasText: "paused, 1 new" }).waitFor();
    expect(await page.locator(".row", { hasText: "abuse" }).count()).toBe(0);
    await page.locator("#pause").click();
    await page.locator(".row", { hasText: "#4 abuse" }).waitFor();
  });

  test("is worked by keys alone", async () => {
    await page.locator("#filter").blur();
    await page.keyboard.press("/");
    await page.keyboard.type("profile");
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.locator("h2", { hasText: "#1 profile.create" }).waitFor();
    const before = app.events.length;
    await page.keyboard.press("r");
    await expect.poll(() => app.events.length).toBe(before + 1);
    await page.keyboard.press("c");
    await expect.poll(readClipboard).toContain("curl");
    await page.keyboard.press("p");
    expect(await page.locator("#pause").getAttribute("aria-pressed")).toBe("true");
    await page.keyboard.press("p");
  });

  test("shows markup that a stranger sends as text", async () => {
    const markup = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    await send(
      "profile.create",
      "--set",
      `fields.email=${markup}`,
      "--set",
      `database=${markup}`,
      "--set",
      `type=${markup}`,
    );
    await page.locator(".row", { hasText: "#5" }).click();
    await page.locator("h2", { hasText: "#5" }).waitFor();
    expect(await page.locator("main img, main script, #rows img").count()).toBe(0);
    expect(await page.locator("#event").textContent()).toContain("<img src=x");
    expect(await page.title()).toBe("Copernica webhooks");
  });

  test("is dark for who wants it dark", async () => {
    const background = (): Promise<string> => page.evaluate("getComputedStyle(document.body).backgroundColor");
    await page.emulateMedia({ colorScheme: "light" });
    expect(await background()).toBe("rgb(255, 255, 255)");
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await background()).toBe("rgb(22, 24, 29)");
    await shot("dark");
  });

  test("lists thousands of calls, with only those in view in the document", async () => {
    await send("open", "--count", "5000", "--concurrency", "50");
    await page.locator("#count", { hasText: "5005 of 5005" }).waitFor();
    expect(await page.locator(".row").count()).toBeLessThan(60);
    await page.evaluate('document.querySelector("#list").scrollTop = 1e9');
    await page.locator(".row", { hasText: "#1 profile.create" }).waitFor();
    await shot("thousands");
  });

  test("asks nothing of the network, and makes no error", () => {
    expect(outside).toEqual([]);
    expect(errors).toEqual([]);
  });
});
