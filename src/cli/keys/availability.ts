import { resolveTxtOverHttps } from "../../signature/dns-over-https.ts";
import { CommandError } from "../frame/exit.ts";
import { LOOPBACK } from "../frame/loopback.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { DevelopmentKey } from "./development-key.ts";
import { acceptingLine, serveKeys } from "./dns-server.ts";

/** A development key that receivers on this machine can look up. */
export interface AvailableKey {
  /** The line of code by which they accept it. */
  readonly acceptingLine: string;
  /** Says that it is no longer needed. */
  readonly close: () => Promise<void>;
}

/** Serves a key while a command runs, unless `keys serve`, or another command, serves it there already. */
export async function makeKeyAvailable(
  key: DevelopmentKey,
  keyFile: string,
  port: number,
  terminal: Terminal,
): Promise<AvailableKey> {
  try {
    const server = await serveKeys(keyFile, port, () => {});
    return { acceptingLine: acceptingLine(server.url), close: server.close };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const url = `http://${LOOPBACK}:${port}/dns-query`;
    if (!(await isServedAt(url, key))) {
      terminal.warn(
        `${terminal.noteStyle.yellow("Warning:")} ${error.message} The development key is not served there.`,
      );
    }
    return { acceptingLine: acceptingLine(url), close: async () => {} };
  }
}

async function isServedAt(url: string, { keyId, records }: DevelopmentKey): Promise<boolean> {
  try {
    const answer = await resolveTxtOverHttps(url)(keyId);
    const found = "records" in answer ? answer.records : answer;
    return JSON.stringify(found) === JSON.stringify(records);
  } catch {
    return false; // whatever listens there, it does not serve the key
  }
}
