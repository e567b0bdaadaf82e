import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { openConnection } from "./connection.ts";
import {
  BODY_LIMIT,
  chunk,
  chunked,
  FORM,
  head,
  inChunks,
  type Message,
  profileCreation,
  signBody,
  whole,
} from "./messages.ts";
import type { TestedServer } from "./tested-server.ts";

/** What lies between two chunks of a body without end: time for an answer to be read. */
const PAUSE_MS = 10;

/** How much the memory of a server may grow while several times as much is sent to it. */
const MOST_MEMORY_MIB = 256;
const MOST_MEMORY_OF_BYTES_MIB = 50;

/** Many connections, large bodies and broken clients: nobody waits for them, and memory stays within bounds. */
export function addLoadTests(tested: TestedServer): void {
  const { connect, answerToSigned, wastesMemory } = tested;

  test("200 kB in chunks of one byte take less than 50 MB", async () => {
    const body = "type=x&pad=".padEnd(200_000, "a");
    const message = inChunks(await signBody({ body }));
    const before = tested.server.memory();
    let most = before;
    const connection = await connect();
    await connection.send(head(message));
    for (let start = 0; start < body.length; start += 1_000) {
      const parts = [...body.slice(start, start + 1_000)].map((character) => chunk(Buffer.from(character)));
      await connection.send(Buffer.concat(parts));
      most = Math.max(most, tested.server.memory());
    }
    await connection.send(chunked("", 1)[0] ?? "");
    expect((await connection.answer())?.status).toBe(200);
    expect(Math.max(most, tested.server.memory()) - before).toBeLessThan(50);
    connection.destroy();
  });

  test.each<[string, number, () => Promise<Message>]>([
    ["of Copernica's", 413, () => signBody({ body: "type=create" })],
    ["of a stranger's", 401, async () => ({ headers: { "content-type": FORM } })],
  ])("a body without end %s is refused with %d while it is sent", async (_, status, create) => {
    const connection = await connect();
    await connection.send(head(inChunks(await create())));
    const answered = connection.answer();
    const endless = chunk(Buffer.alloc(BODY_LIMIT / 4, "a"));
    let sent = 0;
    let waiting = true;
    answered.then(() => {
      waiting = false;
    });
    while (waiting && sent < 1_000) {
      // A server that refused closes, and who only sends meets the reset before it has read the answer.
      await Promise.race([connection.send(endless).then(() => pause(PAUSE_MS)), answered]);
      sent += 1;
    }
    expect((await answered)?.status).toBe(status);
    connection.destroy();
  });

  test("200 connections at once are served, each event once", async () => {
    const connections = await Promise.all(Array.from({ length: 200 }, connect));
    const creations = connections.map(() => profileCreation());
    const statuses = await Promise.all(
      connections.map(async (connection, index) => {
        await connection.send(whole(await signBody({ body: creations[index]?.body ?? "" })));
        return (await connection.answer())?.status;
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    for (const { line } of creations) {
      await tested.server.output.line(line);
      expect(tested.server.output.lines.filter((printed) => line.test(printed))).toHaveLength(1);
    }
    for (const connection of connections) connection.destroy();
  });

  test("200 clients that stop in the middle keep nobody waiting", async () => {
    const stopped = await Promise.all(Array.from({ length: 200 }, connect));
    const { body } = profileCreation();
    for (const connection of stopped) {
      await connection.send(head(await signBody({ body })));
      await connection.send(body.slice(0, 100));
    }
    expect((await answerToSigned(profileCreation())).status).toBe(200);
    for (const connection of stopped) connection.destroy();
    expect((await answerToSigned(profileCreation())).status).toBe(200);
  });

  test("broken clients leave no memory behind", async () => {
    const before = tested.server.memory();
    let most = before;
    for (let round = 0; round < 5; round += 1) {
      await breakConnections(tested.server.port, 120);
      most = Math.max(most, tested.server.memory());
    }
    expect(most - before).toBeLessThan(MOST_MEMORY_MIB);
    expect((await answerToSigned(profileCreation())).status).toBe(200);
  });

  test.skipIf(wastesMemory)("a body in chunks of one byte takes little memory", async () => {
    const body = `type=${"a".repeat(200_000)}`;
    const message = Buffer.from(head(inChunks(await signBody({ body }))));
    const connection = await connect();
    const before = tested.server.memory();
    await connection.send(Buffer.concat([message, ...chunked(body, 1)]));
    expect((await connection.answer())?.status).toBe(200);
    expect(tested.server.memory() - before).toBeLessThan(MOST_MEMORY_OF_BYTES_MIB);
    connection.destroy();
  });
}

/** Breaks off many connections, most of them within a large body. */
async function breakConnections(port: number, count: number): Promise<void> {
  const megabyte = "a".repeat(BODY_LIMIT - 1);
  const tooLong = { headers: { "content-type": FORM, "content-length": 10_000 * BODY_LIMIT } };
  const signedMegabyte = await signBody({ body: `${megabyte}a` });
  const beginnings: readonly (readonly (string | Uint8Array)[])[] = [
    ["POST /webhooks"],
    [head(tooLong), "type=create"],
    [head(tooLong), megabyte],
    [head(signedMegabyte), megabyte],
    [head(inChunks(signedMegabyte)), chunk(Buffer.from(megabyte))],
    [head(inChunks(signedMegabyte)), chunk(Buffer.from(megabyte)), "not a chunk\r\n"],
    [head(await signBody({ body: megabyte + megabyte })), megabyte, megabyte],
  ];
  const queue = Array.from({ length: count }, (_, index) => beginnings[index % beginnings.length] ?? []);
  const work = async (): Promise<void> => {
    for (let beginning = queue.pop(); beginning !== undefined; beginning = queue.pop()) {
      const connection = await openConnection(port);
      const answered = connection.answer();
      for (const bytes of beginning) await Promise.race([connection.send(bytes), answered]);
      connection.end();
      await answered;
      connection.destroy();
    }
  };
  await Promise.all(Array.from({ length: 20 }, work));
}
