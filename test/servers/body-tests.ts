import { expect, test } from "vitest";
import {
  BODY_LIMIT,
  chunk,
  chunked,
  head,
  inChunks,
  type Message,
  PATH,
  profileCreation,
  type SignedMessage,
  signBody,
  subprofileCreation,
  whole,
} from "./messages.ts";
import type { TestedServer } from "./tested-server.ts";

/** What lies between two parts of a body that trickles. */
const TRICKLE_MS = 100;

/** How bodies and requests may come over a connection, and when they are no event. */
export function addBodyTests(tested: TestedServer): void {
  const { connect, answerTo, answerToSigned, neverContinues, onlyPaths } = tested;

  test("a body in chunks is an event like another", async () => {
    const { body, line } = profileCreation();
    const connection = await connect();
    await connection.send(head(inChunks(await signBody({ body }))));
    for (const part of chunked(body, 50)) await connection.send(part);
    expect((await connection.answer())?.status).toBe(200);
    await tested.server.output.line(line);
    connection.destroy();
  });

  test("a connection serves one event after another", async () => {
    const connection = await connect();
    for (const { body, line } of [profileCreation(), subprofileCreation()]) {
      await connection.send(whole(await signBody({ body })));
      expect((await connection.answer())?.status).toBe(200);
      await tested.server.output.line(line);
    }
    connection.destroy();
  });

  test("events that are sent before the answers came are answered in order", async () => {
    const connection = await connect();
    const first = profileCreation();
    const last = subprofileCreation();
    const messages = await Promise.all([first.body, "type=create", last.body].map((body) => signBody({ body })));
    await connection.send(Buffer.concat(messages.map(whole)));
    const statuses = [await connection.answer(), await connection.answer(), await connection.answer()];
    expect(statuses.map((answer) => answer?.status)).toEqual([200, 422, 200]);
    await tested.server.output.line(first.line);
    await tested.server.output.line(last.line);
    connection.destroy();
  });

  test.skipIf(neverContinues)("a client that waits for 100 Continue gets it", async () => {
    const { body, line } = profileCreation();
    const connection = await connect();
    const { headers } = await signBody({ body });
    await connection.send(head({ headers: { ...headers, expect: "100-continue" } }));
    expect((await connection.answer())?.status).toBe(100);
    await connection.send(body);
    expect((await connection.answer())?.status).toBe(200);
    await tested.server.output.line(line);
    connection.destroy();
  });

  test.skipIf(onlyPaths)("an absolute target is accepted", async () => {
    const { body, line } = profileCreation();
    const { target, ...message } = await signBody({ target: `${PATH}?x`, body });
    expect((await answerTo({ ...message, target: `http://127.0.0.1${target}` })).status).toBe(200);
    await tested.server.output.line(line);
  });

  test("a body that trickles is received, and keeps nobody waiting", async () => {
    const slow = await connect();
    const { body, line } = profileCreation();
    await slow.send(head(await signBody({ body })));
    for (const character of body) {
      await slow.send(character);
      if (character === "&") expect((await answerToSigned(profileCreation())).status).toBe(200);
    }
    expect((await slow.answer())?.status).toBe(200);
    await tested.server.output.line(line);
    slow.destroy();
  });

  test("a body that is cut is no event", async () => {
    const cut = profileCreation();
    const connection = await connect();
    await connection.send(head(await signBody({ body: `${cut.body}&` })));
    await connection.send(cut.body);
    connection.end();
    expect([400, undefined]).toContain((await connection.answer())?.status);
    connection.destroy();

    const next = profileCreation();
    expect((await answerToSigned(next)).status).toBe(200);
    await tested.server.output.line(next.line);
    expect(tested.server.output.lines.filter((line) => cut.line.test(line))).toEqual([]);
  });

  test("a body that is longer than announced is no event", async () => {
    const longer = profileCreation();
    const announced = "type=create";
    const connection = await connect();
    await connection.send(head(await signBody({ body: announced })));
    await connection.send(announced + longer.body);
    connection.end();
    // Node refuses the rest as a request that is none, before it answers what came first.
    expect([400, 422]).toContain((await connection.answer())?.status);
    connection.destroy();

    const next = profileCreation();
    expect((await answerToSigned(next)).status).toBe(200);
    await tested.server.output.line(next.line);
    expect(tested.server.output.lines.filter((line) => longer.line.test(line))).toEqual([]);
  });

  test("a body that declares more than the limit is refused before it is sent", async () => {
    const connection = await connect();
    await connection.send(head(await signBody({ body: "a".repeat(BODY_LIMIT + 1) })));
    expect((await connection.answer())?.status).toBe(413);
    connection.destroy();
  });

  test("a body in chunks that declares another length too is no event", async () => {
    const { body, line } = profileCreation();
    for (const declared of [1, 2 * body.length]) {
      const { headers, ...message } = await signBody({ body });
      const both = { ...headers, "content-length": declared, "transfer-encoding": "chunked" };
      const connection = await connect();
      await connection.send(Buffer.concat([Buffer.from(head({ ...message, headers: both })), ...chunked(body, 100)]));
      connection.end();
      expect([400, 401, 413]).toContain((await connection.answer())?.status);
      connection.destroy();
    }
    expect(tested.server.output.lines.filter((printed) => line.test(printed))).toEqual([]);
  });

  // Side by side, as each takes as long as a body may.
  test.concurrent.each<[string, (message: SignedMessage) => Message, Uint8Array]>([
    ["with a length", (message) => message, Buffer.from("a")],
    ["in chunks", inChunks, chunk(Buffer.from("a"))],
  ])("a body %s that trickles on and on is answered 408", async (_, frame, part) => {
    const connection = await connect();
    await connection.send(head(frame(await signBody({ body: "a".repeat(BODY_LIMIT) }))));
    const answered = connection.answer();
    const trickle = setInterval(() => void connection.send(part), TRICKLE_MS);
    const answer = await answered;
    clearInterval(trickle);
    expect(answer?.status).toBe(408);
    expect(JSON.parse(answer?.body ?? "")).toMatchObject({ code: "body_timeout" });
    connection.destroy();
  });
}
