import type { Answer } from "../call/post.ts";
import { isAccepted, problemOf } from "../call/problem.ts";
import type { Style } from "../terminal/style.ts";
import { shorten, visible } from "../terminal/visible.ts";

/** What all calls came to. */
export interface Summary {
  /** How many were sent. */
  readonly sent: number;
  /** How many the receiver took. */
  readonly accepted: number;
  /** How many got no answer. */
  readonly unanswered: number;
  /** How many were sent a second. */
  readonly perSecond: number;
  /** The time that half of the answers took at most, in milliseconds. */
  readonly p50: number;
  /** The time that 99 of 100 answers took at most, in milliseconds. */
  readonly p99: number;
  /** Status → how many answers had it. */
  readonly statuses: Readonly<Record<string, number>>;
  /** What went wrong → how often. */
  readonly problems: Readonly<Record<string, number>>;
}

/** Counts answers as they come. */
export interface Tally {
  /** Counts one. */
  readonly add: (answer: Answer) => void;
  /** How many were counted so far, in a few words. */
  readonly progress: () => { readonly sent: number; readonly remark: string };
  /** What they come to. */
  readonly summary: () => Summary;
}

/** How many different problems are told apart: a receiver may say something else each time. */
const MAX_PROBLEMS = 20;

/** How much of a problem is kept, in characters. */
const MAX_PROBLEM_LENGTH = 300;

/** Starts to count. */
export function startTally(): Tally {
  const started = performance.now();
  const times: number[] = [];
  const statuses = new Map<string, number>();
  const problems = new Map<string, number>();
  let accepted = 0;
  let unanswered = 0;
  let last = started;
  const perSecond = (sent: number): number => round(sent / Math.max((last - started) / 1_000, 0.001));
  return {
    add(answer) {
      last = performance.now();
      if (answer.status === undefined) unanswered += 1;
      else {
        times.push(answer.milliseconds);
        count(statuses, String(answer.status));
      }
      if (isAccepted(answer)) accepted += 1;
      else {
        const problem = shorten(
          visible([answer.status, problemOf(answer)].filter(Boolean).join(" ")),
          MAX_PROBLEM_LENGTH,
        );
        count(problems, problems.has(problem) || problems.size < MAX_PROBLEMS ? problem : "other problems");
      }
    },
    progress() {
      const sent = times.length + unanswered;
      return { sent, remark: `${perSecond(sent)}/s  ${sent - accepted} not accepted` };
    },
    summary() {
      const sent = times.length + unanswered;
      const sorted = Float64Array.from(times).sort();
      return {
        sent,
        accepted,
        unanswered,
        perSecond: perSecond(sent),
        p50: round(quantile(sorted, 0.5)),
        p99: round(quantile(sorted, 0.99)),
        statuses: Object.fromEntries(statuses),
        problems: Object.fromEntries(problems),
      };
    },
  };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** The least of sorted values that this share of them does not exceed; 0 of none. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A summary in lines. */
export function summaryLines(summary: Summary, style: Style): readonly string[] {
  const { sent, accepted, perSecond, p50, p99, statuses, problems } = summary;
  const counted = Object.entries(statuses).map(([status, times]) => `${times} × ${status}`);
  const mark = accepted === sent ? style.green : style.red;
  return [
    `${mark(`${accepted} of ${sent} accepted`)}  ${perSecond}/s  p50 ${p50} ms  p99 ${p99} ms  ${counted.join("  ")}`.trimEnd(),
    ...Object.entries(problems).map(([problem, times]) => `  ${times} × ${problem}`),
  ];
}
