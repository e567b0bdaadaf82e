import { describe, expect, test } from "vitest";
import { isMethod, never, problemOf, receiver } from "./answering.ts";
import { ENDPOINT, FORM, post } from "./posts.ts";

describe("the method", () => {
  test.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "ALL", "post-it"].filter(isMethod))(
    "%s is refused",
    async (method) => {
      const { handler } = receiver({ path: "/webhooks/:name", onEvent: never });
      for (const url of [ENDPOINT, "https://receiver.example/elsewhere"]) {
        const response = await handler(new Request(url, { method }));
        expect(response.status).toBe(405);
        expect(response.headers.get("allow")).toBe("POST");
      }
    },
  );

  test("POST is accepted however it is spelled", async () => {
    const { handler } = receiver();
    const headers = { "content-type": FORM };
    expect((await handler(new Request(ENDPOINT, { method: "post", headers, body: "type=x" }))).status).toBe(200);
  });
});

describe("the content type", () => {
  const form = "type=transmogrify";
  const json = '{"type":"transmogrify"}';

  test.each([
    ["application/x-www-form-urlencoded", form],
    ["application/x-www-form-urlencoded; charset=UTF-8", form],
    ["application/x-www-form-urlencoded;charset=utf-8", form],
    ['application/x-www-form-urlencoded ; charset="utf-8"; x=y', form],
    ["APPLICATION/X-WWW-Form-URLEncoded", form],
    ["  application/x-www-form-urlencoded  ", form],
    ["application/json", json],
    ["application/json; charset=utf-8", json],
    ["Application/JSON;charset=UTF-8", json],
  ])("%j is accepted", async (contentType, body) => {
    const { handler } = receiver();
    expect((await handler(post(body, { "content-type": contentType }))).status).toBe(200);
  });

  test.each([
    "",
    "text/plain",
    "text/plain;charset=UTF-8",
    "multipart/form-data; boundary=application/x-www-form-urlencoded",
    "application/x-www-form-urlencodedx",
    "application/json-patch+json",
    "application/problem+json",
    "application/json, application/x-www-form-urlencoded",
    "x; application/json",
    "application/octet-stream",
  ])("%j is refused", async (contentType) => {
    const { handler, errors } = receiver();
    const response = await handler(post(form, { "content-type": contentType }));
    expect(response.status).toBe(415);
    expect((await problemOf(response)).detail).toContain("application/x-www-form-urlencoded");
    expect(errors).toHaveLength(1);
  });

  test("is refused if it is missing", async () => {
    const { handler } = receiver();
    expect((await handler(post(new TextEncoder().encode(form), {}))).status).toBe(415);
    expect((await handler(post(null, {}))).status).toBe(415);
  });
});
