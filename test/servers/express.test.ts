import process from "node:process";
import { expect, test } from "vitest";
import { openConnection } from "./connection.ts";
import { profileCreation, signBody, signing, whole } from "./messages.ts";
import { here, type ServerSettings, startProcess } from "./server.ts";
import { addServerTests } from "./server-tests.ts";

const loaded = ["--import", "tsx", "--import", here("preload.ts")];
const start = (settings: ServerSettings) =>
  startProcess(process.execPath, [...loaded, "examples/express.ts"], settings);

addServerTests({ name: "Express", start, inApp: true });

test("Express receives signed events after body parsers and within a Router, too", async () => {
  const server = await start({ copernica: signing });
  const connection = await openConnection(server.port);
  try {
    const { variables, body, line } = profileCreation();
    const target = "/hooks/copernica?token=a%20b";
    for (const event of [{ body }, { body: JSON.stringify(variables), contentType: "application/json" }]) {
      await connection.send(whole(await signBody({ ...event, target })));
      expect((await connection.answer())?.status).toBe(200);
    }
    await server.output.line(line);
    await connection.send(whole({ target, body }));
    expect((await connection.answer())?.status).toBe(401);
  } finally {
    connection.destroy();
    await server.stop();
  }
});
