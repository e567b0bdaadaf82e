import type { Answer } from "./answer.ts";

/** The part of Node's response, and of those that frameworks make of it, that an answer is given with. */
interface NodeResponse {
  statusCode: number;
  readonly setHeader: (name: string, value: string) => unknown;
  readonly end: (body: string) => unknown;
}

/**
 * The response of Node's that waits to be written to, if there is one: passed beside the request, or in it, as Koa's context
 * has it.
 */
export function findNodeResponse(request: unknown, beside: unknown): NodeResponse | undefined {
  if (isNodeResponse(beside)) return beside;
  try {
    const within = (request as { readonly res?: unknown } | null | undefined)?.res; // nothing but an optional property
    return isNodeResponse(within) ? within : undefined;
  } catch {
    return undefined; // what is no request at all, such as a revoked proxy
  }
}

function isNodeResponse(value: unknown): value is NodeResponse {
  return typeof value === "object" && value !== null && "setHeader" in value && "end" in value;
}

/** Answers with a response of Node's, whose server does not look at what a handler returns. */
export function writeAnswer(response: NodeResponse, { status, headers, body }: Answer): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  response.end(body ?? "");
}
