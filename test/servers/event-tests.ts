import { encodeForm, samples } from "copernica-webhooks/testing";
import { expect, test } from "vitest";
import {
  BODY_LIMIT,
  head,
  PATH,
  profileCreation,
  type SignedBody,
  signBody,
  subprofileCreation,
  whole,
} from "./messages.ts";
import type { TestedServer } from "./tested-server.ts";

/** What a server makes of events: each reaches its callback, and each fault has an answer of its own. */
export function addEventTests(tested: TestedServer): void {
  const { connect, answerTo, answerToSigned, inApp } = tested;

  test.each([
    ["profile", profileCreation],
    ["subprofile", subprofileCreation],
  ])("a created %s reaches its callback, and is answered 200 with nothing", async (_, create) => {
    const { body, line } = create();
    const answer = await answerToSigned({ body });
    expect([answer.status, answer.body]).toEqual([200, ""]);
    await tested.server.output.line(line);
  });

  test("an event in JSON does too", async () => {
    const { variables, line } = profileCreation();
    const contentType = "application/json; charset=utf-8";
    expect((await answerToSigned({ contentType, body: JSON.stringify(variables) })).status).toBe(200);
    await tested.server.output.line(line);
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
    ["a body over the limit", 413, "body_too_large", { body: "a".repeat(BODY_LIMIT + 1) }],
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
}
