import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openConnection } from "./connection.ts";
import { head, PATH, profileCreation, signBody, signing, whole } from "./messages.ts";
import { here, type RunningServer, startProcess } from "./server.ts";

const loaded = ["--import", "tsx", "--import", here("preload.ts"), here("route-server.ts")];

describe.each(["astro", "lambda"])("what examples/%s.ts exports", (name) => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startProcess(process.execPath, [...loaded, name], { copernica: signing });
  });
  afterAll(() => server?.stop());

  test.each([
    ["a form", profileCreation()],
    [
      "JSON",
      (({ variables, line }) => ({ line, contentType: "application/json", body: JSON.stringify(variables) }))(
        profileCreation(),
      ),
    ],
  ])("receives a signed event in %s", async (_, { line, ...event }) => {
    const connection = await openConnection(server.port);
    await connection.send(whole(await signBody({ ...event, target: `${PATH}?a=%20b` })));
    expect((await connection.answer())?.status).toBe(200);
    await server.output.line(line);
    connection.destroy();
  });

  test("refuses a stranger's", async () => {
    const connection = await openConnection(server.port);
    await connection.send(whole({ body: "type=create" }));
    const answer = await connection.answer();
    expect([answer?.status, answer?.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
    connection.destroy();
  });

  test("refuses GET if the framework passes it on", async () => {
    const connection = await openConnection(server.port);
    await connection.send(head({ method: "GET" }));
    expect((await connection.answer())?.status).toBe(405);
    connection.destroy();
  });
});
