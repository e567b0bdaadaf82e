import { describe, expect, test } from "vitest";
import { createKeyLookup, type ResolveTxt, verifySignature } from "../../src/index.ts";
import { createDigester } from "../../src/signature/digest.ts";
import { bytesOf } from "../fixtures/signer.ts";
import php from "../vectors/copernica-php.json" with { type: "json" };
import { createJudge, cryptographies, type Receiver, serve } from "./judging.ts";

describe.each(cryptographies)("%s", (_, onlyWebCrypto) => {
  const { hiding, judge } = createJudge(onlyWebCrypto);

  test("is what these tests run on", async () => {
    const digest = hiding(() => createDigester()("SHA-256", new Uint8Array(1)));
    expect(digest instanceof Promise).toBe(onlyWebCrypto || process.getBuiltinModule === undefined);
    expect(await digest).toBe("bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=");
  });

  describe("calls that Copernica's own library signed", () => {
    function makeRequest({ request }: (typeof php.cases)[number] | (typeof php.refused)[number]): Request {
      const { url, method, headers, bodyBase64 } = request;
      return new Request(url, { method, headers: Object.entries(headers), body: bytesOf(bodyBase64) });
    }

    function receiverOf({ account, keyId, txtRecord, date }: (typeof php.cases)[number]): Receiver {
      const resolveTxt: ResolveTxt = async (name) => (name === keyId ? [txtRecord] : []);
      return { account, verify: { resolveTxt, clock: () => date } };
    }

    test.each(php.cases.filter(({ expected }) => expected === "verified"))("are accepted: $name", async (vector) => {
      const { status, events } = await judge(makeRequest(vector), receiverOf(vector));
      expect({ status, events }).toEqual({ status: 200, events: 1 });
    });

    test("are identified by the start of their signatures, whatever is in these", async () => {
      for (const vector of php.cases.filter(({ expected }) => expected === "verified")) {
        const { account, verify } = receiverOf(vector);
        const keys = hiding(() => createKeyLookup({ resolveTxt: verify?.resolveTxt ?? serve }));
        const request = makeRequest(vector);
        const options = { account: account ?? 0, keys, clock: () => vector.date };
        const body = bytesOf(vector.request.bodyBase64);
        const { deliveryId } = await hiding(() => verifySignature(request, body, options));
        const signature = /signature="(.{32})/.exec(request.headers.get("signature") ?? "")?.[1];
        expect(deliveryId).toBe(signature?.replaceAll("+", "-").replaceAll("/", "_"));
      }
    });

    test.each(php.cases.filter(({ expected }) => expected === "verified"))(
      "are refused elsewhere: $name",
      async (vector) => {
        for (const url of [`${vector.request.url}x`, vector.request.url.replace("hooks.", "hook.")]) {
          const { headers, bodyBase64 } = vector.request;
          const moved = new Headers(Object.entries(headers));
          moved.set("host", new URL(url).host);
          const request = new Request(url, { method: "POST", headers: moved, body: bytesOf(bodyBase64) });
          expect((await judge(request, receiverOf(vector))).code).toBe("signature_mismatch");
        }
      },
    );

    test.each(php.cases.filter(({ expected }) => expected === "weak"))("are refused: $name", async (vector) => {
      const { code, events } = await judge(makeRequest(vector), receiverOf(vector));
      expect({ code, events }).toEqual({ code: "key_refused", events: 0 });
    });

    const codes: Readonly<Record<string, string>> = {
      algorithm: "algorithm_refused",
      "digest algorithm": "algorithm_refused",
      "not covered": "signature_incomplete",
    };
    const codesByName: Readonly<Record<string, string>> = {
      "values left out of the signing string": "signature_mismatch",
      "another account than the receiver's": "account_mismatch",
      "SMTPeter environment of the same number": "invalid_account_header",
    };
    test.each(php.refused)("are refused: $name", async (vector) => {
      const { code, status, events } = await judge(makeRequest(vector), receiverOf(vector));
      expect({ code, status, events }).toEqual({
        code: codes[vector.reason] ?? codesByName[vector.name],
        status: 401,
        events: 0,
      });
    });
  });
});
