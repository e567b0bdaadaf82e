import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Answer, openConnection } from "./connection.ts";
import { type Message, profileCreation, signBody, signing, whole } from "./messages.ts";
import { command, here, type RunningServer, startProcess } from "./server.ts";

/** How long a build may take while the machine does much else, in milliseconds. */
const BUILD_TIMEOUT_MS = 300_000;

/** An app of a framework that must be built before it runs. */
export interface App {
  /** The files of the app, by their paths in it. */
  readonly files: Readonly<Record<string, string>>;
  /** The framework's command that builds the app, and its parameters. */
  readonly build: readonly [command: string, ...parameters: string[]];
  /** What Node starts then: a file of the app or of the framework, and its parameters. */
  readonly start: (folder: string) => readonly string[];
}

/** The text of an example, to be a file of an app. */
export function readExample(name: string): string {
  return readFileSync(here(`../../examples/${name}`), "utf8");
}

/** Writes an app into its folder, where it finds this package and those of npm, and builds it. */
async function buildApp(folder: string, { files, build: [name, ...parameters] }: App): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(here("../.."), join(folder, "node_modules/copernica-webhooks"));
  const env = { ...process.env, COPERNICA_ACCOUNT: "1234" };
  await promisify(execFile)(command(name), parameters, { cwd: folder, env });
}

/** An app while its tests run. */
export interface RunningApp {
  /** What it has printed, once it is started. */
  readonly output: () => RunningServer["output"];
  /** Sends a message over a connection of its own. */
  readonly answerTo: (message: Message) => Promise<Answer | undefined>;
}

/** Builds an app before the tests of a `describe`, and runs it until they are done. */
export function useApp(app: App): RunningApp {
  const folder = mkdtempSync(here("../../node_modules/.app-"));
  let server: RunningServer | undefined;
  beforeAll(async () => {
    await buildApp(folder, app);
    const loaded = ["--import", "tsx", "--import", here("keys-in-dns.ts")];
    server = await startProcess(process.execPath, [...loaded, ...app.start(folder)], { copernica: signing }, folder);
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  function running(): RunningServer {
    if (server === undefined) throw new Error("The app does not run.");
    return server;
  }

  return {
    output: () => running().output,
    async answerTo(message) {
      const connection = await openConnection(running().port);
      try {
        await connection.send(whole(message));
        return await connection.answer();
      } finally {
        connection.destroy();
      }
    },
  };
}

/** Adds the tests that every app passes that has an example at a path. */
export function addAppTests({ output, answerTo }: RunningApp, path: string, query = "?a=%20b&c[]=%7E1"): void {
  test.each([path, path + query])("receives a signed form at %s", async (target) => {
    const { body, line } = profileCreation();
    expect((await answerTo(await signBody({ body, target })))?.status).toBe(200);
    await output().line(line);
  });

  test(`receives signed JSON at ${path}`, async () => {
    const { variables, line } = profileCreation();
    const body = JSON.stringify(variables);
    expect((await answerTo(await signBody({ body, target: path, contentType: "application/json" })))?.status).toBe(200);
    await output().line(line);
  });

  test(`refuses a stranger's form at ${path}`, async () => {
    const answer = await answerTo({ target: path, body: "type=create" });
    expect([answer?.status, answer?.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
  });
}
