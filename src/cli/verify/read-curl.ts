import type { CapturedCall } from "../call/capture.ts";
import { CommandError, exitCodes } from "../frame/exit.ts";

/** Options of curl that say nothing of the call, and have a value. */
const PASSED_OVER = new Set([
  "-o",
  "--output",
  "-m",
  "--max-time",
  "--connect-timeout",
  "-w",
  "--write-out",
  "--resolve",
  "-u",
]);

const DATA = new Set(["-d", "--data", "--data-raw", "--data-binary", "--data-ascii"]);

/** The call that a curl command makes. */
export function readCurl(text: string): readonly CapturedCall[] {
  const words = wordsOf(text.trim());
  const headers: [string, string][] = [];
  const data: string[] = [];
  let method: string | undefined;
  let url: string | undefined;
  const left = words.slice(1);
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [name, inline] = splitOption(word);
    const value = (): string => inline ?? left.shift() ?? "";
    if (name === "-H" || name === "--header") {
      const [, header = "", content = ""] = /^([^:]+):\s*(.*)$/s.exec(value()) ?? [];
      headers.push([header, content]);
    } else if (DATA.has(name)) data.push(value());
    else if (name === "-X" || name === "--request") method = value();
    else if (name === "--url") url = value();
    else if (PASSED_OVER.has(name)) value();
    else if (!name.startsWith("-")) url = name;
  }
  if (url === undefined) throw new CommandError(exitCodes.usage, "The curl command has no URL.");
  const { pathname, search, host } = new URL(/^https?:/i.test(url) ? url : `http://${url}`);
  const body = Buffer.from(data.join("&"), "utf8");
  if (data.some((part) => part.startsWith("@"))) {
    throw new CommandError(exitCodes.usage, "The curl command reads its data from a file: put the data in its place.");
  }
  if (!headers.some(([name]) => name.toLowerCase() === "host")) headers.unshift(["Host", host]);
  const target = pathname + search;
  return [{ method: method ?? "POST", target, headers, body, receivedAt: undefined, keyRecords: undefined }];
}

/** A word that is an option with its value, `--data=x` or `-Hname: value`, in its two parts. */
function splitOption(word: string): readonly [name: string, value?: string] {
  const [, long, value] = /^(--[a-z-]+)=(.*)$/s.exec(word) ?? [];
  if (long !== undefined && value !== undefined) return [long, value];
  return /^-[HXd]./.test(word) ? [word.slice(0, 2), word.slice(2)] : [word];
}

/** The words of a command line, as a POSIX shell or bash ($'…') splits it. Linear in its length. */
function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [part] of line.matchAll(WORD_PART)) {
    if (/^\s/.test(part)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (part !== "\\\n" && part !== "\\\r\n") word = (word ?? "") + unquote(part);
  }
  return word === undefined ? words : [...words, word];
}

/** White space, a quoted part in one of three ways, an escaped character, or a plain part. */
const WORD_PART = /\s+|\$'(?:[^'\\]|\\.)*'|'[^']*'|"(?:[^"\\]|\\.)*"|\\\r?\n|\\.|[^\s'"\\$]+|\$/gs;

function unquote(part: string): string {
  if (part.startsWith("$'"))
    return part.slice(2, -1).replace(/\\(x[0-9a-f]{1,2}|u[0-9a-f]{1,4}|.)/gis, (_, code) => unescapeCode(code));
  if (part.startsWith("'")) return part.slice(1, -1);
  if (part.startsWith('"')) return part.slice(1, -1).replace(/\\(["\\$`])/g, "$1");
  return part.startsWith("\\") ? part.slice(1) : part;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "0": "\0",
  a: "\u0007",
  b: "\b",
  e: "\u001b",
};

function unescapeCode(code: string): string {
  if (/^[xu]./i.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
  return ESCAPES[code] ?? code;
}
