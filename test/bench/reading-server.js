/**
 * The servers of the examples with a handler that reads the body and answers: what HTTP itself costs. Its parameter says how
 * it reads it.
 */
export let seen = 0;

const readers = {
  async text(request) {
    seen += (await request.text()).length;
  },
  /** As who keeps to a bound must read. With a reader, which is faster than `for await`. */
  async chunks(request) {
    const reader = request.body.getReader();
    for (let result = await reader.read(); !result.done; result = await reader.read()) seen += result.value.byteLength;
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
