import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addBodyTests } from "./body-tests.ts";
import { type Answer, openConnection } from "./connection.ts";
import { addEventTests } from "./event-tests.ts";
import { addLoadTests } from "./load-tests.ts";
import { type Message, signBody, signing, whole } from "./messages.ts";
import { addSenderTests } from "./sender-tests.ts";
import type { RunningServer } from "./server.ts";
import type { ServerKind, TestedServer } from "./tested-server.ts";

/** Sends real HTTP to a server under its real runtime, and looks at the answers and at what its callbacks printed. */
export function addServerTests(kind: ServerKind): void {
  describe(kind.name, () => {
    let server: RunningServer;
    beforeAll(async () => {
      server = await kind.start({ copernica: signing });
    });
    afterAll(() => server?.stop());

    const tested: TestedServer = {
      ...kind,
      get server() {
        return server;
      },
      connect: () => openConnection(server.port),
      answerTo: (message) => exchange(server.port, message),
      answerToSigned: async (body) => await exchange(server.port, await signBody(body)),
    };

    describe("whatever Copernica sends", () => {
      addEventTests(tested);
      addBodyTests(tested);
      addLoadTests(tested);
    });

    describe("who sent it is verified", () => addSenderTests(tested));

    test("it still runs after all this", () => {
      expect(server.alive()).toBe(true);
    });
  });
}

/** Sends a request over a connection of its own. */
async function exchange(port: number, message: Message): Promise<Answer> {
  const connection = await openConnection(port);
  try {
    await Promise.race([connection.send(whole(message)), connection.ended]);
    const answer = await connection.answer(message.method === undefined ? undefined : { method: message.method });
    if (answer === undefined) throw new Error("The server ended the connection without an answer.");
    return answer;
  } finally {
    connection.destroy();
  }
}
