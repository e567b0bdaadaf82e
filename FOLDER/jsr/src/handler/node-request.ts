import type { Answer } from "./answer.ts";

/** The part of Node's response, and of those that frameworks make of it, that an answer is given with. */
interface NodeResponse {
  statusCode: number;
  readonly setHeader: (name: string, value: string) => unknown;
  readonly end: (body: string) => unknown;
}

/** Whether something that was passed beside a request is a response of Node's, which waits to be written to. */
export function isNodeResponse(beside: unknown): beside is NodeResponse {
  return typeof beside === "object" && beside !== null && "setHeader" in beside && "end" in beside;
}

/** Answers with a response of Node's, whose server does not look at what a handler returns. */
export function writeAnswer(response: NodeResponse, { status, headers, body }: Answer): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body ?? "");
}
