import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createKeyLookup, createWebhookHandler, verifySignature } from "../../src/index.ts";
import { BODY, base64, bytesOf, COVERED, NOW } from "../fixtures/signer.ts";
import { tickingClock } from "../fixtures/signing.ts";
import { createJudge, cryptographies, serve, signer } from "./judging.ts";

describe.each(cryptographies)("%s", (_, onlyWebCrypto) => {
  const { hiding, codeOf } = createJudge(onlyWebCrypto);

  describe("only one spelling of a signature", () => {
    const asNumber = (bytes: Uint8Array) => bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n);
    const asBytes = (number: bigint) =>
      Uint8Array.from(number.toString(16).padStart(256, "0").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

    test("is accepted: none with zeros before or after it", async () => {
      for (const forge of [
        (signature: Uint8Array) => Uint8Array.from([0, ...signature]),
        (signature: Uint8Array) => Uint8Array.from([...signature, 0]),
      ]) {
        expect(await codeOf({ forge })).toBe("signature_mismatch");
      }
    });

    test("is accepted: none shortened by its leading zero, none with the modulus added", async () => {
      const spki = bytesOf(signer.record.split("p=")[1] ?? "");
      const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
      const { n = "" } = await crypto.subtle.exportKey(
        "jwk",
        await crypto.subtle.importKey("spki", spki, rsa, true, ["verify"]),
      );
      const modulus = asNumber(bytesOf(n.replaceAll("-", "+").replaceAll("_", "/")));
      let small: Uint8Array<ArrayBuffer> | undefined;
      let nonce = 0;
      while (small === undefined) {
        nonce += 1;
        await signer.sign({
          signed: { "x-nonce": String(nonce) },
          forge: (signature) => {
            if (signature[0] === 0) small = signature;
            return signature;
          },
        });
      }
      const call = { signed: { "x-nonce": String(nonce) } };
      const shifted = asBytes(asNumber(small) + modulus);
      expect(shifted).toHaveLength(128);
      expect(await codeOf(call)).toBe("verified");
      expect(await codeOf({ ...call, forge: (signature) => signature.slice(1) })).toBe("signature_mismatch");
      expect(await codeOf({ ...call, forge: () => shifted })).toBe("signature_mismatch");
    });
  });

  test("a call with any signed byte changed is refused", async () => {
    let events = 0;
    const handler = hiding(() =>
      createWebhookHandler({
        account: 1234,
        verify: { resolveTxt: serve, clock: tickingClock(NOW) },
        onError() {},
        onWarning() {},
        onEvent() {
          events += 1;
        },
      }),
    );
    const url = "https://hooks.example.com/hooks/copernica?list[]=1&token=a%20b";
    const genuine = await signer.sign({ url });
    const headers = Object.fromEntries(genuine.headers);
    const signature = bytesOf(/signature="(.*)"/.exec(headers.signature ?? "")?.[1] ?? "");
    expect((await handler(genuine.clone())).status).toBe(200);
    expect(events).toBe(1);

    /** The text with another character at a place. */
    const changed = (text: string, place: number, code: number) => {
      const at = place % text.length;
      const other = text.charCodeAt(at) === code ? code + 1 : code;
      return text.slice(0, at) + String.fromCharCode(other) + text.slice(at + 1);
    };
    const where = fc.constantFrom(
      ...["url", "body", "signature", "covered", "host", "date", "content-length", "content-type"],
      ...["x-copernica-id", "digest", "x-nonce"],
    );
    const place = fc.nat(2_000);
    const code = fc.integer({ min: 0x21, max: 0x7d }); // visible, so that no trimming undoes the change
    await fc.assert(
      fc.asyncProperty(where, place, code, async (part, at, character) => {
        let sentTo = url;
        let sentBody = BODY;
        const sent = { ...headers };
        if (part === "url") {
          const path = url.slice("https://hooks.example.com/".length);
          sentTo = `https://hooks.example.com/${changed(path, at, character)}`;
          // "/" and "\", or a fragment, may come to the same target once they are parsed.
          fc.pre(new Request(sentTo).url.split("#")[0] !== url);
        } else if (part === "body") {
          sentBody = changed(BODY, at, character);
        } else if (part === "signature") {
          const bytes = Uint8Array.from(signature);
          bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ ((character % 255) + 1);
          sent.signature = (headers.signature ?? "").replace(/signature=".*"/, `signature="${base64(bytes)}"`);
        } else if (part === "covered") {
          const names = changed(COVERED, at, character);
          fc.pre(names.toLowerCase() !== COVERED.toLowerCase());
          sent.signature = (headers.signature ?? "").replace(COVERED, () => names);
        } else {
          sent[part] = changed(headers[part] ?? "", at, character);
        }
        const response = await handler(new Request(sentTo, { method: "POST", headers: sent, body: sentBody }));
        expect(part === "host" ? [400, 401] : [401]).toContain(response.status);
        await response.body?.cancel();
      }),
      { numRuns: 400 },
    );
    expect(events).toBe(1);
  });

  test("what is not covered may differ, and the call stays the same delivery", async () => {
    const covered = "(request-target) host date digest x-copernica-id";
    const body = new TextEncoder().encode(BODY);
    const request = await signer.sign({ covered });
    const replayed = new Request(request.clone(), {
      headers: { ...Object.fromEntries(request.headers), "x-more": "1" },
    });
    const keys = hiding(() => createKeyLookup({ resolveTxt: serve, clock: () => NOW }));
    const options = { account: 1234, keys, clock: () => NOW };
    const [first, second] = [
      await hiding(() => verifySignature(request, body, options)),
      await hiding(() => verifySignature(replayed, body, options)),
    ];
    expect(first).toEqual({
      deliveryId: expect.stringMatching(/^[\w-]{32}$/),
      keyId: signer.keyId,
      date: new Date(NOW),
    });
    expect(second).toEqual(first);
  });
});
