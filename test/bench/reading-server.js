/**
 * The servers of the examples with a handler that reads the body and answers: what HTTP itself costs. Its parameter says how
 * it reads it.
 */
export let seen = 0;

const readers = {
  async text(request) {
    seen += (await request.text()).length;
  },
  /** Of what arrives, no more than a bound. */
  async chunks(request) {
    for await (const chunk of request.body) seen += chunk.byteLength;
  },
  async variables(request) {
    for (const [name] of new URLSearchParams(await request.text())) seen += name.length;
  },
};

const read = readers[process.argv[2]];
async function handler(request) {
  if (request.method === "POST") await read(request);
  return new Response(null, { status: 200 });
}

const port = Number(process.env.PORT);
if (globalThis.Bun) {
  globalThis.Bun.serve({ port, fetch: handler });
} else if (globalThis.Deno) {
  globalThis.Deno.serve({ port }, handler);
} else {
  const { serve } = await import("srvx");
  serve({ port, fetch: handler });
}
