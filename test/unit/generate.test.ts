import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DatabaseDescription, generateRoutes, InvalidDescriptionError } from "../../src/generate.ts";
import { customersDescription, customersSource } from "../fixtures/customers.ts";

const emailField = { name: "email", type: "email" };

/** The lines of the generated source that describe the fields of a database with just these. */
function fieldLines(...fields: readonly { name: string; type: string; value?: string }[]): readonly string[] {
  const source = generateRoutes({ id: 12, fields });
  return source.slice(source.indexOf("  fields: {\n") + "  fields: {\n".length, source.indexOf("\n  },\n")).split("\n");
}

/** What is said of a description that is not one. */
function fault(description: unknown): string {
  try {
    // A description comes from outside, and no type holds there.
    generateRoutes(description as DatabaseDescription);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidDescriptionError);
    expect(error).toMatchObject({ name: "InvalidDescriptionError", code: "invalid_description" });
    return (error as InvalidDescriptionError).message;
  }
  throw new Error("the description was accepted");
}

describe("the source of a route", () => {
  test("is generated from Copernica's own description, with a field of each type, interests and collections", () => {
    expect(generateRoutes(customersDescription)).toBe(customersSource);
  });

  test("is the same after a trip through JSON", () => {
    expect(generateRoutes(JSON.parse(JSON.stringify(customersDescription)))).toBe(customersSource);
  });

  test("is the same from bare lists, from numeric ids and from either spelling of the id", () => {
    const { ID: _, ...rest } = customersDescription;
    const bare = {
      ...rest,
      id: 12,
      fields: rest.fields.data,
      interests: rest.interests.data,
      collections: rest.collections.data.map(({ ID, name, fields }) => ({ id: Number(ID), name, fields: fields.data })),
    };
    expect(generateRoutes(bare)).toBe(customersSource);
  });

  test("needs no name, no interests and no collections", () => {
    expect(generateRoutes({ id: 12, name: null, fields: [emailField], interests: null, collections: null })).toBe(
      [
        "// Generated from Copernica's description of database 12: generate it anew instead of editing it.",
        "",
        "import {",
        "  database,",
        '} from "copernica-webhooks";',
        "import {",
        "  email,",
        '} from "copernica-webhooks/fields";',
        "",
        "/**",
        " * Database 12. With callbacks:",
        " * `database(12, { ...database12Options, onProfileCreate(event) {} })`",
        " */",
        "export const database12Options = {",
        "  fields: {",
        "    email: email(),",
        "  },",
        "};",
        "",
        "/** The route of database 12, without callbacks. */",
        "export const database12 = database(12, {",
        "  ...database12Options,",
        "});",
        "",
      ].join("\n"),
    );
  });

  test("imports no field types if there are no fields", () => {
    const source = generateRoutes({ id: 12, fields: [] });
    expect(source).not.toContain("copernica-webhooks/fields");
    expect(source).toContain("  fields: {},\n");
  });
});

describe("the name of a route", () => {
  test.each([
    ["Customers", "customers"],
    ["Test_database", "testDatabase"],
    ["CRM klanten", "crmKlanten"],
    ["newsLetter", "newsLetter"],
    ["Crème brûlée-fans", "cremeBruleeFans"],
    ["klanten (2024)", "klanten2024"],
    ["2024 klanten", "database12"],
    ["日本", "database12"],
    ["*/ \u2028", "database12"],
    ["", "database12"],
    ["Delete", "delete12"],
    ["undefined", "undefined12"],
    ["exports", "exports12"],
    ["database", "database12"],
    ["Email", "email12"],
    ["a".repeat(200), "a".repeat(200)],
  ])("of database 12, %j, is %s", (name, route) => {
    const source = generateRoutes({ id: 12, name, fields: [emailField] });
    expect(source).toContain(`export const ${route} = database(12, {\n  ...${route}Options,\n`);
    expect(source).toContain(`export const ${route}Options = {\n`);
  });

  test("is never that of another constant of the same source", () => {
    const source = generateRoutes({
      id: 12,
      name: "Shop",
      fields: [],
      collections: [
        { id: 1, name: "Orders", fields: [] },
        { id: 2, name: "orders!", fields: [] },
        { id: 3, name: "Orders2", fields: [] },
        { id: 4, name: "", fields: [] },
        { id: 5, name: "collection 4", fields: [] },
      ],
    });
    expect(source.match(/(?<=export const )\w+/g)).toEqual([
      "shopOrdersOptions",
      "shopOrdersOptions2",
      "shopOrders2Options",
      "shopCollection4Options",
      "shopCollection4Options5",
      "shopOptions",
      "shop",
    ]);
  });
});

describe("a field", () => {
  test.each([
    ["integer", "integer()"],
    ["float", "float()"],
    ["date", "date()"],
    ["empty_date", "emptyDate()"],
    ["datetime", "datetime()"],
    ["empty_datetime", "emptyDatetime()"],
    ["text", "text()"],
    ["email", "email()"],
    ["phone_fax", "phone()"],
    ["phone_gsm", "phone()"],
    ["big", "bigText()"],
    ["foreign_key", "foreignKey()"],
  ])("of Copernica's type %s is %s", (type, call) => {
    expect(fieldLines({ name: "x", type, value: "a\nb" })).toEqual([`    x: ${call},`]);
  });

  test.each(["country", "Integer", "constructor", "__proto__", "*/ \n\u2028"])(
    "of a type that is not known, %j, is text, with a remark of one line",
    (type) => {
      const [remark, line, ...others] = fieldLines({ name: "x", type });
      expect(remark).toMatch(/^ {4}\/\/ Copernica's type ".*" is not known here: it is read as text\.$/);
      expect(remark).not.toMatch(/\*\/|[\n\u2028]/);
      expect([line, ...others]).toEqual(["    x: text(),"]);
    },
  );

  test.each([
    ["plain", "plain"],
    ["$price_1", "$price_1"],
    ["leeftijd_ü", '"leeftijd_ü"'],
    ["class", "class"],
    ["constructor", "constructor"],
    ["__proto__", '["__proto__"]'],
    ["last name", '"last name"'],
    ["a-b", '"a-b"'],
    ["1", '"1"'],
    ["2nd", '"2nd"'],
    ["it's", '"it\'s"'],
    ['say "hi"', '"say \\"hi\\""'],
    [`it's "hi"`, '"it\'s \\"hi\\""'],
    ["back\\slash", '"back\\\\slash"'],
    ["\r\n\t\0", '"\\r\\n\\t\\u0000"'],
    ["\u2028\u2029", '"\\u2028\\u2029"'],
    ["\u202e\u200d\ufeff\u00a0", '"\\u202e\\u200d\\ufeff\\u00a0"'],
    ["\u034f\u3164", '"\\u034f\\u3164"'],
    ["\ud800", '"\\ud800"'],
    ["\u{e0041}", '"\\u{e0041}"'],
    ["{x} `", '"{x} `"'],
    ["*/ //", '"*/ //"'],
    ["日本", '"日本"'],
    ["naam_日本", '"naam_日本"'],
    ["日本 2", '"日本 2"'],
    ["😀", '"😀"'],
    ["\u{13460}", '"\u{13460}"'],
    ["a\u200db", '"a\\u200db"'],
  ])("named %j is the property %s", (name, key) => {
    expect(fieldLines({ name, type: "text" })).toEqual([`    ${key}: text(),`]);
  });
});

describe("the choices of a select field", () => {
  test.each<[string, readonly string[]]>([
    ["A\nB\nC*", ['"A"', '"B"', '"C"']],
    ["A*\r\nB\rC", ['"A"', '"B"', '"C"']],
    [" A \n\n\t\nB *\n", ['"A"', '"B"']],
    ["A\nB\nA", ['"A"', '"B"']],
    ["5**", ['"5*"']],
    ['say "hi"\nit\'s\n\\', ['"say \\"hi\\""', '"it\'s"', '"\\\\"']],
    ["*/\n__proto__\n{x}\n\u2028", ['"*/"', '"__proto__"', '"{x}"']],
    ["a\u2028b", ['"a\\u2028b"']],
  ])("read from %j stand on a line each", (value, choices) => {
    expect(fieldLines({ name: "x", type: "select", value })).toEqual([
      "    x: select(",
      ...choices.map((choice) => `      ${choice},`),
      "    ),",
    ]);
  });

  test.each(["*", "", "\r\n", undefined])("are none in %j, which makes the field a text, with a remark", (value) => {
    expect(fieldLines({ name: "x", type: "select", ...(value !== undefined && { value }) })).toEqual([
      "    // This choice has no choices: it is read as text.",
      "    x: text(),",
    ]);
  });
});

describe("a description", () => {
  const valid = { id: 12, fields: [emailField] };

  test.each([
    [undefined, "The description must be an object, got nothing."],
    [null, "The description must be an object, got null."],
    ["{}", 'The description must be an object, got "{}".'],
    [[valid], "The description must be an object, got a list."],
    [{ error: { message: "no access" } }, "The description's id must be a positive whole number, got nothing."],
    [{ ...valid, id: 0 }, "The description's id must be a positive whole number, got 0."],
    [{ ...valid, id: 1.5 }, "The description's id must be a positive whole number, got 1.5."],
    [{ ...valid, id: "12a" }, 'The description\'s id must be a positive whole number, got "12a".'],
    [{ ...valid, ID: "-1" }, 'The description\'s ID must be a positive whole number, got "-1".'],
    [
      { ...valid, ID: "9".repeat(60) },
      `The description's ID must be a positive whole number, got "${"9".repeat(40)}".`,
    ],
    [{ ...valid, name: {} }, "The description's name must be text, got an object."],
    [{ id: 12 }, "The description's fields must be a list, or a page of one, got nothing."],
    [{ id: 12, fields: "email" }, 'The description\'s fields must be a list, or a page of one, got "email".'],
    [{ id: 12, fields: { email: "text" } }, "The description's fields.data must be a list, got nothing."],
    [{ id: 12, fields: [emailField, null] }, "The description's fields[1] must be an object, got null."],
    [
      { id: 12, fields: [{ type: "text" }] },
      "The description's fields[0].name must be text that is not empty, got nothing.",
    ],
    [
      { id: 12, fields: [{ name: "", type: "text" }] },
      'The description\'s fields[0].name must be text that is not empty, got "".',
    ],
    [
      { id: 12, fields: { data: [{ name: "x" }] } },
      "The description's fields.data[0].type must be text that is not empty, got nothing.",
    ],
    [
      { id: 12, fields: [{ name: "x", type: 7 }] },
      "The description's fields[0].type must be text that is not empty, got 7.",
    ],
    [
      { id: 12, fields: [{ name: "x", type: "" }] },
      'The description\'s fields[0].type must be text that is not empty, got "".',
    ],
    [
      { id: 12, fields: [{ name: "x", type: "select", value: ["a"] }] },
      "The description's fields[0].value must be text, the choices one a line, got a list.",
    ],
    [{ id: 12, fields: [emailField, emailField] }, 'The description\'s fields has the field "email" twice.'],
    [{ ...valid, interests: 1 }, "The description's interests must be a list, or a page of one, got 1."],
    [{ ...valid, interests: ["soccer"] }, 'The description\'s interests[0] must be an object, got "soccer".'],
    [
      { ...valid, interests: [{ name: 1 }] },
      "The description's interests[0].name must be text that is not empty, got 1.",
    ],
    [
      { ...valid, collections: { data: [{ ID: "3", fields: [{ name: "x" }] }] } },
      "The description's collections.data[0].fields[0].type must be text that is not empty, got nothing.",
    ],
    [
      { ...valid, collections: [{ ID: "x", fields: [] }] },
      'The description\'s collections[0].ID must be a positive whole number, got "x".',
    ],
    [
      {
        ...valid,
        collections: [
          { ID: "3", fields: [] },
          { id: 3, fields: [] },
        ],
      },
      "The description's collections has collection 3 twice.",
    ],
  ])("that is not Copernica's names the offending item: %j", (description, message) => {
    expect(fault(description)).toBe(message);
  });

  test("tells where it is at fault apart from what is said of it", () => {
    // A description comes from outside, and no type holds there.
    const generate = () => generateRoutes({ id: 12, fields: [emailField, {}] } as unknown as DatabaseDescription);
    expect(generate).toThrow(expect.objectContaining({ path: "fields[1].name" }));
  });

  test("may say more than is needed", () => {
    const more = { ...valid, intentions: null, fields: { data: [{ ...emailField, ID: "1", future: {} }], nextid: 4 } };
    expect(generateRoutes(more)).toBe(generateRoutes(valid));
  });
});

describe("a page", () => {
  const data = [emailField, { name: "age", type: "integer" }];
  const page = (more: object) => ({ id: 12, fields: { data, ...more } });

  test.each([
    {},
    { start: 0, limit: 100, count: 2, total: 2 },
    { start: "0", limit: "100", count: "2", total: "2" },
    { start: 0, limit: 2, count: 2, total: 2 },
    { start: 0, limit: 100, count: 2 },
    { start: 0, limit: 100, count: 2, total: false },
    { start: 0, limit: 100, count: 2, total: null },
    { start: 1, limit: 1, count: 1, total: 2 },
  ])("that holds the whole list is read: %j", (more) => {
    expect(generateRoutes(page(more))).toBe(generateRoutes({ id: 12, fields: data }));
  });

  test.each([
    [{ start: 0, limit: 2, count: 2, total: 3 }, "is not whole: it has 2 of 3 items"],
    [{ start: 100, limit: 100, count: 2, total: 102 }, "is not whole: it has 2 of 102 items"],
    [{ start: 100, limit: 100, count: 2 }, "may not be whole: it starts behind item 100 and names no total"],
    [{ start: 0, limit: 2, count: 2 }, "may not be whole: it has as many items as were asked for and names no total"],
  ])("of a longer list is refused: %j", (more, doubt) => {
    expect(fault(page(more))).toBe(`The description's fields ${doubt}; fetch the other pages and join their items.`);
  });

  test.each([{ total: -1 }, { total: "many" }, { start: 0.5 }, { limit: {} }])("counts in numbers: %j", (more) => {
    expect(fault(page(more))).toMatch(/^The description's fields\.(total|start|limit) must be a count, got /);
  });

  test("of interests, of collections or of a collection's fields is held to the same", () => {
    const part = { start: 0, limit: 100, total: 2, data: [] };
    const whole = { id: 12, fields: [] };
    expect(fault({ ...whole, interests: part })).toContain("The description's interests is not whole");
    expect(fault({ ...whole, collections: part })).toContain("The description's collections is not whole");
    expect(fault({ ...whole, collections: [{ id: 3, fields: part }] })).toContain(
      "The description's collections[0].fields is not whole",
    );
  });
});

test("no description, whatever it holds, gives another error than one of its own", () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), fc.anything(), fc.anything(), (fields, interests, item) => {
      const items = { start: 0, data: [item] };
      for (const description of [fields, { id: 1, fields }, { id: 1, fields: items, interests, collections: items }]) {
        try {
          // A description comes from outside, and no type holds there.
          generateRoutes(description as DatabaseDescription);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidDescriptionError);
        }
      }
    }),
  );
});
