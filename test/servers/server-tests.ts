import { setTimeout as pause } from "node:timers/promises";
import { createTestCopernica, encodeForm, samples, type TestCopernica } from "copernica-webhooks/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, type Connection, openConnection } from "./connection.ts";
import {
  chunk,
  chunked,
  FORM,
  head,
  type Message,
  PATH,
  profileCreation,
  type SignedBody,
  type SignedMessage,
  signBody,
  signed,
  signing,
  subprofileCreation,
  whole,
} from "./messages.ts";
import type { RunningServer, ServerSettings } from "./server.ts";

/** A kind of server, and where it differs from the others for reasons of its own. */
export interface ServerKind {
  readonly name: string;
  readonly start: (settings: ServerSettings) => Promise<RunningServer>;
  /** Whether other paths than the handler's are answered by an app around it, in its own words. */
  readonly inApp?: boolean;
  /** Whether it leaves a client without 100 Continue; a client sends its body then nevertheless, after a while. */
  readonly neverContinues?: boolean;
  /** Whether what hands it each part of a body takes some 64 KiB for it, if only for a moment. */
  readonly wastesMemory?: boolean;
  /** Whether it accepts no absolute URL as a request's target, which only proxies send. */
  readonly onlyPaths?: boolean;
}

const LIMIT = 1_024 * 1_024;

/** What lies between two chunks of a body without end: time for an answer to be read. */
const PAUSE_MS = 10;

/** Sends real HTTP to a server under its real runtime, and looks at the answers and at what its callbacks printed. */
export function addServerTests({ name, start, inApp, neverContinues, wastesMemory, onlyPaths }: ServerKind): void {
  describe(name, () => {
    let server: RunningServer;
    beforeAll(async () => {
      server = await start({ copernica: signing });
    });
    afterAll(() => server?.stop());

    const connect = (): Promise<Connection> => openConnection(server.port);
    const answerTo = (message: Message): Promise<Answer> => exchange(server.port, message);
    const answerToSigned = async (body: SignedBody): Promise<Answer> => await answerTo(await signBody(body));

    describe("whatever Copernica sends", () => {
      test.each([
        ["profile", profileCreation],
        ["subprofile", subprofileCreation],
      ])("a created %s reaches its callback, and is answered 200 with nothing", async (_, create) => {
        const { body, line } = create();
        const answer = await answerToSigned({ body });
        expect([answer.status, answer.body]).toEqual([200, ""]);
        await server.output.line(line);
      });

      test("an event in JSON does too", async () => {
        const { variables, line } = profileCreation();
        const contentType = "application/json; charset=utf-8";
        expect((await answerToSigned({ contentType, body: JSON.stringify(variables) })).status).toBe(200);
        await server.output.line(line);
      });

      test.each([
        ["an event that nobody registered for", encodeForm(samples.click)],
        ["an event of an unknown type", "type=merge&profile=1"],
      ])("%s is answered 200", async (_, body) => {
        expect((await answerToSigned({ body })).status).toBe(200);
      });

      const answers: readonly (readonly [what: string, status: number, code: string, message: SignedBody])[] = [
        ["a body that is not JSON", 400, "undecodable_body", { contentType: "application/json", body: "{" }],
        ["a body that is nested too deeply", 400, "undecodable_body", { body: `a${"[b]".repeat(99)}=c` }],
        ["another path", 404, "path_not_found", { target: `${PATH}/more`, body: "type=create" }],
        ["a body over the limit", 413, "body_too_large", { body: "a".repeat(LIMIT + 1) }],
        ["another content type", 415, "unsupported_content_type", { contentType: "text/plain", body: "x" }],
        ["a malformed variable", 422, "invalid_event", { body: "type=create&profile=x" }],
        ["no body", 422, "invalid_event", { body: "" }],
        ["a callback that fails", 500, "callback_failed", { body: subprofileCreation({ outcome: "fail" }).body }],
        ["a callback that hangs", 503, "callback_timeout", { body: subprofileCreation({ outcome: "hang" }).body }],
      ];
      test.each(answers)("%s is answered %d", async (_, status, code, message) => {
        const answer = await answerToSigned(message);
        expect(answer.status).toBe(status);
        if (status === 404 && inApp) return;
        expect(answer.headers.get("content-type")).toBe("application/problem+json");
        expect(JSON.parse(answer.body)).toMatchObject({ status, code });
        expect(answer.body).not.toContain("secret");
      });

      test.each(["GET", "PUT"])("%s is answered 405", async (method) => {
        const answer = await answerTo({ method, body: method === "GET" ? "" : "type=create" });
        expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
        expect(JSON.parse(answer.body)).toMatchObject({ status: 405, code: "method_not_allowed" });
      });

      test("HEAD is answered 405 without a body, and the connection goes on", async () => {
        const connection = await connect();
        await connection.send(head({ method: "HEAD" }));
        const answer = await connection.answer({ method: "HEAD" });
        expect(answer?.status).toBe(405);
        expect(answer?.headers.get("allow")).toBe("POST");
        await connection.send(whole(await signBody(profileCreation())));
        expect((await connection.answer())?.status).toBe(200);
        connection.destroy();
      });

      test("a body in chunks is an event like another", async () => {
        const { body, line } = profileCreation();
        const connection = await connect();
        await connection.send(head(inChunks(await signBody({ body }))));
        for (const part of chunked(body, 50)) await connection.send(part);
        expect((await connection.answer())?.status).toBe(200);
        await server.output.line(line);
        connection.destroy();
      });

      test("a connection serves one event after another", async () => {
        const connection = await connect();
        for (const { body, line } of [profileCreation(), subprofileCreation()]) {
          await connection.send(whole(await signBody({ body })));
          expect((await connection.answer())?.status).toBe(200);
          await server.output.line(line);
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
        await server.output.line(first.line);
        await server.output.line(last.line);
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
        await server.output.line(line);
        connection.destroy();
      });

      test.skipIf(onlyPaths)("an absolute target is accepted", async () => {
        const { body, line } = profileCreation();
        const { target, ...message } = await signBody({ target: `${PATH}?x`, body });
        expect((await answerTo({ ...message, target: `http://127.0.0.1${target}` })).status).toBe(200);
        await server.output.line(line);
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
        await server.output.line(line);
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
        await server.output.line(next.line);
        expect(server.output.lines.filter((line) => cut.line.test(line))).toEqual([]);
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
        await server.output.line(next.line);
        expect(server.output.lines.filter((line) => longer.line.test(line))).toEqual([]);
      });

      test("a body that declares more than the limit is refused before it is sent", async () => {
        const connection = await connect();
        await connection.send(head(await signBody({ body: "a".repeat(LIMIT + 1) })));
        expect((await connection.answer())?.status).toBe(413);
        connection.destroy();
      });

      test("a body in chunks that declares another length too is no event", async () => {
        const { body, line } = profileCreation();
        for (const declared of [1, 2 * body.length]) {
          const { headers, ...message } = await signBody({ body });
          const both = { ...headers, "content-length": declared, "transfer-encoding": "chunked" };
          const connection = await connect();
          await connection.send(
            Buffer.concat([Buffer.from(head({ ...message, headers: both })), ...chunked(body, 100)]),
          );
          connection.end();
          expect([400, 401, 413]).toContain((await connection.answer())?.status);
          connection.destroy();
        }
        expect(server.output.lines.filter((printed) => line.test(printed))).toEqual([]);
      });

      // Side by side, as each takes as long as a body may.
      test.concurrent.each<[string, (message: SignedMessage) => Message, Uint8Array]>([
        ["with a length", (message) => message, Buffer.from("a")],
        ["in chunks", inChunks, chunk(Buffer.from("a"))],
      ])("a body %s that trickles on and on is answered 408", async (_, frame, part) => {
        const connection = await connect();
        await connection.send(head(frame(await signBody({ body: "a".repeat(LIMIT) }))));
        const answered = connection.answer();
        const trickle = setInterval(() => void connection.send(part), 10 * PAUSE_MS);
        const answer = await answered;
        clearInterval(trickle);
        expect(answer?.status).toBe(408);
        expect(JSON.parse(answer?.body ?? "")).toMatchObject({ code: "body_timeout" });
        connection.destroy();
      });

      test("200 kB in chunks of one byte take less than 50 MB", async () => {
        const body = "type=x&pad=".padEnd(200_000, "a");
        const message = inChunks(await signBody({ body }));
        const before = server.memory();
        let most = before;
        const connection = await connect();
        await connection.send(head(message));
        for (let start = 0; start < body.length; start += 1_000) {
          const parts = [...body.slice(start, start + 1_000)].map((character) => chunk(Buffer.from(character)));
          await connection.send(Buffer.concat(parts));
          most = Math.max(most, server.memory());
        }
        await connection.send(chunked("", 1)[0] ?? "");
        expect((await connection.answer())?.status).toBe(200);
        expect(Math.max(most, server.memory()) - before).toBeLessThan(50);
        connection.destroy();
      });

      test.each<[string, number, () => Promise<Message>]>([
        ["of Copernica's", 413, () => signBody({ body: "type=create" })],
        ["of a stranger's", 401, async () => ({ headers: { "content-type": FORM } })],
      ])("a body without end %s is refused with %d while it is sent", async (_, status, create) => {
        const connection = await connect();
        await connection.send(head(inChunks(await create())));
        const answered = connection.answer();
        const endless = chunk(Buffer.alloc(LIMIT / 4, "a"));
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
          await server.output.line(line);
          expect(server.output.lines.filter((printed) => line.test(printed))).toHaveLength(1);
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
        const before = server.memory();
        let most = before;
        for (let round = 0; round < 5; round += 1) {
          await breakConnections(server.port, 120);
          most = Math.max(most, server.memory());
        }
        expect(most - before).toBeLessThan(MOST_MEMORY_MIB);
        expect((await answerToSigned(profileCreation())).status).toBe(200);
      });

      test.skipIf(wastesMemory)("a body in chunks of one byte takes little memory", async () => {
        const body = `type=${"a".repeat(200_000)}`;
        const message = Buffer.from(head(inChunks(await signBody({ body }))));
        const connection = await connect();
        const before = server.memory();
        await connection.send(Buffer.concat([message, ...chunked(body, 1)]));
        expect((await connection.answer())?.status).toBe(200);
        expect(server.memory() - before).toBeLessThan(MOST_MEMORY_OF_BYTES_MIB);
        connection.destroy();
      });
    });

    describe("who sent it is verified", () => {
      test("it verifies a target with a query string", async () => {
        const { variables, line } = profileCreation();
        const target = `${PATH}?token=a%20b&c[]=%7E1&d=%C3%A9`;
        expect((await answerToSigned({ body: encodeForm(variables), target })).status).toBe(200);
        await server.output.line(line);
      });

      test("nobody else gets in", async () => {
        const creation = profileCreation();
        const genuine = await signBody(creation);
        const stranger = await createTestCopernica();
        const refused: readonly (readonly [message: Message, code: string])[] = [
          [{ body: creation.body }, "invalid_signature_header"],
          [{ ...genuine, body: Buffer.from(genuine.body).fill("x", 0, 1) }, "digest_mismatch"],
          [{ ...genuine, target: `${PATH}?more` }, "signature_mismatch"],
          [{ ...genuine, headers: { ...genuine.headers, host: "example.com" } }, "signature_mismatch"],
          [{ ...genuine, headers: { ...genuine.headers, "x-copernica-id": "account_1" } }, "signature_mismatch"],
          [await signBody({ ...creation, date: new Date(0) }), "date_out_of_range"],
          [await signed(stranger, creation.variables), "signature_mismatch"],
          [await signed(await otherKey("none._domainkey.copernica.com"), creation.variables), "key_not_found"],
        ];
        const answers = await Promise.all(refused.map(([message]) => answerTo(message)));
        expect(answers.map(({ body }) => JSON.parse(body).code)).toEqual(refused.map(([, code]) => code));
        for (const answer of answers) {
          expect([answer.status, JSON.parse(answer.body).status]).toEqual([401, 401]);
          expect(answer.headers.get("www-authenticate")).toMatch(/^Signature /);
        }
        const next = profileCreation();
        expect((await answerToSigned(next)).status).toBe(200);
        await server.output.line(next.line);
        expect(server.output.lines.filter((line) => creation.line.test(line))).toEqual([]);
      });

      test("a key that DNS can't be asked for is answered 503, to come again", async () => {
        const sender = await otherKey("down._domainkey.copernica.com");
        const answer = await answerTo(await signed(sender, profileCreation().variables));
        expect([answer.status, JSON.parse(answer.body).code]).toEqual([503, "key_unavailable"]);
        expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      });

      test("a delivery that is sent again runs its callback once", async () => {
        const creation = profileCreation();
        const message = await signBody(creation);
        const next = profileCreation();
        for (const sent of [message, message, await signBody(next)]) {
          expect((await answerTo(sent)).status).toBe(200);
        }
        await server.output.line(next.line);
        expect(server.output.lines.filter((line) => creation.line.test(line))).toHaveLength(1);
      });

      test("a delivery whose callback still runs is answered 409, to come again", async () => {
        const message = await signBody(subprofileCreation({ outcome: "hang" }));
        expect((await answerTo(message)).status).toBe(503);
        const answer = await answerTo(message);
        expect([answer.status, JSON.parse(answer.body).code]).toEqual([409, "delivery_in_progress"]);
        expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      });

      test("200 deliveries at once are served, each once", async () => {
        const creations = Array.from({ length: 200 }, () => profileCreation());
        const messages = await Promise.all(creations.map(signBody));
        const answers = await Promise.all(messages.map(answerTo));
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
        for (const { line } of creations) {
          await server.output.line(line);
          expect(server.output.lines.filter((printed) => line.test(printed))).toHaveLength(1);
        }
      });
    });

    test("it still runs after all this", () => {
      expect(server.alive()).toBe(true);
    });
  });
}

/** How much the memory of a server may grow while several times as much is sent to it. */
const MOST_MEMORY_MIB = 256;
const MOST_MEMORY_OF_BYTES_MIB = 50;

/** The same message, its body to be sent in chunks. */
function inChunks({ headers, ...message }: Message): Message {
  const { "content-length": _, ...others } = headers ?? {};
  return { ...message, headers: { ...others, "transfer-encoding": "chunked" } };
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

/** Breaks off many connections, most of them within a large body. */
async function breakConnections(port: number, count: number): Promise<void> {
  const megabyte = "a".repeat(LIMIT - 1);
  const tooLong = { headers: { "content-type": FORM, "content-length": 10_000 * LIMIT } };
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

/** A sender whose key has another name. */
function otherKey(keyId: string): Promise<TestCopernica> {
  return createTestCopernica({ keyId, keyBits: 1_024 });
}
