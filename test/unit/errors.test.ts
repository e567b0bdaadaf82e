import { describe, expect, test } from "vitest";
import * as errorsModule from "../../src/errors.ts";
import * as fieldsModule from "../../src/fields.ts";
import { answerError } from "../../src/handler/answer.ts";
import * as publicModule from "../../src/index.ts";
import {
  type AnsweredError,
  type Fault,
  InvalidEventError,
  InvalidFieldsError,
  InvalidOptionError,
  parseEvent,
  type VerificationError,
  WebhookError,
  type WebhookErrorCode,
} from "../../src/index.ts";
import { encodeForm } from "../../src/testing.ts";
import { FORM, profileCreated } from "./posts.ts";

/** The status of every code: it does not compile where the union lacks one, or has one more. */
const statuses: Readonly<Record<WebhookErrorCode, number>> = {
  invalid_option: 500,
  invalid_description: 500,
  method_not_allowed: 405,
  path_not_found: 404,
  body_used: 400,
  body_interrupted: 400,
  body_too_large: 413,
  unsupported_content_type: 415,
  undecodable_body: 400,
  invalid_event: 422,
  invalid_fields: 422,
  callback_failed: 500,
  callback_timeout: 503,
  internal_error: 500,
  invalid_signature_header: 401,
  invalid_digest_header: 401,
  invalid_date_header: 401,
  invalid_account_header: 401,
  signature_incomplete: 401,
  account_mismatch: 401,
  algorithm_refused: 401,
  key_id_refused: 401,
  date_out_of_range: 401,
  digest_mismatch: 401,
  signature_mismatch: 401,
  key_not_found: 401,
  key_revoked: 401,
  key_refused: 401,
  key_unavailable: 503,
  delivery_in_progress: 409,
  deliveries_unavailable: 503,
};

/** Whether two types are the same: what is declared to be `true` does not compile where they are not. */
type Same<One, Other> = [One, Other] extends [Other, One] ? true : false;

type VerificationCode = {
  [Code in WebhookErrorCode]: Code extends
    | "signature_incomplete"
    | "account_mismatch"
    | "algorithm_refused"
    | "date_out_of_range"
    | "digest_mismatch"
    | "signature_mismatch"
    | `invalid_${string}_header`
    | `key_${string}`
    ? Code
    : never;
}[WebhookErrorCode];

const unionsAreComplete: readonly true[] = [
  true satisfies Same<VerificationCode, VerificationError["code"]>,
  true satisfies Same<Exclude<WebhookErrorCode, "invalid_option" | "invalid_description">, AnsweredError["code"]>,
];

const faults: readonly Fault[] = [
  { variable: "profile", expected: "a positive whole number", received: "nothing" },
  { variable: "fields.age", expected: "a whole number", received: "text of 3 characters" },
];

type AnyClass = new (...parameters: never[]) => WebhookError;

/** The classes of the module that are errors, but for their base. */
function classesOf(module: object): [string, AnyClass][] {
  return Object.entries(module).filter(([, exported]) => exported?.prototype instanceof WebhookError);
}

function make(name: string, ErrorClass: AnyClass, cause: unknown): WebhookError {
  const event = parseEvent(encodeForm(profileCreated), FORM);
  const parameters: readonly unknown[] = {
    InvalidEventError: [faults, { cause }],
    InvalidFieldsError: [faults, event, { cause }],
    CallbackError: [event, { cause }],
    CallbackError: [event],
    InvalidDescriptionError: ["fields", "must be a list"],
  }[name] ?? ["Do this.", { cause }];
  return new ErrorClass(...(parameters as never[])); // as each of these classes takes them
}

const classes = classesOf(errorsModule);

describe("the errors", () => {
  test("are all public, and there is one for each code", () => {
    expect(Object.fromEntries(classesOf({ ...publicModule, ...fieldsModule }))).toEqual(Object.fromEntries(classes));
    const codes = classes.map(([name, ErrorClass]) => make(name, ErrorClass, undefined).code);
    expect(codes.sort()).toEqual(Object.keys(statuses).sort());
    expect(unionsAreComplete).toEqual([true, true]);
  });

  test.each(classes)("%s has its code, its status, its name and its cause", (name, ErrorClass) => {
    const cause = new Error("beneath");
    const error = make(name, ErrorClass, cause);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe(name);
    expect(error.code).toMatch(/^[a-z]+(_[a-z]+)+$/);
    expect(error.status).toBe(statuses[error.code as WebhookErrorCode]); // every one is in the table, as was just tested
    expect(error.message).toMatch(/^[A-Z].*\.$/);
    expect(error.cause).toBe(["CallbackError", "InvalidDescriptionError"].includes(name) ? undefined : cause);
    expect(error.stack).toContain(name);
  });

  test.each(classes)("the code of %s follows from its name", (name, ErrorClass) => {
    const words = name.replace(/(?<!Internal)Error$/, "").match(/[A-Z][a-z]+/g) ?? [];
    expect(make(name, ErrorClass, undefined).code).toBe(words.join("_").toLowerCase());
  });

  test.each(classes)("%s can be answered, and shows nothing of its cause", async (name, ErrorClass) => {
    const error = make(name, ErrorClass, new Error("c0ffee-swordfish"));
    const response = answerError(error);
    expect(response.status).toBe(error.status);
    const answer = await response.text();
    expect(answer).not.toContain("swordfish");
    expect(answer).not.toContain("sanne@example.com");
    expect(JSON.parse(answer)).toMatchObject({ code: error.code, status: error.status, title: expect.any(String) });
  });

  test("that ask to be tried again say when", () => {
    const retried = classes
      .map(([name, ErrorClass]) => make(name, ErrorClass, undefined))
      .filter(({ retryAfterSeconds }) => retryAfterSeconds !== undefined);
    expect(retried.map(({ code }) => code).sort()).toEqual([
      "deliveries_unavailable",
      "delivery_in_progress",
      "key_unavailable",
    ]);
    for (const error of retried) {
      expect(answerError(error).headers.get("retry-after")).toBe(String(error.retryAfterSeconds));
    }
  });

  test("with faults name them all in their message", () => {
    for (const ErrorClass of [InvalidEventError, InvalidFieldsError]) {
      const error = make(ErrorClass.name, ErrorClass, undefined);
      expect(error.faults).toEqual(faults);
      expect(error.message).toContain("profile must be a positive whole number, got nothing");
      expect(error.message).toContain("fields.age must be a whole number, got text of 3 characters");
    }
  });

  test("with a flood of faults, of long names, make no flood of an answer, but keep them", async () => {
    const flood = Array.from({ length: 5_000 }, (_, index) => ({
      variable: `fields.${index}${"x".repeat(4_000)}`,
      expected: "text",
      received: "a map",
    }));
    const error = new InvalidEventError(flood);
    expect(error.faults).toHaveLength(5_000);
    expect(error.message.length).toBeLessThan(10_000);
    expect((await answerError(error).text()).length).toBeLessThan(200_000);
  });

  test("narrow by code", () => {
    const error: AnsweredError | InvalidOptionError = new InvalidEventError(faults);
    const read = (either: AnsweredError | InvalidOptionError): readonly Fault[] => {
      return either.code === "invalid_event" ? either.faults : [];
    };
    expect(read(error)).toBe(faults);
    expect(read(new InvalidOptionError("Do this."))).toEqual([]);
  });
});
