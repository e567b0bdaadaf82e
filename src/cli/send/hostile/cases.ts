import { createHash, createHmac } from "node:crypto";
import { generatePrivateKey } from "../../../testing/private-key.ts";
import { COVERED_HEADERS, digestOf, signWith } from "../../../testing/sign-call.ts";
import { type Call, withHeader } from "../../call/call.ts";
import type { Answer } from "../../call/post.ts";
import type { Attacker } from "./attacker.ts";

/** A call that is not genuine, or not harmless. */
export interface HostileCase {
  /** Its name, for the command line. */
  readonly name: string;
  /** What is sent. */
  readonly summary: string;
  /** What a right receiver answers, in words. */
  readonly expected: string;
  /** The statuses of a right receiver; undefined among them: it may close the connection. */
  readonly right: readonly (number | undefined)[];
  /** Undefined if whoever answers 2xx let it in; else what that means here, for nobody can tell from outside. */
  readonly advice: string | undefined;
  /** Sends it. */
  readonly attempt: (attacker: Attacker) => Promise<Answer>;
}

const HOUR_MS = 60 * 60 * 1_000;

/** Over what any receiver of webhooks should read, in bytes. */
const OVERSIZED_BYTES = 16 * 1_024 * 1_024;

/** How deep the brackets of a name go that no event has. */
const EXCESSIVE_DEPTH = 100_000;

/** A pause that no genuine sender makes, in milliseconds. */
const TRICKLE_MS = 500;

/** A call that must be answered 401. */
function forge(name: string, summary: string, make: (attacker: Attacker) => Promise<Call>): HostileCase {
  return {
    name,
    summary,
    expected: "401",
    right: [401],
    advice: undefined,
    attempt: async (attacker) => attacker.send(await make(attacker)),
  };
}

/** A call whose signature leaves one thing uncovered that it must cover. */
function leaveUncovered(name: string, header: string): HostileCase {
  const covered = COVERED_HEADERS.split(" ")
    .filter((other) => other.toLowerCase() !== header)
    .join(" ");
  return forge(`uncovered-${name}`, `a good signature that does not cover ${header}`, ({ sign }) => sign({ covered }));
}

/** A call that lost a header on its way. */
function dropHeader(name: string, header: string): HostileCase {
  return forge(`dropped-${name}`, `no ${header} header, though it is signed`, async ({ sign }) => {
    return withHeader(await sign(), header);
  });
}

/** A call with a header a second time, of another value. */
function duplicateHeader(name: string, header: string, value: string): HostileCase {
  return {
    ...forge(`duplicate-${name}`, `a second ${header} header, of another value`, async ({ sign }) => {
      const call = await sign();
      return { ...call, headers: [...call.headers, [header, value]] };
    }),
    expected: "401 or 400",
    right: [401, 400, undefined],
  };
}

function signUnderName(name: string, keyId: string): HostileCase {
  return forge(name, `a good signature by the key ${keyId}, which is not Copernica's`, ({ sign }) => sign({ keyId }));
}

function withBody(call: Call, body: Uint8Array): Call {
  return withHeader({ ...call, body }, "Content-length", String(body.byteLength));
}

function joinBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts));
}

const bytes = new TextEncoder();

/** All hostile calls, in the order in which they are listed. */
export const hostileCases: readonly HostileCase[] = [
  forge("unsigned", "no Signature header", async ({ sign }) => withHeader(await sign(), "Signature")),
  forge("garbage-signature", "a Signature header that is none", async ({ sign }) => {
    return withHeader(await sign(), "Signature", 'keyId="x",headers="\u00ff');
  }),
  forge("wrong-key", "signed by another key, under the name of yours", async ({ sign }) => {
    return sign({ sign: signWith(await generatePrivateKey(2_048)) });
  }),
  signUnderName("look-alike-key", "development._domainkey.copernica.com.example.net"),
  signUnderName("look-alike-domain", "development._domainkey.evilcopernica.com"),
  forge("unknown-key", "a keyId below copernica.com that does not exist", ({ sign }) => {
    return sign({ keyId: "nobody-has-this._domainkey.copernica.com" });
  }),
  forge("hmac", "an HMAC whose secret is the public key", ({ sign, key }) => {
    const secret = key.records
      .map((strings) => strings.join(""))
      .join("")
      .replace(/^.*p=/, "");
    return sign({
      algorithm: "hmac-sha256",
      sign: async (signed) => createHmac("sha256", Buffer.from(secret, "base64")).update(signed).digest(),
    });
  }),
  forge("weak-digest", "a good signature over a Digest made with MD5", ({ sign, body }) => {
    return sign({ digest: `MD5=${createHash("md5").update(body).digest("base64")}` });
  }),
  forge("stale-date", "signed an hour ago", ({ sign }) => sign({ date: new Date(Date.now() - HOUR_MS) })),
  forge("future-date", "dated an hour from now", ({ sign }) => sign({ date: new Date(Date.now() + HOUR_MS) })),
  forge("fresh-date", "signed an hour ago, its Date changed to now", async ({ sign }) => {
    return withHeader(await sign({ date: new Date(Date.now() - HOUR_MS) }), "Date", new Date().toUTCString());
  }),
  forge("flipped-body", "one bit of the body changed on its way", async ({ sign, body }) => {
    const flipped = Uint8Array.from(body);
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
    return withBody(await sign(), flipped);
  }),
  forge("longer-body", "variables added to the body on its way", async ({ sign, body }) => {
    return withBody(await sign(), joinBytes(body, bytes.encode("&profile=1")));
  }),
  forge("other-body", "another body, its Digest made to fit", async ({ sign, body }) => {
    const other = joinBytes(body, bytes.encode("&profile=1"));
    return withHeader(withBody(await sign(), other), "Digest", await digestOf(other));
  }),
  forge("other-account", "a good signature for another account of Copernica's", ({ sign, account }) => {
    return sign({ account: account + 1 });
  }),
  forge("renamed-account", "signed for another account, the header changed to yours", async ({ sign, account }) => {
    return withHeader(await sign({ account: account + 1 }), "X-Copernica-ID", `account_${account}`);
  }),
  forge("other-path", "signed for another path", async ({ sign, url }) => {
    return { ...(await sign({ url: new URL("/another/path", url) })), target: url.pathname + url.search };
  }),
  forge("other-query", "a parameter added to the query on its way", async ({ sign }) => {
    const call = await sign();
    return { ...call, target: `${call.target}${call.target.includes("?") ? "&" : "?"}admin=1` };
  }),
  {
    ...forge("other-host", "signed for another host, and sent with its Host", ({ sign, url }) => {
      return sign({ url: new URL(url.pathname + url.search, "https://receiver.example.net") });
    }),
    advice: "it does not check that Host is its own, as Copernica asks; with this SDK, set verify.publicUrl",
  },
  leaveUncovered("target", "(request-target)"),
  leaveUncovered("host", "host"),
  leaveUncovered("date", "date"),
  leaveUncovered("digest", "digest"),
  leaveUncovered("account", "x-copernica-id"),
  dropHeader("date", "Date"),
  dropHeader("digest", "Digest"),
  dropHeader("account", "X-Copernica-ID"),
  dropHeader("nonce", "X-nonce"),
  duplicateHeader("account", "X-Copernica-ID", "account_1"),
  duplicateHeader("digest", "Digest", "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
  duplicateHeader("signature", "Signature", 'keyId="a",headers="date",signature="YQ=="'),
  {
    ...forge("method", "a GET", async ({ sign }) => {
      return { ...withHeader(await sign(), "Content-length"), method: "GET", body: new Uint8Array() };
    }),
    expected: "405",
    right: [405, 401, 404],
  },
  {
    ...forge(
      "absolute-form",
      "a request target with another host in it: POST http://attacker.example/…",
      async ({ sign, url }) => {
        return { ...(await sign()), target: `http://attacker.example${url.pathname}${url.search}` };
      },
    ),
    expected: "401 or 400",
    right: [401, 400, 404, undefined],
    advice: "see that nothing in your code takes attacker.example from the URL for your own host",
  },
  {
    name: "replay",
    summary: "a genuine call, sent a second time",
    expected: "200 without running your callback again, or 401 or 409",
    right: [200, 202, 204, 401, 409],
    advice: "see in your own log that your callback ran once",
    async attempt({ sign, send }) {
      const call = await sign();
      await send(call);
      return send(call);
    },
  },
  {
    ...forge("oversized", "a good signature over a body of 16 MiB", ({ sign, body }) => {
      return sign({ body: joinBytes(body, bytes.encode(`&filler=${"x".repeat(OVERSIZED_BYTES)}`)) });
    }),
    expected: "413, or it closes the connection",
    right: [413, undefined],
  },
  {
    ...forge("deep", "a variable with 100,000 brackets", ({ sign, body }) => {
      return sign({ body: joinBytes(body, bytes.encode(`&a${"[a]".repeat(EXCESSIVE_DEPTH)}=1`)) });
    }),
    expected: "400, 413 or 422",
    right: [400, 413, 422],
    advice: "see that it took neither long nor much memory",
  },
  {
    name: "slow",
    summary: "a body that comes a byte every half second, and no end",
    expected: "408, or it closes the connection, after a while",
    right: [408, 401, 400, undefined],
    advice: undefined,
    async attempt({ sign, send }) {
      return send(await sign(), (request, body) => {
        let position = 0;
        const timer = setInterval(() => {
          if (request.destroyed || position >= body.byteLength - 1) clearInterval(timer);
          else request.write(body.subarray(position, position + 1));
          position += 1;
        }, TRICKLE_MS);
        request.once("close", () => clearInterval(timer));
      });
    },
  },
  {
    name: "cut-off",
    summary: "half a body, and the connection closed",
    expected: "anything: nobody is there to hear it",
    right: [400, 401, undefined],
    advice: undefined,
    async attempt({ sign, send }) {
      return send(await sign(), (request, body) => {
        request.write(body.subarray(0, body.byteLength >> 1), () => request.destroy());
      });
    },
  },
];
