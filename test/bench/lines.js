import { byHand, byHandSigned } from "./by-hand.js";
import { read, readAndIterate, readIterateAndVerify } from "./floors.js";
import { octokit, standardWebhooks } from "./peers.js";
import { sdkSigned, sdkUnsigned } from "./sdk.js";

/** This package's own lines. */
export const OURS = "copernica-webhooks";
export const OURS_SIGNED = `${OURS}, signed`;

/** What is measured: a name → what makes the handler, and what else it needs. */
export const lines = {
  "floor: read the body": read,
  "floor: read, URLSearchParams": readAndIterate,
  "floor: read, URLSearchParams, SHA-256, RSA": readIterateAndVerify,
  [OURS]: sdkUnsigned,
  [OURS_SIGNED]: sdkSigned,
  "by hand: qs + zod": byHand("zod"),
  "by hand: qs + superstruct": byHand("superstruct"),
  "by hand: qs + zod, signed": byHandSigned("zod"),
  "by hand: qs + superstruct, signed": byHandSigned("superstruct"),
  "other work: @octokit/webhooks (JSON, HMAC)": octokit,
  "other work: standardwebhooks (JSON, HMAC)": standardWebhooks,
};

/** The floors that the lines of a body are compared with: what is signed, and what is not. */
export const FLOOR = "floor: read, URLSearchParams";
export const SIGNED_FLOOR = "floor: read, URLSearchParams, SHA-256, RSA";

/** The floor of a line. */
export function floorOf(name) {
  return name === SIGNED_FLOOR || name.endsWith(", signed") ? SIGNED_FLOOR : FLOOR;
}
