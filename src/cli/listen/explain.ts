import type { Style } from "../terminal/style.ts";
import { treeLines } from "../terminal/tree.ts";
import { visible } from "../terminal/visible.ts";
import { stepLines } from "../verify/describe.ts";
import { findNearMisses } from "../verify/near-misses.ts";
import { shownVariables } from "./present.ts";
import type { ReceivedCall } from "./received.ts";

/** All there is to know of a call: its steps of verification, what would make it verify, and its variables. */
export async function explainCall(received: ReceivedCall, redacted: boolean, style: Style): Promise<readonly string[]> {
  const { number, call, verification } = received;
  const nearMisses = verification.verified ? [] : await findNearMisses(call, verification);
  const variables = shownVariables(received, redacted);
  return [
    style.bold(`#${number}  ${visible(call.method)} ${visible(call.target)}`),
    ...stepLines(verification, nearMisses, style),
    ...(variables === undefined ? [] : treeLines(variables, "  ", style)),
  ];
}
