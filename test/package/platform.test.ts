import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { compile, root, strict } from "./compile.ts";

/** Needs what `fetch` is declared as where it is used, and what the callbacks see as their platform. */
const preamble = `
  import { collection, createWebhookHandler, database } from "copernica-webhooks";
  import { integer } from "copernica-webhooks/fields";

  type Equal<One, Other> =
    (<Type>() => Type extends One ? 1 : 2) extends <Type>() => Type extends Other ? 1 : 2 ? true : false;
  export function check<Expected>() {
    return <Actual>(_: Actual, equal: Equal<Actual, Expected>) => equal;
  }
  const plain = createWebhookHandler({ onProfileCreate(event) { return event.profile; } });
`;

/** The options of a handler that asks for its platform in every place there is. */
function options(platform: string): string {
  return `{
    databases: [
      database(12, {
        fields: { age: integer() },
        onProfileCreate(event, context) {
          check<${platform}>()(context.platform[0], true);
          check<number | null>()(event.fields.age, true);
        },
        collections: [
          collection(3, {
            onSubprofileCreate(_event, context) {
              check<${platform}>()(context.platform[0], true);
            },
          }),
        ],
      }),
    ],
    onProfileCreate(_event, context) {
      check<${platform}>()(context.platform[0], true);
    },
    onError(_error, context) {
      check<${platform}>()(context.platform[0], true);
    },
  }`;
}

describe("a handler fits what the runtime declares, and its callbacks see what that passes:", () => {
  test("Bun", () => {
    const source = `${preamble}
      type Server = Bun.Server<undefined>;
      Bun.serve({ fetch: plain });
      Bun.serve({ port: 0, routes: { "/webhooks": { POST: plain } } });
      export default { fetch: plain } satisfies Bun.Serve.Options<undefined>;

      Bun.serve({ fetch: createWebhookHandler<[Server]>(${options("Server")}) });
      Bun.serve<undefined>({ fetch: createWebhookHandler(${options("Server")}) });
      export const served = {
        fetch: createWebhookHandler(${options("Server")}),
      } satisfies Bun.Serve.Options<undefined>;

      // @ts-expect-error: Bun passes no text
      Bun.serve({ fetch: createWebhookHandler<[string]>({}) });
    `;
    const types = { ...strict, types: ["bun-types"], typeRoots: [join(root, "node_modules")] };
    expect(compile({ "platform-bun.ts": source }, types)).toEqual([]);
  });

  test("Deno", () => {
    const address = (file: string): string => pathToFileURL(join(root, "src", file)).href;
    const source = `${preamble
      .replace('"copernica-webhooks"', JSON.stringify(address("index.ts")))
      .replace('"copernica-webhooks/fields"', JSON.stringify(address("fields.ts")))}
      type Info = Deno.ServeHandlerInfo<Deno.NetAddr>;
      Deno.serve(plain);
      Deno.serve({ port: 0 }, plain);

      Deno.serve(createWebhookHandler<[Info]>(${options("Info")}));
      Deno.serve(createWebhookHandler(${options("Info")}));
      Deno.serve({ port: 0 }, createWebhookHandler(${options("Info")}));

      // @ts-expect-error: Deno passes no text
      Deno.serve(createWebhookHandler<[string]>({}));
    `;
    const scratch = mkdtempSync(join(tmpdir(), "platform-"));
    try {
      const file = join(scratch, "platform.ts");
      writeFileSync(file, source);
      const environment = { ...process.env, NO_COLOR: "1" };
      const check = () =>
        execFileSync(join(root, "node_modules/.bin/deno"), ["check", file], {
          cwd: root,
          env: environment,
          stdio: "pipe",
        });
      expect(check).not.toThrow();
      writeFileSync(file, source.replaceAll("check<Info>", "check<string>"));
      expect(check).toThrow(/'true' is not assignable to parameter of type 'false'/);
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });
});
