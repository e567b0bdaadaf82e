import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { root } from "./compile.ts";

/** What package-lock.json says of a package, by the folder that it is installed in. */
interface LockedPackage {
  readonly integrity?: string;
  /** Whether it is a folder of this repository. */
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(
  readFileSync(join(root, "package-lock.json"), "utf8"),
);

/** Whether the lock has a package where one that is installed in this folder would look for it. */
function isLocked(name: string, folder: string): boolean {
  if (Object.hasOwn(lock.packages, posix.join(folder, "node_modules", name))) return true;
  return folder !== "" && isLocked(name, folder.slice(0, Math.max(folder.lastIndexOf("/node_modules/"), 0)));
}

/** The packages that do not run on every Node of `devEngines`, and why they are there all the same. */
const NEWER_NODE = {
  "pg-boss": "needs Node 22.12, as its users do: what tests it runs on a newer Node, see test/inbox/pg-boss.test.ts",
};

test("npm ci takes package-lock.json, and each of its packages runs on this Node, but those that say why not", () => {
  const parameters = ["ci", "--dry-run", "--offline", "--no-audit", "--no-fund"];
  const { status, stderr } = spawnSync("npm", parameters, { cwd: root, encoding: "utf8" });
  expect(status, stderr).toBe(0);
  const refusing = [...stderr.matchAll(/EBADENGINE +package: '(.+)@[^@]+',$/gm)].map(([, name]) => name);
  expect(stderr.match(/EBADENGINE Unsupported engine/g) ?? []).toHaveLength(refusing.length);
  expect(refusing.filter((name) => !Object.hasOwn(NEWER_NODE, name ?? ""))).toEqual([]);
});

test("package-lock.json has the optional packages of every platform, not only of the one it was written on", () => {
  const named = Object.entries(lock.packages).flatMap(([folder, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).map((name) => ({ name, folder })),
  );
  expect(named).not.toEqual([]);
  expect(named.filter(({ name, folder }) => !isLocked(name, folder))).toEqual([]);
});

test("package-lock.json has a digest for every package of the registry", () => {
  const installed = Object.entries(lock.packages).filter(
    ([folder, { link }]) => folder.includes("node_modules/") && !link,
  );
  expect(installed).not.toEqual([]);
  expect(installed.filter(([, { integrity }]) => !integrity?.startsWith("sha512-"))).toEqual([]);
});
