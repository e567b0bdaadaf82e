import { describe, expect, test } from "vitest";
import { InvalidDescriptionError } from "../../src/generate.ts";
import { createResponse, describeProblem } from "../../src/handler/answer.ts";
import * as publicModule from "../../src/index.ts";
import {
  type AnsweredError,
  CallbackError,
  DeliveryError,
  type Fault,
  HttpError,
  InternalError,
  InvalidEventError,
  InvalidFieldsError,
  InvalidOptionError,
  parseEvent,
  RequestError,
  VerificationError,
  WebhookError,
} from "../../src/index.ts";
import { encodeForm } from "../../src/testing.ts";
import { type AnsweredCode, answersByCode } from "../fixtures/errors.ts";
import { FORM, profileCreated } from "./posts.ts";

const codes = Object.keys(answersByCode) as AnsweredCode[]; // as its type says

const faults: readonly Fault[] = [
  { variable: "profile", expected: "a positive whole number", received: "nothing" },
  { variable: "fields.age", expected: "a whole number", received: "text of 3 characters" },
];

const event = parseEvent(encodeForm(profileCreated), FORM);

/** Makes the error of a code, with the constructor of its class. */
function make(code: AnsweredCode, cause?: unknown): AnsweredError {
  const made = [
    () => new RequestError(code as RequestError["code"], "Do this.", { cause }),
    () => new VerificationError(code as VerificationError["code"], "Do this.", { cause }),
    () => new InvalidEventError(faults, { cause }),
    () => new InvalidFieldsError(faults, event as InvalidFieldsError["event"], { cause }),
    () => new DeliveryError(code as DeliveryError["code"], event, { cause }),
    () => new CallbackError(code as CallbackError["code"], event, { cause }),
    () => new InternalError("Do this.", { cause }),
  ]
    .map((construct) => construct())
    .find(({ name }) => name === answersByCode[code][1]); // so that each code goes to the class that takes it
  if (made === undefined) throw new Error(`no class ${answersByCode[code][1]}`);
  return made;
}

describe("an answered error", () => {
  test.each(codes)("%s has its code, its status, its class's name and its cause", (code) => {
    const cause = new Error("beneath");
    const error = make(code, cause);
    expect([error.code, error.status, error.name]).toEqual([code, ...answersByCode[code]]);
    for (const Base of [Error, WebhookError, HttpError]) expect(error).toBeInstanceOf(Base);
    expect(error.message).toMatch(/^[A-Z].*\.$/);
    expect(error.cause).toBe(cause);
    expect(error.stack).toContain("Error");
  });

  test.each(codes)("%s shows nothing of its cause, nor of its event, in its answer", async (code) => {
    const error = make(code, new Error("c0ffee-swordfish"));
    const response = createResponse(describeProblem(error));
    expect(response.status).toBe(error.status);
    const answer = await response.text();
    expect(answer).not.toContain("swordfish");
    expect(answer).not.toContain("sanne@example.com");
    expect(JSON.parse(answer)).toMatchObject({ code, status: error.status, title: expect.stringMatching(/^[A-Z]/) });
  });

  test("is an instance of VerificationError for every 401", () => {
    const unauthorized = codes.filter((code) => answersByCode[code][0] === 401);
    expect(unauthorized).toHaveLength(14);
    for (const code of unauthorized) expect(make(code)).toBeInstanceOf(VerificationError);
  });

  test("that asks to be tried again says when", () => {
    const retried = codes.map((code) => make(code)).filter(({ retryAfterSeconds }) => retryAfterSeconds !== undefined);
    expect(retried.map(({ code }) => code).sort()).toEqual([
      "deliveries_unavailable",
      "delivery_in_progress",
      "key_unavailable",
    ]);
    for (const error of retried) {
      expect(describeProblem(error).headers?.["retry-after"]).toBe(String(error.retryAfterSeconds));
    }
  });

  test("with faults names them all in its message", () => {
    for (const error of [make("invalid_event"), make("invalid_fields")]) {
      expect(error.faults).toEqual(faults);
      expect(error.message).toContain("profile must be a positive whole number, got nothing");
      expect(error.message).toContain("fields.age must be a whole number, got text of 3 characters");
    }
  });

  test("with a flood of faults, of long names, makes no flood of an answer, but keeps them", () => {
    const flood = Array.from({ length: 5_000 }, (_, index) => ({
      variable: `fields.${index}${"x".repeat(4_000)}`,
      expected: "text",
      received: "a map",
    }));
    const error = new InvalidEventError(flood);
    expect(error.faults).toHaveLength(5_000);
    expect(error.message.length).toBeLessThan(10_000);
    expect(describeProblem(error).body?.length).toBeLessThan(200_000);
  });

  test("narrows by its code to what it carries", () => {
    const read = (error: AnsweredError): unknown => {
      switch (error.code) {
        case "invalid_event":
          return error.faults satisfies readonly Fault[];
        case "invalid_fields":
          return error.event.profile;
        case "callback_failed":
        case "callback_timeout":
        case "delivery_in_progress":
        case "deliveries_unavailable":
          return error.event.name;
        default:
          return error.deliveryId;
      }
    };
    expect(read(make("invalid_event"))).toBe(faults);
    expect(read(make("callback_failed"))).toBe("profile.create");
    expect(read(make("body_used"))).toBeUndefined();
  });
});

describe("an error that is never answered", () => {
  test.each([
    [new InvalidOptionError("Do this."), "invalid_option", "InvalidOptionError"],
    [new InvalidDescriptionError("fields", "must be a list"), "invalid_description", "InvalidDescriptionError"],
  ])("has no status: %s", (error, code, name) => {
    expect(error).toBeInstanceOf(WebhookError);
    expect([error.code, error.name]).toEqual([code, name]);
    expect("status" in error).toBe(false);
  });
});

test("every class of errors is public", () => {
  const classes = Object.entries(publicModule).filter(([, exported]) => {
    return typeof exported === "function" && exported.prototype instanceof WebhookError;
  });
  const named = [...new Set(codes.map((code) => answersByCode[code][1])), "HttpError", "InvalidOptionError"];
  expect(classes.map(([name]) => name).sort()).toEqual(named.sort());
});
