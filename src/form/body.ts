import { RequestError } from "../errors.ts";
import { findTextDecoder, type TextOfBytes } from "./charset.ts";
import { decodeVariables } from "./decode.ts";
import { decodeJson } from "./json.ts";
import type { FormTree } from "./tree.ts";

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)/i;

/**
 * Decodes a body to the tree of its variables, as its content type says: a form or JSON, in UTF-8 or the charset declared.
 *
 * @param body The bytes received.
 * @param contentType The `Content-Type` header.
 * @throws {RequestError} `unsupported_content_type`: it is neither a form nor JSON, or in a charset that is not read.
 * @throws {RequestError} `undecodable_body`: it is not what its content type says, or over a bound.
 */
export function decodeBody(body: Uint8Array, contentType: string | null): FormTree {
  const { isJson, textOf } = readContentType(contentType);
  return isJson ? decodeJson(textOf?.(body) ?? new TextDecoder().decode(body)) : decodeVariables(body, textOf);
}

/** As {@link decodeBody}, of the text of a body; apart from it, so that a handler has no code for what it never gets. */
export function decodeText(body: string, contentType: string | null): FormTree {
  const { isJson, textOf } = readContentType(contentType);
  if (isJson) return decodeJson(body);
  const bytes = new TextEncoder().encode(body);
  // The bytes of a form in another charset can be told of its text only if that is ASCII, as forms are.
  if (textOf === undefined || bytes.length === body.length) return decodeVariables(bytes, textOf);
  throw new RequestError(
    "unsupported_content_type",
    "Give the bytes of this form, not their text: its charset is not UTF-8.",
  );
}

/** What a content type says of a body: whether it is JSON or a form, and what makes text of its bytes if they are not UTF-8. */
function readContentType(contentType: string | null): { isJson: boolean; textOf?: TextOfBytes | undefined } {
  if (contentType === FORM) return { isJson: false };
  const mediaType = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== FORM && mediaType !== JSON_TYPE) {
    throw new RequestError("unsupported_content_type", `Send the event as ${FORM} or ${JSON_TYPE}.`);
  }
  const textOf = findTextDecoder(CHARSET.exec(contentType ?? "")?.[1] ?? "utf-8");
  return { isJson: mediaType === JSON_TYPE, textOf };
}
