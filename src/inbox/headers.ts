/** The headers of a delivery that are stored: none that holds a secret, or that could be used to send the call again. */
export const STORED_HEADERS = ["content-type", "date", "digest", "x-copernica-id", "x-nonce"] as const;

/** The headers that are stored, their names in lower case. */
export function storedHeaders(headers: Headers): Readonly<Record<string, string>> {
  const stored: Record<string, string> = {};
  for (const name of STORED_HEADERS) {
    const value = headers.get(name);
    if (value !== null) stored[name] = value;
  }
  return stored;
}
