import { execFileSync, spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { folder, hasTerminal, run } from "./program.ts";

/** What makes a shell complete, at a prompt of its own, from the script that it is given; with a wide terminal. */
const INTERACTIVE: Readonly<Record<string, { readonly command: readonly string[]; readonly setUp: string }>> = {
  bash: {
    command: ["bash", "--norc", "--noprofile", "-i"],
    setUp:
      "bind 'set show-all-if-ambiguous on'; bind 'set completion-query-items 0'; bind 'set page-completions off'; source completion.bash",
  },
  zsh: {
    command: ["zsh", "-f", "-i"],
    setUp: "LISTMAX=9999; autoload -U compinit; compinit -u -D; source completion.zsh",
  },
};

/** The prompt of a shell that is ready; never whole in what is typed. */
const PROMPT = "ready> ";

/** What a shell shows, or offers, for a line that is not finished. */
async function complete(shell: string, line: string): Promise<string> {
  if (shell === "fish") {
    const script = `source completion.fish; complete -C ${JSON.stringify(line)}`;
    return execFileSync("fish", ["--no-config", "-c", script], { cwd: folder, encoding: "utf8" });
  }
  const { command, setUp } = INTERACTIVE[shell] ?? { command: [], setUp: "" };
  const driver = fileURLToPath(new URL("terminal.py", import.meta.url));
  const child = spawn("python3", [driver, ...command], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, TERM: "xterm" },
  });
  let shown = "";
  let isReady = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    if (isReady || !shown.includes(PROMPT)) return;
    isReady = true;
    // The line is completed, then taken away again, before the shell ends.
    child.stdin.write(`${line}\t\u0015\rexit\r`);
  });
  child.stdin.write(`stty rows 200 cols 200; ${setUp}; PS1='${PROMPT.slice(0, 2)}''${PROMPT.slice(2)}'\r`);
  await new Promise((resolve) => child.once("close", resolve));
  return shown.slice(shown.indexOf(PROMPT));
}

describe.each(["bash", "zsh", "fish"])("completion of %s", (shell) => {
  const isInstalled = spawnSync(shell, ["--version"]).status === 0 && hasTerminal;
  if (!isInstalled) console.warn(`${shell} or python3 is not installed: its completion is not tried.`);

  beforeAll(async () => {
    writeFileSync(join(folder, `completion.${shell}`), (await run(["completion", shell])).stdout);
    writeFileSync(join(folder, "calls.ndjson"), "");
  });

  test.skipIf(!isInstalled).each<readonly [line: string, offered: readonly string[], other: string]>([
    ["", ["send", "listen", "verify", "fixture", "inbox", "generate", "keys", "completion"], "profile.create"],
    ["keys ", ["serve", "show", "rotate"], "stats"],
    ["inbox ", ["stats", "list", "show", "replay", "discard", "export"], "rotate"],
    ["inbox list --", ["--state", "--since", "--cursor", "--json", "--help"], "--forward"],
    ["inbox list --state ", ["available", "running", "retryable", "completed", "discarded"], "profile.create"],
    ["inbox replay --dry", ["--dry-run"], "--json"],
    ["send profile.c", ["profile.create"], "profile.delete"],
    ["send click --pub", ["--public-url"], "--encoding"],
    ["send click --encoding ", ["form", "json"], "click2"],
    ["listen --inb", ["--inbox"], "--inspector"],
    ["verify cal", ["calls.ndjson"], "completion."],
    ["inbox stats --inbox cal", ["calls.ndjson"], "completion."],
    ["completion ", ["bash", "zsh", "fish"], "keys"],
  ])("offers, for %j, what can follow", async (line, offered, other) => {
    const shown = await complete(shell, `copernica-webhooks ${line}`);
    for (const word of offered) expect(shown).toContain(word);
    expect(shown).not.toContain(other);
  });
});
