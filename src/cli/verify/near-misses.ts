import { createDigester } from "../../signature/digest.ts";
import { decodeSignature } from "../../signature/header.ts";
import { type Call, headerOf, withHeader } from "../call/call.ts";
import { type ChangedBody, changedBodies } from "./changed-bodies.ts";
import { changedHeaders } from "./changed-headers.ts";
import { changedHosts } from "./changed-hosts.ts";
import { changedTargets } from "./changed-targets.ts";
import { isSignedBy, signingStringOf, type Verification } from "./steps.ts";

/** The change that makes a call verify. */
export interface NearMiss {
  /** What happened on its way, in words. */
  readonly change: string;
  /** What to do about it. */
  readonly remedy: string;
  /** The signing string that verifies; undefined if the change is in the body, which the digest stands for. */
  readonly signingString: string | undefined;
}

/** Looks for what happened on its way to a call whose signature or digest does not verify; undefined if nothing known did. */
export async function findNearMisses(call: Call, verification: Verification): Promise<readonly NearMiss[]> {
  const failed = new Set(verification.steps.filter(({ outcome }) => outcome === "failed").map(({ name }) => name));
  const body = failed.has("digest") ? await findBody(call) : undefined;
  // What a change of the body does to its length is no second change.
  const sent =
    body === undefined
      ? call
      : withHeader({ ...call, body: body.body }, "Content-length", String(body.body.byteLength));
  const bodyMisses = body === undefined ? [] : [{ change: body.change, remedy: READ_BYTES, signingString: undefined }];
  if (!failed.has("signature")) return bodyMisses;
  return [...bodyMisses, ...(await findSigned(sent, verification))];
}

/** The first change of the body that its Digest reveals. */
async function findBody(call: Call): Promise<ChangedBody | undefined> {
  const digest = headerOf(call, "digest") ?? "";
  const hash = /^sha-512=/i.test(digest) ? "SHA-512" : "SHA-256";
  const expected = digest.slice(digest.indexOf("=") + 1);
  const computeDigest = createDigester();
  for (const changed of changedBodies(call)) {
    if ((await computeDigest(hash, changed.body)) === expected) return changed;
  }
  return undefined;
}

const READ_BYTES =
  "Hand the bytes on as they came: nothing before the webhook handler may parse and write the body again, or change its line ends.";

/** The first change of what was signed that the signature reveals; after single changes, pairs of them. */
async function findSigned(call: Call, { parameters, keys }: Verification): Promise<readonly NearMiss[]> {
  if (parameters === undefined || keys.length === 0) return [];
  const { covered } = parameters;
  const signature = decodeSignature(parameters.signature);
  async function verifies(changed: Call): Promise<string | undefined> {
    const signed = signingStringOf(covered, changed, undefined);
    return (await isSignedBy(keys, signed, signature)) ? signed : undefined;
  }
  if ((await verifies(call)) !== undefined) return []; // the change of the body explains it
  const hosts = changedHosts(call);
  const targets = changedTargets(call);
  const others = changedHeaders(call);
  for (const { call: changed, change, remedy } of [...hosts, ...targets, ...others]) {
    const text = await verifies(changed);
    if (text !== undefined) return [{ change, remedy, signingString: text }];
  }
  for (const host of hosts) {
    for (const target of changedTargets(host.call)) {
      const text = await verifies(target.call);
      if (text !== undefined) {
        return [{ change: `${host.change} ${target.change}`, remedy: target.remedy, signingString: text }];
      }
    }
  }
  return [];
}
