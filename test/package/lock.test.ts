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

/**
 * pg-boss needs Node 22.12, as its users do, and is used by tests on a newer Node alone. Its lines `engines` are left out of the
 * lock, so that `npm ci` has nothing to warn of; `npm install` keeps it so until the version changes.
 */
test("npm ci takes package-lock.json, and warns of no package that this Node is too old for", () => {
  const parameters = ["ci", "--dry-run", "--offline", "--no-audit", "--no-fund"];
  const { status, stderr } = spawnSync("npm", parameters, { cwd: root, encoding: "utf8" });
  expect(status, stderr).toBe(0);
  expect(stderr).not.toContain("EBADENGINE");
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
