import { describe, expect, test } from "vitest";
import { RequestError } from "../../src/errors.ts";
import { decodeBody, decodeText } from "../../src/form/body.ts";
import { createWebhookHandler, parseEvent } from "../../src/index.ts";
import { FORM, post } from "./posts.ts";

const JSON_TYPE = "application/json";

/** The bytes of text of which each character is one. */
function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

describe("a body in another charset than UTF-8 is decoded by it", () => {
  test.each([
    ["iso-8859-1", "Caf\xE9", "Café"],
    ["latin1", "Caf\xE9", "Café"],
    ["windows-1252", "\x80 59,95 \x96 \x91t Zo\xEB\x92", "€ 59,95 – ‘t Zoë’"],
    ["ISO-8859-1", "\x80 \x81", "€ \x81"],
    ["us-ascii", "Cafe", "Cafe"],
    ["iso-8859-2", "\xA1\xB6", "Ąś"],
    ["iso-8859-15", "\xA4 59,95", "€ 59,95"],
    ["windows-1251", "\xC4\xE0", "Да"],
    ["utf-8", "Caf\xC3\xA9", "Café"],
    ["UTF8", "Caf\xC3\xA9", "Café"],
  ])("%s", (charset, sent, name) => {
    const escaped = Array.from(latin1(sent), (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
    for (const type of [`${FORM}; charset=${charset}`, `${FORM};x="y" ; CHARSET="${charset}"`]) {
      const bodies = [latin1(`type=x&fields[${sent}]=${sent}`), latin1(`type=x&fields[${escaped}]=${escaped}`)];
      for (const body of bodies) expect(decodeBody(body, type)).toEqual({ type: "x", fields: { [name]: name } });
      expect(decodeText(`type=x&fields[a]=${escaped}`, type)).toEqual({ type: "x", fields: { a: name } });
    }
    const json = latin1(`{"type":"x","fields":{"${sent}":"${sent}"}}`);
    expect(decodeBody(json, `${JSON_TYPE}; charset=${charset}`)).toEqual({ type: "x", fields: { [name]: name } });
  });

  test("every byte of Windows-1252 as the Encoding standard has it", () => {
    const bytes = Array.from({ length: 128 }, (_, index) => `%${(index + 128).toString(16)}`).join("");
    const { a } = decodeText(`a=${bytes}`, `${FORM}; charset=windows-1252`);
    const first = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8DŽ\x8F\x90‘’“”•–—˜™š›œ\x9DžŸ";
    expect(a).toBe(first + Array.from({ length: 96 }, (_, index) => String.fromCharCode(index + 160)).join(""));
  });

  test("with names that PHP makes keys of", () => {
    const tree = decodeText("caf%E9.bar=1&l[]=%E9&l[]=%EB&a[b][%E9]=%FC", `${FORM}; charset=iso-8859-1`);
    expect(tree).toEqual({ café_bar: "1", l: { 0: "é", 1: "ë" }, a: { b: { é: "ü" } } });
  });

  test("in an event that its callback gets", async () => {
    const names: unknown[] = [];
    const handler = createWebhookHandler({
      onWarning() {},
      onUnhandled: (event) => void names.push(event.raw.name),
    });
    const request = post(latin1("type=x&name=Caf%E9"), { "content-type": `${FORM}; charset=ISO-8859-1` });
    expect((await handler(request)).status).toBe(200);
    expect(names).toEqual(["Café"]);
  });
});

describe("a body in a charset that is not read is refused with unsupported_content_type", () => {
  test.each([
    ["UTF-16", "utf-16"],
    ["UTF-16BE", "utf-16be"],
    ["one that holds other characters than ASCII's in their places", "iso-2022-jp"],
    ["one of more bytes a character", "shift_jis"],
    ["one that runtimes decode differently", "windows-1253"],
    ["one that nobody knows", "klingon"],
    ["one that is no longer decoded anywhere", "utf-7"],
    ["one of nonsense", "\\\"';,"],
  ])("%s", (_, charset) => {
    for (const type of [FORM, JSON_TYPE]) {
      for (const parameter of [`charset=${charset}`, `Charset="${charset.replace(/["\\]/g, "\\$&")}"`]) {
        const decode = (): unknown => decodeBody(latin1("a=b"), `${type}; ${parameter}`);
        expect(decode).toThrow(RequestError);
        expect(decode).toThrow(expect.objectContaining({ code: "unsupported_content_type", status: 415 }));
        expect(decode).toThrow(/UTF-8/);
      }
    }
  });

  test("text of a form in one of which the bytes are not told", () => {
    expect(() => parseEvent("type=x&name=Café", `${FORM}; charset=iso-8859-1`)).toThrow(/Give the bytes/);
  });
});

describe("the content type", () => {
  test.each([
    [`${FORM};charset=`],
    [`${FORM};charset=""`],
    [`${FORM}; q=charset=utf-16`],
    [`${FORM}; x="charset=utf-16"`],
    [`${FORM}; charset=utf-8; charset=utf-16`],
    [`${FORM}; xcharset=utf-16`],
    [`${FORM} ; charset = "UTF-8"`],
    [`${FORM};`],
  ])("%s declares no other charset", (contentType) => {
    expect(decodeText("a=%C3%A9", contentType)).toEqual({ a: "é" });
  });
});
