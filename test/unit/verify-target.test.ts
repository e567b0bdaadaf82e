import { describe, expect, test } from "vitest";
import { createKeyLookup, verifySignature } from "../../src/index.ts";
import { BODY, NOW } from "../fixtures/signer.ts";
import { createJudge, cryptographies, serve, signer } from "./judging.ts";

describe.each(cryptographies)("%s", (_, onlyWebCrypto) => {
  const { hiding, codeOf } = createJudge(onlyWebCrypto);

  test("a call is accepted if a proxy passed its body on in chunks", async () => {
    expect(await codeOf({ sent: { "content-length": null } })).toBe("verified");
    const shorter = { signed: { "content-length": "3" }, sent: { "content-length": null } };
    expect(await codeOf(shorter)).toBe("signature_mismatch");
  });

  test("a call is accepted over HTTP/2, which has no Host header", async () => {
    expect(await codeOf({ sent: { host: null } })).toBe("verified");
    expect(await codeOf({ sent: { host: null }, sentTo: "https://evil.example.com/copernica" })).toBe(
      "signature_mismatch",
    );
  });

  test("a fragment, which no client sends, is no part of the target", async () => {
    expect(await codeOf({ sentTo: "https://hooks.example.com/copernica#a" })).toBe("verified");
    expect(await codeOf({ sentTo: "https://hooks.example.com/copernica#?a=1" })).toBe("verified");
  });

  test("a URL without a path is called at its root", async () => {
    const { headers } = await signer.sign({ url: "https://hooks.example.com/" });
    const request = { method: "POST", url: "https://hooks.example.com", headers };
    const keys = hiding(() => createKeyLookup({ resolveTxt: serve }));
    const body = new TextEncoder().encode(BODY);
    const options = { account: 1234, keys, clock: () => NOW };
    expect(await hiding(() => verifySignature(request, body, options))).toMatchObject({ keyId: signer.keyId });
  });

  describe("behind a proxy", () => {
    const url = "https://hooks.example.com:8443/copernica?token=1";
    const inside = { sentTo: "http://10.0.0.5:3000/internal/hook?token=1", sent: { host: "10.0.0.5:3000" } };

    test("that changes host and path, publicUrl says what Copernica calls", async () => {
      const call = { url, ...inside };
      expect(await codeOf(call)).toBe("signature_mismatch");
      for (const publicUrl of [url, new URL(url), "https://hooks.example.com:8443/copernica"]) {
        expect(await codeOf(call, { verify: { publicUrl } })).toBe("verified");
      }
      for (const publicUrl of [
        "https://hooks.example.com/copernica",
        "https://hooks.example.com:8443/copernic",
        "https://hooks.example.com:8443/copernica?token=2",
      ]) {
        expect(await codeOf(call, { verify: { publicUrl } })).toBe("signature_mismatch");
      }
    });

    test("there may be no query at all, and no TLS", async () => {
      const publicUrl = "http://hooks.example.com/copernica";
      const call = { url: publicUrl, sentTo: "http://10.0.0.5:3000/hook", sent: { host: "10.0.0.5:3000" } };
      expect(await codeOf(call, { verify: { publicUrl } })).toBe("verified");
    });

    test("a query that publicUrl lacks is that of the request", async () => {
      const verify = { publicUrl: "https://hooks.example.com:8443/copernica" };
      const changed = { url, sentTo: "http://10.0.0.5:3000/internal/hook?token=2" };
      expect(await codeOf(changed, { verify })).toBe("signature_mismatch");
      const dropped = { url, sentTo: "http://10.0.0.5:3000/internal/hook" };
      expect(await codeOf(dropped, { verify })).toBe("signature_mismatch");
      expect(await codeOf(dropped, { verify: { publicUrl: url } })).toBe("verified");
    });

    test("that changes the host alone, publicUrl may be the rest of the request's own URL", async () => {
      const call = { url: "https://hooks.example.com/?a=1", sentTo: "http://localhost:3000/?a=1" };
      expect(await codeOf(call, { verify: { publicUrl: "https://hooks.example.com" } })).toBe("verified");
    });
  });
});
