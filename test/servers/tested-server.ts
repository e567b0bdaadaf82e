import type { Answer, Connection } from "./connection.ts";
import type { Message, SignedBody } from "./messages.ts";
import type { RunningServer, ServerSettings } from "./server.ts";

/** A kind of server, and where it differs from the others for reasons of its own. */
export interface ServerKind {
  readonly name: string;
  readonly start: (settings: ServerSettings) => Promise<RunningServer>;
  /** Whether other paths than the handler's are answered by an app around it, in its own words. */
  readonly inApp?: boolean;
  /** Whether it leaves a client without 100 Continue; a client sends its body then nevertheless, after a while. */
  readonly neverContinues?: boolean;
  /** Whether what hands it each part of a body takes some 64 KiB for it, if only for a moment. */
  readonly wastesMemory?: boolean;
  /** Whether it accepts no absolute URL as a request's target, which only proxies send. */
  readonly onlyPaths?: boolean;
}

/** A server under test, once it runs. */
export interface TestedServer extends ServerKind {
  readonly server: RunningServer;
  readonly connect: () => Promise<Connection>;
  /** Sends a message over a connection of its own. */
  readonly answerTo: (message: Message) => Promise<Answer>;
  /** Sends a body as Copernica would, signed, over a connection of its own. */
  readonly answerToSigned: (body: SignedBody) => Promise<Answer>;
}
