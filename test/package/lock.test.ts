import { execFileSync } from "node:child_process";
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

test("npm ci takes package-lock.json, and each of its packages runs on this Node", () => {
  const parameters = ["ci", "--dry-run", "--offline", "--engine-strict", "--no-audit", "--no-fund"];
  const install = () => execFileSync("npm", parameters, { cwd: root, encoding: "utf8", stdio: "pipe" });
  expect(install).not.toThrow();
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
