import type { Terminal } from "./terminal.ts";
import { shorten } from "./visible.ts";

/** The cells of a bar. */
const BAR_CELLS = 30;

/** How often the bar is drawn at most, in milliseconds. */
const DRAW_INTERVAL_MS = 100;

/** Makes the function that shows how far something is, on a terminal; elsewhere it shows nothing. */
export function createProgress({ screen }: Terminal, total: number): (done: number, remark: string) => void {
  let drawnAt = 0;
  return (done, remark) => {
    const now = performance.now();
    if (screen === undefined || (now - drawnAt < DRAW_INTERVAL_MS && done < total)) return;
    drawnAt = now;
    const filled = Math.floor((BAR_CELLS * done) / total);
    const bar = "█".repeat(filled) + "░".repeat(BAR_CELLS - filled);
    screen.draw(done >= total ? "" : shorten(`${bar} ${done}/${total}  ${remark}`, screen.columns()));
  };
}
