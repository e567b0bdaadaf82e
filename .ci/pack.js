/**
 * Packs what is published: `node .ci/pack.js https://github.com/OWNER/NAME FOLDER` makes the tarball for npm and the folder `jsr`
 * for JSR, of the build in dist. Prints what npm tells of the tarball, as JSON.
 *
 * This is the one place where the package learns which repository it is of. Neither package.json nor README.md repeats it, so that
 * it can't be wrong in a fork or after a move; npm grants provenance only to a package that names the repository it was built in.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const [repository = "", folder = ""] = process.argv.slice(2);
if (!URL.canParse(repository) || folder === "") throw new Error("Give the URL of the repository, and a folder.");

const { "//": _, ...manifest } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const { publish } = JSON.parse(readFileSync(join(root, "jsr.json"), "utf8"));

const sources = join(folder, "jsr");
copy(publish.include, sources);

const tree = join(folder, "npm");
copy(
  npmPack(root, "--dry-run").files.map(({ path }) => path),
  tree,
);
const links = {
  repository: { type: "git", url: `git+${repository}.git` },
  bugs: { url: `${repository}/issues` },
  homepage: `${repository}#readme`,
};
writeFileSync(join(tree, "package.json"), `${JSON.stringify({ ...manifest, ...links }, null, 2)}\n`);
const packed = npmPack(tree, "--pack-destination", resolve(folder));
rmSync(tree, { recursive: true });
console.log(JSON.stringify(packed));

/** Copies files and folders of this repository; README gets links that lead into it from anywhere. */
function copy(paths, target) {
  for (const path of paths) cpSync(join(root, path), join(target, path), { recursive: true });
  const readme = join(target, "README.md");
  writeFileSync(readme, withAbsoluteLinks(readFileSync(readme, "utf8")));
}

/** Neither npm's page nor JSR's shows a file that a relative link leads to; the tag of this version does, for good. */
function withAbsoluteLinks(markdown) {
  return markdown.replace(/(!?)(\[[^\]\n]*\])\(([^)#\s]+)(#[^)\s]*)?\)/g, (link, image, text, path, anchor = "") => {
    if (!existsSync(join(root, path))) return link; // it is absolute, or code
    const kind = image ? "raw" : statSync(join(root, path)).isDirectory() ? "tree" : "blob";
    return `${image}${text}(${repository}/${kind}/v${manifest.version}/${path}${anchor})`;
  });
}

function npmPack(path, ...options) {
  const [description] = JSON.parse(
    execFileSync("npm", ["pack", "--json", ...options], { cwd: path, encoding: "utf8" }),
  );
  return description;
}
