import { encodeForm, samples } from "../../src/testing.ts";
import { openConnection } from "../servers/connection.ts";
import { type SignedMessage, signBody, whole } from "../servers/messages.ts";
import { pause, type Runtime, startChild } from "./children.ts";

/** What is sent: signed calls named `<prefix>-<number>`, `total` of them, or until it is stopped or the server is gone. */
export interface Sending {
  readonly prefix: string;
  /** How many profiles they are about. Those about one profile go over one connection, so in the order of their numbers. */
  readonly profiles: number;
  readonly connections: number;
  readonly total?: number;
  /** How long each connection waits after an answer, in milliseconds. */
  readonly everyMs?: number;
}

/** What was answered to a call. */
interface Answered {
  readonly status: number;
  readonly profile: number;
}

/** Sends calls. */
export interface Sender {
  /** What was answered so far, by the name of the call. */
  readonly answers: ReadonlyMap<string, Answered>;
  /** Resolves once nothing is sent any more, and all is answered that will be. */
  readonly done: Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts to send calls to a server. */
export function startSending(port: number, sending: Sending): Sender {
  const { prefix, profiles, connections, total = Number.POSITIVE_INFINITY, everyMs } = sending;
  const answers = new Map<string, Answered>();
  let isStopped = false;

  async function sendOver(index: number): Promise<void> {
    const connection = await openConnection(port).catch(() => undefined); // it is gone already
    if (connection === undefined) return;
    for (let number = index + 1; number <= total && !isStopped; number += connections) {
      const profile = 1 + index + connections * Math.floor((Math.random() * profiles) / connections);
      const call = `${prefix}-${number}`;
      await connection.send(whole(await signCall(call, profile)));
      const answer = await connection.answer();
      if (answer === undefined) return;
      answers.set(call, { status: answer.status, profile });
      if (everyMs !== undefined) await pause(everyMs);
    }
    connection.destroy();
  }

  const done = Promise.all(Array.from({ length: connections }, (_, index) => sendOver(index))).then(() => {});
  return {
    answers,
    done,
    stop() {
      isStopped = true;
      return done;
    },
  };
}

/** The names of the calls that were answered 200, and how many were answered otherwise. */
export function acceptedOf({ answers }: Sender): { accepted: string[]; refused: number } {
  const accepted = [...answers].flatMap(([call, { status }]) => (status === 200 ? [call] : []));
  return { accepted, refused: answers.size - accepted.length };
}

/** A signed call, which tells the callback what it is called: by the first variable of its body. */
export function signCall(call: string, profile: number): Promise<SignedMessage> {
  const { parameters, ...others } = samples["profile.update"];
  return signBody({ body: encodeForm({ parameters: { call }, ...others, profile }) });
}

/** Finds the calls in bytes, as those of requests and files are. */
export const CALLS_IN_BYTES: RegExp = /parameters%5Bcall%5D=([\w-]+)&/g;

/** Has a server receive calls, and kills it then. Returns the profile of each, in the order in which they were answered. */
export async function receive(
  runtime: Runtime,
  { path, log }: { readonly path: string; readonly log: string },
  sending: Sending & { readonly total: number },
): Promise<Map<string, number>> {
  const server = startChild(runtime, { path, log, isServing: true });
  const { port } = await server.ready;
  const { answers, done } = startSending(port, sending);
  await done;
  server.kill("SIGKILL");
  const { output } = await server.ended;
  const profiles = new Map(
    [...answers].flatMap(([call, { status, profile }]) => (status === 200 ? [[call, profile]] : [])),
  );
  if (profiles.size !== sending.total) throw new Error(`${profiles.size} of ${sending.total} were stored:\n${output}`);
  return profiles;
}
