import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { root } from "./compile.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(root, ".github/workflows");
const texts = Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]));
const workflows: readonly (readonly [string, Workflow])[] = Object.entries(texts).map(([file, text]) => [
  file,
  parse(text),
]);
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

describe.each(workflows)("the workflow %s", (file, { permissions, jobs }) => {
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  test("gives its jobs no permission but those that each one names", () => {
    expect(permissions).toEqual({});
    for (const job of Object.values(jobs)) {
      const ofOne = [{ contents: "read" }, { "id-token": "write" }];
      expect(ofOne).toContainEqual(job.permissions);
    }
  });

  test("uses actions at a commit, and says which version that is", () => {
    const uses = texts[file]?.match(/^.*\buses:.*$/gm) ?? [];
    expect(uses).toHaveLength(steps.filter((step) => step.uses !== undefined).length);
    expect(uses.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  test("leaves no credentials in a clone", () => {
    const clones = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(clones).not.toEqual([]);
    expect(clones.filter((step) => step.with?.["persist-credentials"] !== false)).toEqual([]);
  });
});

test("the token of the registries goes only to jobs that send what another job packed", () => {
  const trusted = workflows
    .flatMap(([, { jobs }]) => Object.values(jobs))
    .filter(({ permissions }) => permissions?.["id-token"] !== undefined);
  expect(trusted.map(({ steps }) => steps.map(({ uses, run }) => uses?.replace(/@.*/, "") ?? run))).toEqual(
    [/^npm publish \.\/\*\.tgz /, /^npx --yes deno@[\d.]+ publish /].map((command) => [
      "actions/download-artifact",
      "actions/setup-node",
      expect.stringMatching(command),
    ]),
  );
});

test("what is published to JSR goes by the Deno that checks it here", () => {
  expect(texts["publish.yml"]).toContain(`npx --yes deno@${manifest.devDependencies.deno} publish`);
});

test("all checks run on the lowest Node that package.json names for development", () => {
  const [lowest] = manifest.devEngines.runtime.version.match(/\d+(?:\.\d+)+/);
  expect(texts["check.yml"]).toContain(`node-version: ${lowest}\n      - run: bash .ci/run`);
});
