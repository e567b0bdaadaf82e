import { byHand, byHandSigned } from "./by-hand.js";
import { read, readAndIterate, readIterateAndVerify } from "./floors.js";
import { octokit, standardWebhooks } from "./peers.js";
import { sdkSigned, sdkUnsigned } from "./sdk.js";

/** What is measured: a name → what makes the handler, and what else it needs. */
export const lines = {
  "floor: read": read,
  "floor: read, URLSearchParams": readAndIterate,
  "floor: read, URLSearchParams, SHA-256, RSA": readIterateAndVerify,
  "copernica-webhooks, unsigned": sdkUnsigned,
  "copernica-webhooks, signed": sdkSigned,
  "by hand: qs + zod": byHand("zod"),
  "by hand: qs + superstruct": byHand("superstruct"),
  "by hand: qs + zod, WebCrypto": byHandSigned("zod"),
  "by hand: qs + superstruct, WebCrypto": byHandSigned("superstruct"),
  "different work: @octokit/webhooks (JSON, HMAC)": octokit,
  "different work: standardwebhooks (JSON, HMAC)": standardWebhooks,
};
