import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { compareBuilds } from "./in-process.js";
import { RUNTIMES, root } from "./processes.js";

/**
 * Builds another commit and compares this build with it, in process, each in processes that take turns; prints for each line
 * the time of this to the time of that.
 *
 * @param commit The commit.
 * @param cases What is compared: a title → the line, and the file of its deliveries.
 * @param folder A folder for what is built.
 */
export async function compareWith(commit, cases, folder, effort) {
  const tree = join(folder, "tree");
  execFileSync("git", ["worktree", "add", "--quiet", "--detach", tree, commit], { cwd: root });
  try {
    symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
    execFileSync(join(root, "node_modules/.bin/tsup"), ["--silent", "--no-dts"], { cwd: tree, stdio: "inherit" });
    const builds = [join(root, "dist/index.js"), join(tree, "dist/index.js")];
    console.log(`Time of an event to that of ${commit}:`);
    for (const runtime of RUNTIMES) {
      for (const [title, [line, path]] of Object.entries(cases)) {
        const ratio = await compareBuilds(runtime, builds, line, path, effort);
        console.log(`${runtime.padEnd(6)}${ratio.toFixed(2)}× ${title}`);
      }
    }
  } finally {
    execFileSync("git", ["worktree", "remove", "--force", tree], { cwd: root });
  }
}
