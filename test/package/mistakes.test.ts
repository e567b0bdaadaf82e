import { describe, expect, test } from "vitest";
import { compile } from "./compile.ts";

interface Mistake {
  /** What is wrong, in words. */
  readonly name: string;
  /** A source with one mistake, which `«` stands before. */
  readonly source: string;
  /** What the compiler says of it. */
  readonly says: RegExp;
}

const hundredFields = Array.from({ length: 100 }, (_, index) => `field${index}: text(),`);

const mistakes: readonly Mistake[] = [
  {
    name: "a field that is no field type",
    source: `
      database(12, {
        fields: {
          email: email(),
          «age: "integer",
          paid: flag(),
        },
        onProfileCreate(event) {
          console.log(event.fields.email?.length, event.fields.paid === true);
        },
      });`,
    says: /Type '"integer"' is not assignable to type '"integer" & FieldSchema'/,
  },
  {
    name: "a field type that is not called",
    source: `
      database(12, {
        fields: {
          email: email(),
          «age: integer,
        },
        onProfileCreate(event) {
          console.log(event.fields.email?.length);
        },
      });`,
    says: /Type '\(\) => Field<number \| null>' is not assignable to type .*FieldSchema/,
  },
  {
    name: "one field of a hundred, in a collection in a database in a handler",
    source: `
      createWebhookHandler({
        databases: [
          database(12, {
            collections: [
              collection(3, {
                fields: {
                  ${hundredFields.slice(0, 70).join("\n")}
                  «age: 3,
                  ${hundredFields.slice(70).join("\n")}
                },
                onSubprofileCreate(event) {
                  console.log(event.fields.field0?.length, event.fields.field99?.length);
                },
              }),
            ],
          }),
        ],
      });`,
    says: /Type '3' is not assignable to type '3 & FieldSchema'/,
  },
  {
    name: "a choice that is no text",
    source: `
      database(12, {
        fields: {
          email: email(),
          status: select("prospect", «7),
        },
      });`,
    says: /'number' is not assignable to parameter of type 'string'/,
  },
  {
    name: "a misspelled field",
    source: `
      database(12, {
        fields: { email: email() },
        onProfileCreate(event) {
          console.log(event.fields.«emial);
        },
      });`,
    says: /Property 'emial' does not exist .* Did you mean 'email'\?/,
  },
  {
    name: "a misspelled interest",
    source: `
      database(12, {
        interests: ["newsletter"],
        onProfileCreate(event) {
          console.log(event.interests.«newsleter);
        },
      });`,
    says: /Property 'newsleter' does not exist .* Did you mean 'newsletter'\?/,
  },
  {
    name: "a field taken for another type than it has",
    source: `
      database(12, {
        fields: { email: email(), age: integer() },
        onProfileCreate(event) {
          const «age: string | null = event.fields.age;
          console.log(age, event.fields.email);
        },
      });`,
    says: /Type 'number \| null' is not assignable to type 'string \| null'/,
  },
  {
    name: "a misspelled callback of a route",
    source: `
      createWebhookHandler({
        databases: [
          database(12, {
            fields: { email: email() },
            «onProfileCreated() {},
          }),
        ],
        onClick(event) {
          console.log(event.ip);
        },
      });`,
    says: /'onProfileCreated' does not exist .* Did you mean to write 'onProfileCreate'\?/,
  },
  {
    name: "a callback that a database has no events for",
    source: `
      database(12, {
        fields: { email: email() },
        «onClick() {},
      });`,
    says: /'onClick' does not exist in type 'DatabaseOptions</,
  },
  {
    name: "a misspelled callback of a handler",
    source: `
      createWebhookHandler({
        onClick(event) {
          console.log(event.ip);
        },
        «onOpens() {},
      });`,
    says: /'onOpens' does not exist .* Did you mean to write 'onOpen'\?/,
  },
  {
    name: "a misspelled option",
    source: `
      createWebhookHandler({
        account: 1234,
        «timeOutMs: 1_000,
        onClick(event) {
          console.log(event.ip);
        },
      });`,
    says: /'timeOutMs' does not exist .* Did you mean to write 'timeoutMs'\?/,
  },
  {
    name: "an id that is no number",
    source: `
      database(«"12", {
        fields: { email: email() },
        onProfileCreate(event) {
          console.log(event.fields.email?.length);
        },
      });`,
    says: /'string' is not assignable to parameter of type 'number'/,
  },
  {
    name: "a misspelled variable of a test's call",
    source: `
      const copernica = await createTestCopernica();
      await copernica.request({
        ...samples["profile.create"],
        profile: 7,
        «profil: 7,
      });`,
    says: /Type '7' is not assignable to type '7 & NoVariableOf<"create">'/,
  },
  {
    name: "a misspelled option of a test's sender",
    source: `
      await createTestCopernica({
        account: 1234,
        «keyID: "one._domainkey.copernica.com",
      });`,
    says: /'keyID' does not exist .* Did you mean to write 'keyId'\?/,
  },
  {
    name: "a case too few",
    source: `
      createWebhookHandler({
        onEvent(event) {
          if (event.name === "unknown" || event.name === "profile.create") return;
          event «satisfies never;
        },
      });`,
    says: /does not satisfy the expected type 'never'/,
  },
];

const imports = `
  import { collection, createWebhookHandler, database } from "copernica-webhooks";
  import { email, flag, integer, select, text } from "copernica-webhooks/fields";
  import { createTestCopernica, samples } from "copernica-webhooks/testing";
`;
const sources = mistakes.map(({ source }) => imports + source);
const reports = compile(
  Object.fromEntries(sources.map((source, index) => [`mistake${index}.ts`, source.replace("«", "")])),
);

describe("a mistake is one error, where it was made:", () => {
  test.each(mistakes.map(({ name, says }, index) => ({ name, says, index })))("$name", ({ says, index }) => {
    const before = sources[index]?.split("«", 1)[0]?.split("\n") ?? [];
    expect(reports.filter(({ file }) => file === `mistake${index}.ts`)).toEqual([
      {
        file: `mistake${index}.ts`,
        line: before.length,
        column: (before.at(-1)?.length ?? 0) + 1,
        message: expect.stringMatching(says),
      },
    ]);
  });
});
