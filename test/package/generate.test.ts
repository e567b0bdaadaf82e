import fc from "fast-check";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import * as fields from "../../src/fields.ts";
import { generateRoutes } from "../../src/generate.ts";
import * as core from "../../src/index.ts";
import { customersDescription } from "../fixtures/customers.ts";
import { compile, strict } from "./compile.ts";

/** Runs a module's source, with these modules for its imports, and gives what it exports. */
function run(source: string, modules: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { outputText, diagnostics } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    reportDiagnostics: true,
  });
  expect(diagnostics?.map(({ messageText }) => messageText)).toEqual([]);
  const exported = {};
  new Function("exports", "require", outputText)(exported, (name: string) => modules[name]);
  return exported;
}

/** The faults that the compiler finds in a user's strict project with these sources, by the name of their file. */
function faults(sources: Readonly<Record<string, string>>): readonly string[] {
  return compile(sources, { ...strict, noUnusedLocals: true, declaration: true }).map(
    ({ file, message }) => `${file}: ${message}`,
  );
}

/** What the generated source exports for a database or a collection, with {@link echo} for its imports. */
interface Options {
  readonly fields: object;
  readonly interests?: readonly string[];
}

/** Field functions that give their own name and arguments, and routes that give their id and options. */
const echo = {
  "copernica-webhooks": {
    database: (id: number, options: object) => ({ id, ...options }),
    collection: (id: number, options: object) => ({ id, ...options }),
  },
  "copernica-webhooks/fields": new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...choices: string[]) => [name, ...choices],
    },
  ),
};

const character = fc.oneof(
  fc.constantFrom(..."abcXYZ019 _-$\"'\\`*/{}\n\r\t\u2028\u200d\ud800éß日😀\u0301"),
  fc.nat({ max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
);
const name = fc.oneof(
  fc.string({ unit: character, minLength: 1, maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(..."ab c日"), minLength: 80, maxLength: 130 }),
  fc.constantFrom("__proto__", "constructor", "class", "*/", "// @ts-nocheck", "\u202etxt"),
);
const choice = name.filter((text) => !/[\n\r*]/.test(text) && text.trim() === text && text !== "");
const field = fc
  .oneof(
    fc.record({ name, type: fc.constantFrom("integer", "text", "empty_datetime", "big") }),
    fc.record({ name, type: name }),
    fc.record({ name, type: fc.constant("select"), choices: fc.uniqueArray(choice, { minLength: 1, maxLength: 6 }) }),
  )
  .map((described) => ("choices" in described ? { ...described, value: described.choices.join("\n") } : described));
const fieldList = fc.uniqueArray(field, { selector: ({ name }) => name, maxLength: 6 });
const id = fc.oneof(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 2 ** 52, max: Number.MAX_SAFE_INTEGER }));
const description = fc.record({
  id,
  name,
  fields: fieldList,
  interests: fc.array(fc.record({ name }), { maxLength: 5 }),
  collections: fc.uniqueArray(fc.record({ id, name, fields: fieldList }), { selector: ({ id }) => id, maxLength: 3 }),
});

describe("the generated source", () => {
  test("type-checks under strict, with callbacks added to it, and knows each field and interest", () => {
    const use = `
      import { collection, createWebhookHandler, database } from "copernica-webhooks";
      import { klantenRelaties, klantenRelatiesOptions, klantenRelatiesOrdersOptions } from "./customers.ts";

      export const plain = createWebhookHandler({ account: 1, databases: [klantenRelaties] });
      export const handler = createWebhookHandler({
        account: 1,
        databases: [
          database(12, {
            ...klantenRelatiesOptions,
            onProfileCreate(event) {
              const age: number | null = event.fields.age;
              const visit: Date | null = event.fields["last visit"];
              const status: "prospect" | "customer" | "former customer" | null = event.fields.status;
              const soccer: boolean = event.interests.soccer;
              // @ts-expect-error: a number is no text
              const wrong: string = event.fields.age;
              // @ts-expect-error: no such field
              const misspelt = event.fields.agee;
              // @ts-expect-error: no such interest
              const missing = event.interests.socker;
              return console.log(age, visit, status, soccer, wrong, misspelt, missing);
            },
            collections: [
              collection(3, {
                ...klantenRelatiesOrdersOptions,
                onSubprofileCreate(event) {
                  const orderId: string | null = event.fields.orderId;
                  // @ts-expect-error: a field of the database, not of the collection
                  return console.log(orderId, event.fields.age);
                },
              }),
            ],
          }),
        ],
      });
    `;
    const generated = generateRoutes(customersDescription);
    expect(faults({ "customers.ts": generated, "use.ts": use })).toEqual([]);
  }, 60_000);

  test("with hostile names type-checks under strict", () => {
    const sources = fc.sample(description, 30).map((sample) => generateRoutes(sample));
    expect(faults(Object.fromEntries(sources.map((source, index) => [`sample${index}.ts`, source])))).toEqual([]);
  }, 60_000);

  test("reads the text of every field type as its natural value", async () => {
    const modules = { "copernica-webhooks": core, "copernica-webhooks/fields": fields };
    const { klantenRelatiesOptions } = run(generateRoutes(customersDescription), modules);
    const events: core.WebhookEvent[] = [];
    const handler = core.createWebhookHandler({
      databases: [
        core.database(12, {
          ...(klantenRelatiesOptions as object), // evaluated just now, so that no compiler knows it
          onProfileCreate: (event: core.WebhookEvent) => void events.push(event),
        }),
      ],
      onWarning() {},
    });
    const sent = {
      email: "info@example.com",
      name: "Jan",
      age: "42",
      rating: "7.5",
      birthday: "1980-02-29",
      left_on: "0000-00-00",
      "last visit": "2026-07-15 12:30:45",
      nextVisit: "0000-00-00 00:00:00",
      fax: "020-1234567",
      mobile: "+31612345678",
      status: "former customer",
      kind: "any",
      notes: "many\nlines",
      referrer: "4321",
      country: "nl",
      '2nd "name"': "Piet",
    };
    const proto = "__proto__"; // as a literal it would be the object's prototype
    const body = new URLSearchParams([
      ...Object.entries({ type: "create", timestamp: "2026-07-15 12:30:45", profile: "1", database: "12" }),
      ...Object.entries({ created: "2026-07-15 12:30:45", modified: "2026-07-15 12:30:45" }),
      ...Object.entries(sent).map(([field, value]) => [`fields[${field}]`, value] as [string, string]),
      [`fields[${proto}]`, "odd"],
      ["interests[soccer]", "1"],
      ['interests[say "cheese"]', "0"],
    ]);
    const answer = await handler(new Request("https://example.com/", { method: "POST", body }));
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
    expect(events).toHaveLength(1);
    const { fields: read, interests } = events[0] as core.WebhookEvent &
      Readonly<Record<"fields" | "interests", object>>;
    expect(Object.entries(read)).toEqual(
      expect.arrayContaining(
        Object.entries({
          ...sent,
          age: 42,
          rating: 7.5,
          birthday: new Date("1980-02-29T00:00:00Z"),
          left_on: null,
          "last visit": new Date("2026-07-15T10:30:45Z"),
          nextVisit: null,
          referrer: 4321,
          [proto]: "odd",
        }),
      ),
    );
    expect(interests).toEqual({ soccer: true, 'say "cheese"': false });
  });

  test("holds every name, choice and interest exactly, whatever they are", () => {
    fc.assert(
      fc.property(description, (described) => {
        const exported = run(generateRoutes(described), echo);
        const options = Object.entries(exported).flatMap(([name, value]) =>
          /Options[0-9_]*$/.test(name) ? [value as Options] : [],
        );
        const lists = [...described.collections.map(({ fields }) => fields), described.fields];
        expect(options.map(({ fields }) => Object.entries(fields))).toEqual(
          lists.map((list) => sortedAsProperties(list).map((one) => [one.name, expectedCall(one)])),
        );
        expect(options.at(-1)?.interests ?? []).toEqual([...new Set(described.interests.map(({ name }) => name))]);
      }),
      { numRuns: 300 },
    );
  });
});

/** Fields in the order in which an object gives its properties: those named by an array index first. */
function sortedAsProperties<Item extends { readonly name: string }>(items: readonly Item[]): readonly Item[] {
  const isIndex = ({ name }: Item) => /^(?:0|[1-9][0-9]{0,9})$/.test(name) && Number(name) < 2 ** 32 - 1;
  const indexed = items.filter(isIndex).sort((one, other) => Number(one.name) - Number(other.name));
  return [...indexed, ...items.filter((item) => !isIndex(item))];
}

function expectedCall(field: { readonly type: string; readonly choices?: readonly string[] }): readonly string[] {
  const calls: Readonly<Record<string, string>> = {
    integer: "integer",
    empty_datetime: "emptyDatetime",
    big: "bigText",
  };
  return field.choices === undefined
    ? [Object.hasOwn(calls, field.type) ? (calls[field.type] ?? "") : "text"]
    : ["select", ...field.choices];
}
