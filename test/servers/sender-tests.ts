import { createTestCopernica, encodeForm, type TestCopernica } from "copernica-webhooks/testing";
import { expect, test } from "vitest";
import { type Message, PATH, profileCreation, signBody, signed, subprofileCreation } from "./messages.ts";
import type { TestedServer } from "./tested-server.ts";

/** Who may send: Copernica alone, and each delivery once. */
export function addSenderTests(tested: TestedServer): void {
  const { answerTo, answerToSigned } = tested;

  test("it verifies a target with a query string", async () => {
    const { variables, line } = profileCreation();
    const target = `${PATH}?token=a%20b&c[]=%7E1&d=%C3%A9`;
    expect((await answerToSigned({ body: encodeForm(variables), target })).status).toBe(200);
    await tested.server.output.line(line);
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
    await tested.server.output.line(next.line);
    expect(tested.server.output.lines.filter((line) => creation.line.test(line))).toEqual([]);
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
    await tested.server.output.line(next.line);
    expect(tested.server.output.lines.filter((line) => creation.line.test(line))).toHaveLength(1);
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
      await tested.server.output.line(line);
      expect(tested.server.output.lines.filter((printed) => line.test(printed))).toHaveLength(1);
    }
  });
}

/** A sender whose key has another name. */
function otherKey(keyId: string): Promise<TestCopernica> {
  return createTestCopernica({ keyId, keyBits: 1_024 });
}
