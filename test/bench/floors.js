import crypto from "node:crypto";

const decoder = new TextDecoder();

export function read() {
  return {
    async handle(request) {
      await request.text();
      return new Response(null, { status: 200 });
    },
  };
}

export function readAndIterate() {
  return {
    async handle(request) {
      iterate(await request.text());
      return new Response(null, { status: 200 });
    },
  };
}

/** All that a signature costs at least: the digest of the body and the verification of a string that was made before. */
export function readIterateAndVerify(fixture) {
  const isGenuine = createSignatureFloor(fixture);
  return {
    async handle(request) {
      const body = new Uint8Array(await request.arrayBuffer());
      if (!isGenuine(body, request.headers.get("digest"), request.headers.get("x-nonce"))) {
        return new Response(null, { status: 401 });
      }
      iterate(decoder.decode(body));
      return new Response(null, { status: 200 });
    },
  };
}

/** Makes the function that compares a body's digest, and verifies the signature that was prepared for a nonce. */
export function createSignatureFloor({ records, deliveries }) {
  const spki = Buffer.from(/p=(.*)/.exec(records[0].join(""))[1], "base64");
  const key = crypto.createPublicKey({ key: spki, format: "der", type: "spki" });
  const prepared = new Map(
    deliveries.map(({ headers, signature, signed }) => [
      headers["x-nonce"],
      { signed: Buffer.from(signed), signature: Buffer.from(signature, "base64") },
    ]),
  );
  return (body, digest, nonce) => {
    const delivery = prepared.get(nonce);
    if (delivery === undefined || digest !== `SHA-256=${sha256(body)}`) return false;
    return crypto.verify("sha256", delivery.signed, key, delivery.signature);
  };
}

// In one call where that is faster, as it is not on Deno.
const sha256 =
  crypto.hash && !globalThis.Deno
    ? (bytes) => crypto.hash("sha256", bytes, "base64")
    : (bytes) => crypto.createHash("sha256").update(bytes).digest("base64");

export let pairs = 0;
export function iterate(text) {
  for (const [name, value] of new URLSearchParams(text)) if (name !== value) pairs += 1;
}
