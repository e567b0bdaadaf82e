import type { NodeRequest } from "./message.ts";

/** The values of headers by their names in lower case, as `Headers` has them: of one that came twice, both, joined. */
export type HeaderValues = ReadonlyMap<string, string>;

/**
 * Reads the headers of a request as they came. Node's own `headers` drop the second of many that came twice, so that a
 * signature would be verified over a Host or a Date that others along the way may have read differently.
 */
export function readHeaders(request: NodeRequest): HeaderValues {
  const { rawHeaders } = request;
  const values = new Map<string, string>();
  const add = (name: string, value: string): void => {
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before}, ${value}`);
  };
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    add((rawHeaders[index] ?? "").toLowerCase(), rawHeaders[index + 1] ?? "");
  }
  if (values.size > 0) return values;
  // Wrappers of serverless platforms make requests of their own, some of them with `headers` alone. Node makes those of its own
  // when they are first asked for.
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) add(name.toLowerCase(), typeof value === "string" ? value : value.join(", "));
  }
  return values;
}

/** Makes `Headers` of them. */
export function makeHeaders(values: HeaderValues): Headers {
  const headers = new Headers();
  for (const [name, value] of values) {
    if (!name.startsWith(":")) headers.append(name, value); // the pseudo-headers of HTTP/2 are none
  }
  return headers;
}
