/** Starts a receiver on Node, sends it two of Copernica's webhooks over HTTP, and stays listening: `npm run demo` */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createWebhookHandler, type UnknownEvent, type WebhookEvent } from "copernica-webhooks";
import { toNodeHandler } from "copernica-webhooks/node";
import { createTestCopernica, samples } from "copernica-webhooks/testing";

// Signs as Copernica does, with a key of its own, which stands in for Copernica's in DNS.
const copernica = await createTestCopernica({ account: 1234 });

const signedOnly = createWebhookHandler({
  account: 1234,
  verify: { resolveTxt: copernica.resolveTxt },
  onProfileCreate: print,
  onSubprofileCreate: print,
  onError: (error) => console.log(`\nRefused with ${error.status}: ${error.message}`),
});

// As nobody should receive webhooks, but for a try with curl.
const fromAnybody = createWebhookHandler({
  verify: false,
  onEvent: print,
  onError: (error) => console.log(`\nRefused with ${error.status}: ${error.message}`),
});

const receiveSigned = toNodeHandler(signedOnly);
const receiveAny = toNodeHandler(fromAnybody);
const server = createServer((request, response) => {
  return request.url === "/anybody" ? receiveAny(request, response) : receiveSigned(request, response);
});
const port = Number(process.env.PORT ?? 0);
await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/copernica`);
console.log(`A receiver of webhooks is listening at ${url}`);

for (const name of ["profile.create", "subprofile.create"] as const) {
  const { status } = await fetch(await copernica.request(samples[name], { url }));
  console.log(`\nThe receiver answered the signed webhook ${name} with ${status}.`);
}

console.log(`
It stays listening (Ctrl+C ends it). Without Copernica's signature, it refuses an event:

  curl -d "type=create" ${url}

At another path it takes events from anybody:

  curl -d "type=unsubscribe&id=5f0e&profile=4211&database=12&mailing=871&time=1795515000&timestamp=2026-11-24 11:10:00" ${new URL("/anybody", url)}`);

/** Prints an event readably, but for the raw body. */
function print({ name, raw: _, ...variables }: WebhookEvent | UnknownEvent): void {
  console.log(`\n${name}`);
  for (const [variable, value] of Object.entries(variables)) console.log(`  ${variable.padEnd(12)}${readable(value)}`);
}

function readable(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, part]) => `${name}: ${readable(part)}`)
    .join(", ");
}
