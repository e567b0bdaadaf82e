import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Connection, openConnection } from "./connection.ts";
import { type Message, PATH, profileCreation, signBody, signing, whole } from "./messages.ts";
import { command, here, type RunningServer, startProcess } from "./server.ts";

/** What the configuration needs, beside what every app has. */
const SETTING = 'csrf: { trustedOrigins: ["*"] }';

/** A SvelteKit app with the example in it, built for Node. */
function buildApp(setting: string): { readonly folder: string; readonly main: string } {
  const folder = mkdtempSync(here("../../node_modules/.sveltekit-"));
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  write("package.json", JSON.stringify({ private: true, type: "module" }));
  write(
    "vite.config.js",
    'import { sveltekit } from "@sveltejs/kit/vite";\nexport default { plugins: [sveltekit()] };',
  );
  write(
    "svelte.config.js",
    `import adapter from "@sveltejs/adapter-node";\nexport default { kit: { adapter: adapter(), ${setting} } };`,
  );
  write("src/app.html", "<!doctype html><head>%sveltekit.head%</head><body>%sveltekit.body%</body>");
  mkdirSync(join(folder, "src/routes", PATH), { recursive: true });
  cpSync(here("../../examples/sveltekit.ts"), join(folder, "src/routes", PATH, "+server.ts"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(here("../.."), join(folder, "node_modules/copernica-webhooks"));
  execFileSync(command("vite"), ["build"], {
    cwd: folder,
    env: { ...process.env, COPERNICA_ACCOUNT: "1234" },
    stdio: "pipe",
  });
  return { folder, main: join(folder, "build/index.js") };
}

describe("SvelteKit", () => {
  const folders: string[] = [];
  const servers: RunningServer[] = [];
  let open: RunningServer;
  let closed: RunningServer;
  beforeAll(async () => {
    const loaded = ["--import", "tsx", "--import", here("preload.ts")];
    for (const setting of [SETTING, ""]) {
      const { folder, main } = buildApp(setting);
      folders.push(folder);
      servers.push(await startProcess(process.execPath, [...loaded, main], { copernica: signing }));
    }
    [open, closed] = servers as [RunningServer, RunningServer]; // as they were started
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  async function answerTo({ port }: RunningServer, message: Message) {
    const connection: Connection = await openConnection(port);
    await connection.send(whole(message));
    const answer = await connection.answer();
    connection.destroy();
    return answer;
  }

  test.each([PATH, `${PATH}?a=%20b&c[]=%7E1`])("receives a signed form at %s", async (target) => {
    const { body, line } = profileCreation();
    expect((await answerTo(open, await signBody({ body, target })))?.status).toBe(200);
    await open.output.line(line);
  });

  test("refuses a stranger's", async () => {
    const answer = await answerTo(open, { body: "type=create" });
    expect([answer?.status, answer?.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
  });

  test("answers Copernica's forms with 403 itself, unless trustedOrigins has *", async () => {
    expect((await answerTo(closed, await signBody(profileCreation())))?.status).toBe(403);
  });
});
