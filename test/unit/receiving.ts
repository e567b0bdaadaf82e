import { expect } from "vitest";
import {
  type AnsweredError,
  createWebhookHandler,
  database,
  InvalidFieldsError,
  type SchemaResult,
  type StandardSchema,
  type WebhookHandler,
  type WebhookOptions,
} from "../../src/index.ts";
import { samples, type Variables } from "../../src/testing.ts";
import { postEvent } from "./posts.ts";

/** The sample of a created profile, of database 12. */
export const profile = samples["profile.create"];

/** The sample of a created subprofile, of collection 3 in database 12. */
export const subprofile = samples["subprofile.create"];

/** A secret that no answer may hold. */
export const SECRET = "s3cret-value";

/** Gives an event to a handler made with these options: its answer, and the errors that `onError` was told of. */
export async function receive(options: WebhookOptions, variables: Variables) {
  const errors: AnsweredError[] = [];
  const handler = createWebhookHandler({ onWarning() {}, onError: (error) => errors.push(error), ...options });
  const { status, body } = await answerOf(handler, postEvent(variables));
  return { status, body, errors };
}

async function answerOf(handler: WebhookHandler, request: Request) {
  const response = await handler(request);
  return { status: response.status, body: await response.text() };
}

/** What the callback of a route sees of a created profile with these fields, sent to a database with these field types. */
export async function fieldsSeen(types: object, sent: Variables): Promise<unknown> {
  const seen: unknown[] = [];
  const options = { fields: types, onProfileCreate: ({ fields }: { fields: unknown }) => void seen.push(fields) };
  const { status, body } = await receive({ databases: [database(12, options)] }, { ...profile, fields: sent });
  expect([status, body]).toEqual([200, ""]);
  expect(seen).toHaveLength(1);
  return seen[0];
}

/** The faults that a created profile with these fields is refused for, by a database with these field types. */
export async function faultsFound(types: object, sent: Variables, unknownFields: "ignore" | "reject" = "ignore") {
  const ran: unknown[] = [];
  const record = (event: unknown): unknown => ran.push(event);
  const route = database(12, { fields: types, unknownFields, onProfileCreate: record });
  const answer = await receive({ databases: [route], onEvent: record }, { ...profile, fields: sent });
  expect(ran).toEqual([]);
  expect(answer.status).toBe(422);
  expect(answer.errors).toEqual([expect.any(InvalidFieldsError)]);
  expect(answer.body).not.toContain(SECRET);
  const { code, faults } = JSON.parse(answer.body);
  expect(code).toBe("invalid_fields");
  return faults;
}

/** A schema by the Standard Schema specification that does this. */
export function schema(
  validate: (value: unknown) => SchemaResult<unknown> | Promise<SchemaResult<unknown>>,
): StandardSchema {
  return { "~standard": { version: 1, vendor: "test", validate } };
}
