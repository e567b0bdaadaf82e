import process from "node:process";
import { encodeForm, samples, type Variables } from "copernica-webhooks/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PATH, signBody, signing } from "./messages.ts";
import { command, here, type RunningServer, startProcess } from "./server.ts";

const example = "examples/databases.ts";
const customer = samples["profile.create"];
const customerFields = { email: "sanne@example.com", age: "34", birthday: "" };
const order = samples["subprofile.create"];
const supplier = { ...customer, database: 14, fields: { name: "Bakker & Zn", status: "" }, interests: {} };

describe.each([
  ["Node", process.execPath, ["--import", "tsx", "--import", here("preload.ts"), example]],
  ["Bun", command("bun"), ["--preload", here("preload.ts"), example]],
  ["Deno", command("deno"), ["run", "--allow-net", "--allow-env", "--preload", here("preload.ts"), example]],
])("two databases and a collection on %s", (_, file, parameters) => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startProcess(file, parameters, { copernica: signing });
  });
  afterAll(() => server?.stop());

  async function post(variables: Variables): Promise<Response> {
    const { headers, body } = await signBody({ body: encodeForm(variables), host: `127.0.0.1:${server.port}` });
    return await fetch(`http://127.0.0.1:${server.port}${PATH}`, { method: "POST", headers, body });
  }

  test.each<[string, Variables, RegExp]>([
    ["a customer", customer, /^Customer 4211 is sanne@example\.com, 34, born in 1992$/],
    ["a customer's interest", customer, /^Customer 4211 reads the newsletter$/],
    ["an order", order, /^Customer 4211 ordered 2026-00417 for 59\.95, paid$/],
    ["a supplier", supplier, /^Supplier 4211 is Bakker & Zn, of no status$/],
    ["a profile of another database", { ...supplier, database: 15 }, /^Profile 4211 of database 15: {"name":"Bakker/],
  ])("%s reaches the callback of its route, its fields typed", async (_, variables, line) => {
    expect((await post(variables)).status).toBe(200);
    await server.output.line(line);
  });

  test.each<[string, Variables, string, RegExp]>([
    [
      "does not fit",
      { ...customer, fields: { ...customerFields, age: "old" } },
      "fields.age",
      /^Put aside: .*"age":"old"/,
    ],
    ["is missing", { ...order, fields: { orderId: "1", paid: "0" } }, "fields.amount", /^Put aside: .*"orderId":"1"/],
    ["is one too many", { ...supplier, fields: { ...supplier.fields, x: "1" } }, "fields.x", /^Put aside: .*"x":"1"/],
  ])("an event of which a field %s is answered 422, and put aside", async (_, variables, variable, line) => {
    const answer = await post(variables);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: "invalid_fields", faults: [{ variable }] });
    await server.output.line(line);
  });
});
