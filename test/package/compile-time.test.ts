import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { root } from "./compile.ts";

const DATABASES = 50;
const FIELDS = 100;
const BOUND_SECONDS = 10;

const scratch = mkdtempSync(join(tmpdir(), "compile-time-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** The calls of field types, and what TypeScript calls their outputs. */
const fieldTypes = [
  ["text()", "string | null"],
  ["email()", "string | null"],
  ["integer()", "number | null"],
  ["date()", "Date | null"],
  ['select("prospect", "customer", "former customer")', '"prospect" | "customer" | "former customer" | null'],
  ["flag()", "boolean"],
  ["float()", "number | null"],
  ["emptyDatetime()", "Date | null"],
  ["phone()", "string | null"],
  ["foreignKey()", "number | null"],
] as const;

/** A database with a hundred fields, of which callbacks use each, a wrong use included. */
function databaseSource(id: number): string {
  const fields = Array.from({ length: FIELDS }, (_, index) => [`field${index}`, ...typeOf(index)] as const);
  return `
    database(${id}, {
      fields: {
        ${fields.map(([name, call]) => `${name}: ${call},`).join("\n")}
      },
      interests: ["newsletter", "offers"],
      onProfileCreate({ fields, interests }, context) {
        ${fields.map(([name, _, output]) => `const ${name}: ${output} = fields.${name};`).join("\n")}
        console.log(${fields.map(([name]) => name).join(", ")}, interests.newsletter, context.url);
        // @ts-expect-error: no such field
        return fields.field${FIELDS};
      },
      onProfileUpdate(event) {
        console.log(event.fields.field0, event.interests.offers);
      },
      onProfileDelete(event) {
        console.log(event.fields?.field0);
      },
      collections: [
        collection(${id}, {
          fields: { orderId: text(), paid: flag() },
          onSubprofileCreate(event) {
            console.log(event.fields.orderId, event.fields.paid);
          },
        }),
      ],
    }),`;
}

function typeOf(index: number): readonly [string, string] {
  return fieldTypes[index % fieldTypes.length] ?? fieldTypes[0];
}

test(`${DATABASES} databases of ${FIELDS} fields each type-check in less than ${BOUND_SECONDS} seconds`, () => {
  const source = `
    import { collection, createWebhookHandler, database } from "copernica-webhooks";
    import { date, email, emptyDatetime, flag, float, foreignKey, integer, phone, select, text } from "copernica-webhooks/fields";

    createWebhookHandler({
      account: 1234,
      databases: [${Array.from({ length: DATABASES }, (_, index) => databaseSource(index + 1)).join("")}
      ],
    });
  `;
  const paths = {
    "copernica-webhooks": [join(root, "src/index.ts")],
    "copernica-webhooks/fields": [join(root, "src/fields.ts")],
    "copernica-webhooks/generate": [join(root, "src/generate.ts")],
  };
  write("package.json", JSON.stringify({ type: "module" }));
  write("databases.ts", source);
  write(
    "tsconfig.json",
    JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions: { paths }, include: ["databases.ts"] }),
  );

  // The processor's time, not the clock's: what else the machine does meanwhile is not the compiler's fault.
  const atExit = "process.on('exit', () => console.log('Processor time:', process.cpuUsage().user / 1e6))";
  const report = execFileSync(
    process.execPath,
    [
      `--import=data:text/javascript,${encodeURIComponent(atExit)}`,
      join(root, "node_modules/typescript/lib/tsc.js"),
      ...["--project", scratch, "--noEmit", "--extendedDiagnostics"],
    ],
    { encoding: "utf8" },
  );
  const shown = /^(?:Instantiations|Types|Memory used|Check time|Total time|Processor time):.*$/gm;
  console.log(report.match(shown)?.join("\n"));
  const seconds = Number(/^Processor time: ([0-9.]+)$/m.exec(report)?.[1]);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThan(BOUND_SECONDS);
});

function write(name: string, text: string): void {
  writeFileSync(join(scratch, name), text);
}
