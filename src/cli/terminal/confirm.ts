import { waitForAbort } from "../frame/loopback.ts";
import { openKeyboard } from "./keyboard.ts";
import type { Terminal } from "./terminal.ts";

/** Asks whether to go on; undefined if nobody can be asked, since this is no terminal. */
export async function confirm(question: string, terminal: Terminal): Promise<boolean | undefined> {
  let answer: (isYes: boolean) => void = () => {};
  const answered = new Promise<boolean>((resolve) => {
    answer = resolve;
  });
  const keyboard = openKeyboard((key) => answer(/^y$/i.test(key)), terminal.interrupt);
  if (keyboard === undefined) return undefined;
  terminal.warn(`${question} Press y for yes, any other key for no.`);
  const isYes = await Promise.race([answered, waitForAbort(terminal.stop).then(() => false)]);
  keyboard.close();
  return isYes;
}
