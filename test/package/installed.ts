import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./compile.ts";

/** What the program in consumer.ts tells: the callback got the genuine event, and the forged one was refused. */
export const received = "profile 4211, string, 401, 200";

/** A throw-away project that has the package installed. */
export interface Project {
  /** The project's folder. */
  readonly folder: string;
  /** The files that npm gets. */
  readonly files: readonly string[];
  /** The folder of what JSR gets. */
  readonly jsrFolder: string;
  /** Runs a program of this repository's in the project; gives what it printed. */
  readonly run: (program: string, ...parameters: readonly string[]) => string;
  /** Writes a file of the project. */
  readonly write: (name: string, content: string) => string;
  /** Removes the project. */
  readonly remove: () => void;
}

/** Where the package is published from, in these tests. */
export const repository = "https://github.com/example/webhooks";

/** Packs the package as it is published, and installs it in a project, its dependencies from the registry. */
export function installPackage(): Project {
  const folder = mkdtempSync(join(tmpdir(), "consumer-"));
  const packed = JSON.parse(run(process.execPath, [join(root, ".ci/pack.js"), repository, folder], root));
  const project = { private: true, type: "module", dependencies: { [packed.name]: `file:./${packed.filename}` } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(project));
  run("npm", ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"], folder);
  return {
    folder,
    files: packed.files.map(({ path }: { readonly path: string }) => path),
    jsrFolder: join(folder, "jsr"),
    run: (program, ...parameters) => {
      return run(program === "node" ? process.execPath : join(root, "node_modules/.bin", program), parameters, folder);
    },
    write(name, content) {
      writeFileSync(join(folder, name), content);
      return name;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function run(program: string, parameters: readonly string[], folder: string): string {
  try {
    return execFileSync(program, parameters, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    // as execFileSync documents its error
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`${program} ${parameters.join(" ")} failed:\n${stdout}\n${stderr}`);
  }
}
