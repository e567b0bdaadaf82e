import { openKeyboard } from "../terminal/keyboard.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { shorten, visible } from "../terminal/visible.ts";
import { explainCall } from "./explain.ts";
import { type Condition, parseCondition } from "./filter.ts";
import type { Traffic } from "./traffic.ts";

/** What keys can do. */
export interface ControlSettings {
  /** The calls. */
  readonly traffic: Traffic;
  /** Whether personal data is hidden. */
  readonly redacted: boolean;
  /** Opens the inspector at a call; undefined if there is none. */
  readonly open: ((number: number | undefined) => void) | undefined;
  /** Shows only what fits a condition from now on; everything, without one. */
  readonly show: (condition: Condition | undefined) => void;
  /** Ends it all. */
  readonly quit: () => void;
  /** The terminal. */
  readonly terminal: Terminal;
}

/** Lets keys replay, explain, open and filter calls; does nothing without a keyboard. Returns what ends that. */
export function offerControls({ traffic, redacted, open, show, quit, terminal }: ControlSettings): () => void {
  /** Digits typed before a key: the number of the call that it is about. */
  let digits = "";
  /** The condition while it is typed. */
  let condition: string | undefined;

  const keyboard = openKeyboard((key) => {
    if (condition !== undefined) typeCondition(key);
    else if (/^\d$/.test(key)) digits = (digits + key).slice(0, 9);
    else press(key);
    drawStatus();
  }, terminal.interrupt);
  if (keyboard === undefined) return () => {};
  drawStatus();
  return () => {
    terminal.screen?.draw("");
    keyboard.close();
  };

  function press(key: string): void {
    const number = digits === "" ? undefined : Number(digits);
    digits = "";
    if (key === "r") act(number, replay);
    if (key === "e") act(number, explain);
    if (key === "o") open?.(number);
    if (key === "f") condition = "";
    if (key === "q") quit();
  }

  /** Does something with the call that is meant. */
  function act(
    number: number | undefined,
    what: (received: NonNullable<ReturnType<Traffic["find"]>>) => Promise<void>,
  ) {
    const received = traffic.find(number);
    if (received === undefined)
      terminal.note(number === undefined ? "No call came in yet." : `There is no call #${number}.`);
    else what(received).catch((error: unknown) => terminal.warn(String(error)));
  }

  async function replay(received: Parameters<Traffic["replay"]>[0]): Promise<void> {
    if ((await traffic.replay(received)) === undefined) terminal.note("There is no app to send it to: give --forward.");
  }

  async function explain(received: Parameters<Traffic["replay"]>[0]): Promise<void> {
    terminal.print((await explainCall(received, redacted, terminal.style)).join("\n"));
  }

  function typeCondition(key: string): void {
    if (key === "\r" || key === "\n") {
      const parsed = parseCondition(condition ?? "");
      if (condition !== "" && parsed === undefined)
        terminal.note("A condition is like fields.email~=example or database=12.");
      else show(parsed);
      condition = undefined;
    } else if (key === "\u001b") condition = undefined;
    else if (key === "\u007f" || key === "\b") condition = condition?.slice(0, -1);
    else if (!/\p{Cc}/u.test(key)) condition += key;
  }

  function drawStatus(): void {
    const { screen, noteStyle } = terminal;
    const keys = `${digits === "" ? "" : `#${digits}  `}r replay  e explain  ${open ? "o open  " : ""}f filter  q quit`;
    const line =
      condition === undefined ? keys : `Show only (NAME=VALUE, !=, ~=; empty for all): ${visible(condition)}`;
    screen?.draw(noteStyle.dim(shorten(line, screen.columns() - 1)));
  }
}
