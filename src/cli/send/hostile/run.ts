import type { Answer } from "../../call/post.ts";
import { isAccepted, problemOf } from "../../call/problem.ts";
import { type ExitCode, exitCodes } from "../../frame/exit.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { visible } from "../../terminal/visible.ts";
import { isAboutKey, type SendingOutcome } from "../send-events.ts";
import { type AttackerSettings, createAttacker } from "./attacker.ts";
import { type HostileCase, hostileCases } from "./cases.ts";

/** The names of all hostile calls. */
export const hostileNames: readonly string[] = hostileCases.map(({ name }) => name);

/**
 * What an answer to a hostile call means:
 *
 * - `refused`: as a right receiver does;
 * - `refused otherwise`: not let in, but not with the status that it should have;
 * - `unclear`: only the receiver itself can tell;
 * - `let in`: a hole.
 */
type Verdict = "refused" | "refused otherwise" | "unclear" | "let in";

/** What became of a hostile call. */
interface Result {
  readonly hostile: HostileCase;
  readonly answer: Answer;
  readonly verdict: Verdict;
}

/** How many are under way at once. */
const CONCURRENCY = 6;

/**
 * Sends hostile calls, between two genuine ones: the first shows that the receiver would have taken them, the last that it
 * survived.
 *
 * @param name The name of one, or `all`.
 */
export async function runHostileCases(
  name: string,
  settings: Omit<AttackerSettings, "stop">,
  json: boolean,
  terminal: Terminal,
): Promise<SendingOutcome> {
  const attacker = createAttacker({ ...settings, stop: terminal.stop });
  const sendGenuine = async (): Promise<Answer> => attacker.send(await attacker.sign());
  const before = await sendGenuine();
  if (!isAccepted(before)) {
    tellRefusal("A genuine call is not accepted, so that nothing here would prove anything", before, terminal);
    const exitCode = before.status === undefined ? exitCodes.unavailable : exitCodes.failed;
    return { exitCode, isKeyUnknown: isAboutKey(problemOf(before)) };
  }
  const chosen = hostileCases.filter((hostile) => name === "all" || hostile.name === name);
  const results: Result[] = [];
  let started = 0;
  let told = 0;
  async function runInTurn(): Promise<void> {
    for (let index = started++; index < chosen.length && !terminal.stop.aborted; index = started++) {
      const hostile = chosen[index] as HostileCase; // within the list
      const answer = await hostile.attempt(attacker);
      results[index] = { hostile, answer, verdict: judge(hostile, answer) };
      // In the order of the list, whatever comes first.
      for (let next = results[told]; next !== undefined; next = results[told]) {
        tell(next, json, terminal);
        told += 1;
      }
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, runInTurn));
  const after = await sendGenuine();
  if (!isAccepted(after) && !terminal.stop.aborted) {
    tellRefusal("After this, a genuine call is not accepted any more", after, terminal);
    return { exitCode: exitCodes.failed, isKeyUnknown: false };
  }
  return { exitCode: summarize(results, json, terminal), isKeyUnknown: false };
}

function judge({ right, advice }: HostileCase, answer: Answer): Verdict {
  if (isAccepted(answer)) return advice === undefined ? "let in" : "unclear";
  return right.includes(answer.status) && !answer.timedOut ? "refused" : "refused otherwise";
}

function tell({ hostile, answer, verdict }: Result, json: boolean, terminal: Terminal): void {
  const { name, summary, expected, advice } = hostile;
  const { status } = answer;
  if (json) {
    terminal.printJson({ type: "hostile", name, summary, expected, status, verdict, problem: problemOf(answer) });
    return;
  }
  const { style } = terminal;
  const mark = { refused: style.green, "refused otherwise": style.yellow, unclear: style.yellow, "let in": style.red }[
    verdict
  ];
  terminal.print(`${mark(verdict.padEnd(17))}  ${name.padEnd(18)}  ${summary}`);
  if (verdict === "refused") return;
  const got = status === undefined ? (answer.failure ?? "no answer") : `answered ${status}`;
  terminal.print(`${" ".repeat(19)}${visible(got)}; a right receiver answers ${expected}`);
  if (verdict === "unclear") terminal.print(`${" ".repeat(19)}${advice}`);
}

function summarize(results: readonly Result[], json: boolean, { print, printJson, style }: Terminal): ExitCode {
  const letIn = results.filter(({ verdict }) => verdict === "let in").length;
  if (json) printJson({ type: "summary", sent: results.length, letIn });
  else if (letIn > 0) print(style.red(`Let in: ${letIn} of ${results.length} hostile calls.`));
  else print(style.green(`None of ${results.length} hostile calls was let in.`));
  return letIn > 0 ? exitCodes.failed : exitCodes.done;
}

function tellRefusal(message: string, answer: Answer, { warn, noteStyle }: Terminal): void {
  const reason = visible([answer.status, problemOf(answer)].filter(Boolean).join(" "));
  warn(`${noteStyle.red("Error:")} ${message}: ${reason}`);
}
