/**
 * The servers of the examples with a handler that reads the body and answers: what HTTP itself costs. With `iterate` for a
 * parameter it also iterates the body's variables, with URLSearchParams.
 */
export let pairs = 0;

async function read(request) {
  await request.text();
  return new Response(null, { status: 200 });
}

async function readAndIterate(request) {
  for (const [name, value] of new URLSearchParams(await request.text())) if (name !== value) pairs += 1;
  return new Response(null, { status: 200 });
}

const handler = process.argv[2] === "iterate" ? readAndIterate : read;
const port = Number(process.env.PORT);
if (globalThis.Bun) {
  globalThis.Bun.serve({ port, fetch: handler });
} else if (globalThis.Deno) {
  globalThis.Deno.serve({ port }, handler);
} else {
  const { serve } = await import("srvx");
  serve({ port, fetch: handler });
}
