import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { unavailableError } from "./exit.ts";

/** The only interface that this program listens at: nobody else reaches it, unless a tunnel leads there. */
export const LOOPBACK = "127.0.0.1";

/** Lets a server listen at a port of the loopback interface. Resolves to its address: `http://127.0.0.1:8053`. */
export async function listenOnLoopback(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(unavailableError(`Port ${port} of ${LOOPBACK} can't be used`, cause)));
    server.listen(port, LOOPBACK, resolve);
  });
  const { port: taken } = server.address() as AddressInfo; // it listens at a port, not at a pipe
  return `http://${LOOPBACK}:${taken}`;
}

/** The path and the parameters of a request target, whatever it is. */
export function splitTarget(target: string): { readonly path: string; readonly parameters: URLSearchParams } {
  const start = target.indexOf("?");
  if (start === -1) return { path: target, parameters: new URLSearchParams() };
  return { path: target.slice(0, start), parameters: new URLSearchParams(target.slice(start)) };
}

/** Ends a server, its open connections included. */
export async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** Resolves when a command is to stop. */
export function waitForAbort(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
