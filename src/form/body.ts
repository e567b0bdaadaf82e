import { RequestError } from "../errors.ts";
import { findTextDecoder } from "./charset.ts";
import { decodeForm, decodeVariables } from "./decode.ts";
import { decodeJson } from "./json.ts";
import type { FormTree } from "./tree.ts";

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)/i;

/**
 * Decodes a body to the tree of its variables, as its content type says: a form or JSON, in UTF-8 or the charset declared.
 *
 * @param body The bytes received, or their text.
 * @param contentType The `Content-Type` header.
 * @throws {RequestError} `unsupported_content_type`: it is neither a form nor JSON, or in a charset that is not read.
 * @throws {RequestError} `undecodable_body`: it is not what its content type says, or over a bound.
 */
export function decodeBody(body: Uint8Array | string, contentType: string | null): FormTree {
  if (contentType === FORM) return decodeForm(body);
  const mediaType = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== FORM && mediaType !== JSON_TYPE) {
    throw new RequestError("unsupported_content_type", `Send the event as ${FORM} or ${JSON_TYPE}.`);
  }
  const textOf = findTextDecoder(CHARSET.exec(contentType ?? "")?.[1] ?? "utf-8");
  if (mediaType === JSON_TYPE) return decodeJson(body, textOf);
  return textOf ? decodeVariables(bytesOf(body), textOf) : decodeForm(body);
}

/** The bytes of a form in another charset. They can be told of its text only if that is ASCII, as forms are. */
function bytesOf(body: Uint8Array | string): Uint8Array {
  if (typeof body !== "string") return body;
  const bytes = new TextEncoder().encode(body);
  if (bytes.length === body.length) return bytes;
  throw new RequestError(
    "unsupported_content_type",
    "Give the bytes of this form, not their text: its charset is not UTF-8.",
  );
}
