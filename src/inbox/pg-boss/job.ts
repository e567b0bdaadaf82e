import { fromBase64, toBase64 } from "../../signature/base64.ts";
import type { EventSummary, StoredDelivery } from "../delivery.ts";

/** What the data of a job has of its delivery. */
interface JobData {
  readonly deliveryId: string;
  /** In milliseconds since 1970. */
  readonly receivedAt: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly event?: EventSummary | undefined;
  /** In base64. */
  readonly body: string;
}

/** The id of the job of a delivery: a UUID made of its hash, as pg-boss knows jobs by UUIDs. */
export async function jobId(deliveryId: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(deliveryId)));
  const digits = Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The data of the job of a delivery. */
export function jobData({ deliveryId, receivedAt, url, headers, body, event }: StoredDelivery): JobData {
  return { deliveryId, receivedAt: receivedAt.getTime(), url, headers, event, body: toBase64(body) };
}

/** The delivery of a job, from its data in JSON. */
export function readDelivery(json: string): StoredDelivery {
  const { deliveryId, receivedAt, url, headers, body, event }: JobData = JSON.parse(json);
  const bytes = fromBase64(body);
  if (bytes === undefined) throw new Error(`The body of the delivery ${deliveryId} is not in base64.`);
  // Bytes of their own, as those of Node are a view on memory that others have too.
  return { deliveryId, receivedAt: new Date(receivedAt), url, headers, body: new Uint8Array(bytes), event };
}

/** JSON that Postgres takes, which has no NUL and no half of a surrogate pair in its texts. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "string" ? part.replaceAll("\0", "\uFFFD").replace(/\p{Surrogate}/gu, "\uFFFD") : part,
  );
}
