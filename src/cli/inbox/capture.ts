import { encodeForm } from "../../form/encode.ts";
import type { StoredDelivery } from "../../inbox/delivery.ts";
import { CONTENT_TYPES } from "../../testing/sign-call.ts";
import { withHeader } from "../call/call.ts";
import type { CapturedCall } from "../call/capture.ts";
import { readReceived } from "../listen/received.ts";
import { redactVariables } from "../terminal/redact.ts";

/** The call that brought a delivery, as far as an inbox keeps it: without its signature, which could be used again. */
export function captureOf({ url, headers, body, receivedAt }: StoredDelivery): CapturedCall {
  const { host, pathname, search } = new URL(url);
  return {
    method: "POST",
    target: pathname + search,
    headers: [["host", host], ...Object.entries(headers)],
    body,
    receivedAt: receivedAt.getTime(),
    keyRecords: undefined,
  };
}

/** A call without personal data: its body is written anew as a form, empty if it can't be read. */
export function redactCapture(call: CapturedCall): CapturedCall {
  const body = new TextEncoder().encode(encodeForm(redactVariables(readReceived(call).variables ?? {})));
  const { headers } = withHeader(withHeader(call, "digest"), "content-type", CONTENT_TYPES.form);
  return { ...call, headers, body };
}
