import { describe, expect, test } from "vitest";
import { isMethod, never, problemOf, receiver, SECRET, shownBy } from "./answering.ts";
import { post, postEvent } from "./posts.ts";

describe("an event that is not what its type asks for", () => {
  test("is answered with every variable at fault and what was expected, never with a value", async () => {
    const { handler, errors } = receiver({ onEvent: never });
    const response = await handler(
      postEvent({
        type: "create",
        profile: SECRET,
        database: "",
        timestamp: `${SECRET}!`,
        created: { 0: SECRET },
        fields: { email: { 1: SECRET }, age: "34" },
        parameters: SECRET,
        time: "-1",
      }),
    );
    expect(response.status).toBe(422);
    const problem = await problemOf(response.clone() as Response);
    expect(Object.fromEntries((problem.faults ?? []).map((fault) => [fault.variable, fault]))).toEqual({
      profile: { variable: "profile", expected: "a positive whole number", received: "text of 16 characters" },
      database: { variable: "database", expected: "a positive whole number", received: "empty text" },
      timestamp: {
        variable: "timestamp",
        expected: "a time as YYYY-MM-DD HH:MM:SS",
        received: "text of 17 characters",
      },
      created: { variable: "created", expected: "a time as YYYY-MM-DD HH:MM:SS", received: "a map" },
      modified: { variable: "modified", expected: "a time as YYYY-MM-DD HH:MM:SS", received: "nothing" },
      "fields.email": { variable: "fields.email", expected: "text", received: "a map" },
      parameters: { variable: "parameters", expected: "a map", received: "text of 16 characters" },
      time: { variable: "time", expected: "a Unix time in seconds", received: "text of 2 characters" },
    });
    for (const { variable } of problem.faults ?? []) expect(problem.detail).toContain(variable);
    expect(await shownBy(response)).not.toContain(SECRET);
    expect(errors[0]).toMatchObject({ code: "invalid_event", faults: problem.faults });
  });

  test("shows no value of a body that cannot be decoded", async () => {
    const { handler, errors } = receiver();
    const response = await handler(post(`{"type":"create","x":${SECRET}}`, { "content-type": "application/json" }));
    expect(response.status).toBe(400);
    expect(await shownBy(response)).not.toContain(SECRET.slice(0, 4));
    expect(errors[0]?.cause).toBeInstanceOf(SyntaxError);
  });

  test("nothing that the sender chose is repeated: path, method, headers", async () => {
    const { handler } = receiver({ path: "/hooks" });
    const url = `https://receiver.example/${SECRET}?${SECRET}`;
    const headers = { "content-type": `text/${SECRET}`, "x-name": SECRET };
    expect(await shownBy(await handler(post("", headers, url)))).not.toContain(SECRET);
    if (isMethod(SECRET)) {
      expect(await shownBy(await handler(new Request(url, { method: SECRET, headers })))).not.toContain(SECRET);
    }
    expect(await shownBy(await handler(post("", headers, "https://receiver.example/hooks")))).not.toContain(SECRET);
  });
});
