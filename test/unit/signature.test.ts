import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDigester } from "../../src/signature/digest.ts";
import { VerificationError } from "../../src/signature/error.ts";
import {
  checkAlgorithm,
  checkCoverage,
  createSignatureReader,
  MAX_COVERED_HEADERS,
  MAX_SIGNATURE_HEADER_LENGTH,
  parseSignature,
  type SignatureParameters,
} from "../../src/signature/header.ts";
import { createRsaImporter } from "../../src/signature/rsa.ts";
import { createSigningString } from "../../src/signature/signing-string.ts";
import { bytesOf } from "../fixtures/signer.ts";
import cavage from "../vectors/cavage-appendix-c.json" with { type: "json" };
import php from "../vectors/copernica-php.json" with { type: "json" };
import { costOf } from "./cost.ts";

const parts = {
  keyId: "one._domainkey.copernica.com",
  algorithm: "rsa-sha256",
  covered: ["(request-target)", "host", "date", "digest", "x-copernica-id"],
  signature: "c2lnbmF0dXJl",
};

const whole =
  'keyId="one._domainkey.copernica.com",algorithm="rsa-sha256",headers="(request-target) host date digest x-copernica-id",signature="c2lnbmF0dXJl"';

/** Why a header is refused; one that is read fails the test. */
function refusal(header: string | null): string {
  try {
    parseSignature(header);
  } catch (error) {
    expect(error).toBeInstanceOf(VerificationError);
    return (error as Error).message; // checked just above
  }
  throw new Error(`the header was read: ${header}`);
}

describe("a Signature header", () => {
  test.each<[string, string]>([
    ["as Copernica writes it", whole],
    ["with spaces after its commas", whole.replaceAll('",', '", ')],
    ["with spaces and tabs everywhere", ` ${whole.replaceAll('",', '" \t,\t ').replaceAll("=", " = ")} `],
    ["with parameters in another order", whole.split(",").reverse().join(",")],
    ["with unknown parameters", `created=1402170695,${whole},expires="1402170699",x-y_z2="",opaque="a=b, c"`],
    [
      "with values that are not quoted",
      whole.replace('"rsa-sha256"', "rsa-sha256").replace(/keyId="(.*?)"/, "keyId=$1"),
    ],
    ["with white space for a comma, as in Copernica's documentation", whole.replace('",headers', '" headers')],
    ["with white space for every comma", whole.replaceAll('",', '" ')],
    ["with a comma at its end", `${whole},`],
    ["with names in capitals", whole.replace("host date digest x-copernica-id", "Host DATE Digest X-Copernica-ID")],
    ["with several spaces between names", whole.replace("host date", " host \t  date ")],
    ["with the algorithm in capitals", whole.replace("rsa-sha256", "RSA-SHA256")],
  ])("%s is read", (_, header) => {
    expect(parseSignature(header)).toEqual(parts);
  });

  test("is read up to its bound", () => {
    const filler = "x".repeat(MAX_SIGNATURE_HEADER_LENGTH - whole.length - ',filler=""'.length);
    expect(parseSignature(`${whole},filler="${filler}"`)).toEqual(parts);
    expect(refusal(`${whole},filler="${filler}x"`)).toContain("too long");
  });

  test("without algorithm says so, and without headers covers the date alone", () => {
    expect(parseSignature('keyId="a",signature="b"')).toEqual({
      keyId: "a",
      algorithm: undefined,
      covered: ["date"],
      signature: "b",
    });
  });

  test.each(
    ["keyId", "algorithm", "headers", "signature"].flatMap((name) => [
      [name, `${whole},${name}="again"`],
      [name, `${name}=again, ${whole}`],
    ]),
  )("with %s twice is refused", (name, header) => {
    expect(refusal(header)).toContain(`has the parameter ${name} twice`);
  });

  test("with an unknown parameter twice is refused", () => {
    expect(refusal(`${whole},a="1",a="1"`)).toContain("has the parameter a twice");
    const long = "a".repeat(33);
    expect(refusal(`${whole},${long}="1",${long}="1"`)).toContain("has a parameter twice");
  });

  test("sent twice, and joined as HTTP does, is refused", () => {
    const headers = new Headers({ signature: whole });
    headers.append("signature", whole.replace("one.", "two."));
    expect(refusal(headers.get("signature"))).toContain("twice");
  });

  test.each<[string, string | null]>([
    ["missing", null],
    ["empty", ""],
    ["blank", "   "],
    ["another scheme's", "Bearer abc"],
    ["a word", "signature"],
    ["JSON", '{"keyId":"a","signature":"b"}'],
    ["without keyId", whole.replace(/keyId=".*?",/, "")],
    ["without signature", whole.replace(/,signature=.*/, "")],
    ["with an empty keyId", whole.replace(/keyId=".*?"/, 'keyId=""')],
    ["with an empty signature", whole.replace(/signature=".*?"/, 'signature=""')],
    ["with its parameters' names in another case", whole.replace("keyId", "KEYID")],
    ["with a quote that is not closed", whole.slice(0, -1)],
    ["with a quote inside a value", whole.replace("copernica.com", 'coper"nica.com')],
    ["with an escaped quote", whole.replace("copernica.com", 'coper\\"nica.com')],
    ["with a value missing", whole.replace('"rsa-sha256"', "")],
    ["with a name missing", whole.replace("algorithm", "")],
    ["with two commas", whole.replace(",", ",,")],
    ["with a comma first", `,${whole}`],
    ["with semicolons for commas", whole.replaceAll('",', '";')],
    ["with nothing between two parameters", whole.replace('",algorithm', '"algorithm')],
    ["with a line end", whole.replace(",", ",\r\n")],
    ["with a NUL", whole.replace(",", ",\0")],
    ["with text after it", `${whole} and more`],
  ])("that is %s is refused", (_, header) => {
    expect(refusal(header)).toMatch(/Signature header/);
  });

  test("that covers more headers than there can be is refused", () => {
    const names = Array.from({ length: MAX_COVERED_HEADERS }, (_, index) => `x-${index}`);
    const header = (covered: string[]) => `keyId="a",signature="b",headers="${covered.join(" ")}"`;
    expect(parseSignature(header(names)).covered).toEqual(names);
    expect(refusal(header([...names, "x-more"]))).toContain("too many");
  });

  test("that names no header covers nothing that counts", () => {
    expect(() => checkCoverage(parseSignature('keyId="a",headers="",signature="b"').covered)).toThrow(
      VerificationError,
    );
  });

  test("takes no more than linear time, whatever is in it", async () => {
    const near = (piece: string) => piece.repeat(Math.ceil(MAX_SIGNATURE_HEADER_LENGTH / piece.length));
    const bound = (header: string) => header.slice(0, MAX_SIGNATURE_HEADER_LENGTH);
    const benign = bound(`${whole},filler="${near("x")}`).replace(/..$/, 'x"');
    const cost = await costOfReading(benign);
    for (const hostile of [
      near(" "),
      near("\t"),
      near("a"),
      near("a "),
      near("="),
      near('"'),
      near(","),
      near('a="" '),
      near('a=" '),
      near("a=b "),
      near("a=b"),
      `a${near(" ")}`,
      `a=${near(" ")}`,
      `a=${near("b")}`,
      `a="${near("b")}`,
      `a="b"${near(" ")}x`,
      `a="b"${near("\t ")}`,
      `keyId="a",signature="b",headers="${near(" ")}`,
      `keyId="a",signature="b",headers="${near("a ")}`,
      Array.from({ length: 1_500 }, (_, index) => `a${index}=b`).join(),
    ]) {
      // A quadratic reader would take some thousand times as long as a linear one.
      expect((await costOfReading(bound(hostile))) / cost, hostile.slice(0, 60)).toBeLessThan(200);
    }
  });
});

describe("what a signature covers", () => {
  test("must be the five that bind it to this call", () => {
    expect(() => checkCoverage(parts.covered)).not.toThrow();
    for (const name of parts.covered) {
      const rest = parts.covered.filter((other) => other !== name);
      expect(() => checkCoverage(rest)).toThrow(
        new VerificationError("signature_incomplete", `The signature must also cover ${name}.`),
      );
      expect(() => checkCoverage([...rest, `${name}-`, `x-${name}`])).toThrow(VerificationError);
    }
  });

  test("must be what a request can have", () => {
    for (const name of ["(created)", "@method:", "x y", "é", ""]) {
      expect(() => checkCoverage([...parts.covered, name])).toThrow(
        new VerificationError("signature_incomplete", "The signature covers what is no header."),
      );
    }
  });

  test("must have come", () => {
    const value = (name: string) => (name === "x-nonce" ? null : "value");
    expect(createSigningString(parts.covered, value)).toContain("date: value\n");
    expect(() => createSigningString([...parts.covered, "x-nonce"], value)).toThrow(
      new VerificationError("signature_incomplete", "The signature covers x-nonce, which did not come."),
    );
    for (const name of ["<script>", "<x", "x>", "x".repeat(65)]) {
      expect(() => createSigningString([name], () => null)).toThrow(
        new VerificationError("signature_incomplete", "The signature covers a header, which did not come."),
      );
    }
  });
});

describe("the examples of draft-cavage-http-signatures, appendix C", () => {
  const { headers, target } = cavage.request;
  const values: Readonly<Record<string, string>> = {
    "(request-target)": `post ${target}`,
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  };

  test("come with the digest of their body", async () => {
    const digest = await createDigester()("SHA-256", new TextEncoder().encode(cavage.request.body));
    expect(`SHA-256=${digest}`).toBe(headers.Digest);
  });

  test.each(cavage.cases)("$name: its header is read, its string built, its signature verified", async (vector) => {
    const { covered, signature, keyId, algorithm } = parseSignature(vector.signatureHeader);
    expect({ covered, signature, keyId, algorithm }).toEqual({
      covered: vector.headers,
      signature: vector.signature,
      keyId: vector.keyId,
      algorithm: vector.algorithm,
    });
    const built = createSigningString(covered, (name) => values[name] ?? null);
    expect(built).toBe(vector.signingString);

    const key = await createRsaImporter()(bytesOf(cavage.publicKeySpkiBase64));
    expect(key.bits).toBe(1_024);
    expect(await key.verify(new TextEncoder().encode(built), bytesOf(signature))).toBe(true);
    expect(await key.verify(new TextEncoder().encode(`${built} `), bytesOf(signature))).toBe(false);
  });
});

test.each([...php.cases, ...php.refused].filter(({ name }) => name !== "values left out of the signing string"))(
  "Copernica's own library signs the same string: $name",
  ({ request, covered, signingString: expected }) => {
    const { pathname, search } = new URL(request.url);
    const bare = request.url.endsWith("?") ? "?" : search;
    const values = new Headers(Object.entries(request.headers));
    const value = (name: string) => (name === "(request-target)" ? `post ${pathname}${bare}` : values.get(name));
    const { covered: names } = parseSignature(request.headers.Signature);
    expect(names).toEqual(covered.map((name) => name.toLowerCase()));
    expect(createSigningString(names, value)).toBe(expected);
  },
);

/** What it costs to read a header, or to refuse it. */
function costOfReading(header: string): Promise<number> {
  return costOf(() => {
    for (let repetition = 0; repetition < 200; repetition += 1) {
      try {
        parseSignature(header);
      } catch {
        // Refused: that costs something too.
      }
    }
  });
}

/** What reading a header comes to: its parameters, or why it is refused. */
function outcomeOf(read: () => SignatureParameters): SignatureParameters | string {
  try {
    return read();
  } catch (error) {
    return String(error);
  }
}

test("one Signature header after another is read as each is alone, whatever they share", () => {
  const piece = fc.constantFrom(
    ...whole.split(/(?<=",)/),
    'signature="b3RoZXI="',
    ',signature="',
    '"',
    ",",
    " ",
    'xsignature="c2lnbmF0dXJl"',
    'opaque=",signature="',
    'keyId="two._domainkey.copernica.com",',
    'algorithm="hmac-sha256",',
    'headers="date",',
  );
  const anyHeader = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
  const genuine = fc.base64String({ maxLength: 12 }).map((signature) => whole.replace(parts.signature, signature));
  const followed = fc.tuple(genuine, fc.array(piece, { maxLength: 3 })).map(([header, rest]) => header + rest.join(""));
  fc.assert(
    fc.property(fc.array(fc.oneof(anyHeader, genuine, followed), { maxLength: 8 }), (headers) => {
      const read = createSignatureReader();
      for (const header of headers) {
        const alone = outcomeOf(() => {
          const parameters = parseSignature(header);
          checkCoverage(parameters.covered);
          checkAlgorithm(parameters.algorithm);
          return parameters;
        });
        expect(outcomeOf(() => read(header))).toEqual(alone);
      }
    }),
    { numRuns: 2_000 },
  );
});
