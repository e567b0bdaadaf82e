import { chmod, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import type { TxtRecords } from "../../signature/dns.ts";
import {
  exportPrivateKey,
  generatePrivateKey,
  importPrivateKey,
  makeKeyRecords,
  privateKeyInPem,
} from "../../testing/private-key.ts";
import { CommandError, exitCodes, unavailableError } from "../frame/exit.ts";

/** A key pair that stands for Copernica's on its developer's machine. Who has it can forge what an app takes for genuine. */
export interface DevelopmentKey {
  /** Its name in DNS, below copernica.com as receivers demand it; Copernica has none of this name. */
  readonly keyId: string;
  /** What calls are signed with. */
  readonly privateKey: CryptoKey;
  /** Its TXT records. */
  readonly records: TxtRecords;
  /** When it was made. */
  readonly createdAt: Date;
}

/** The name of every development key. */
const DEVELOPMENT_KEY_ID = "development._domainkey.copernica.com";

/** As long as Copernica's own. */
const KEY_BITS = 2_048;

/** Where the key is kept if nobody says: a file that the environment names, else one among the user's own settings. */
export function defaultKeyFile(environment: Readonly<Record<string, string | undefined>>): string {
  const { COPERNICA_WEBHOOKS_KEY_FILE, XDG_CONFIG_HOME, APPDATA } = environment;
  if (COPERNICA_WEBHOOKS_KEY_FILE) return COPERNICA_WEBHOOKS_KEY_FILE;
  const settings = XDG_CONFIG_HOME || (process.platform === "win32" && APPDATA) || join(homedir(), ".config");
  return join(settings, "copernica-webhooks", "development-key.pem");
}

/** Reads the key of a file; undefined if there is no such file. */
export async function readDevelopmentKey(file: string): Promise<DevelopmentKey | undefined> {
  let pem: string;
  try {
    pem = await readFile(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw unavailableError(`The development key in ${file} can't be read`, cause);
  }
  const { mode, mtime: createdAt } = await stat(file);
  checkMode(file, mode);
  const privateKey = await importPrivateKey(privateKeyInPem(pem, file), file);
  return { keyId: DEVELOPMENT_KEY_ID, privateKey, records: await makeKeyRecords(privateKey), createdAt };
}

/** Of a key that others can read, nobody knows who signed with it. */
function checkMode(file: string, mode: number): void {
  if (process.platform === "win32") return; // modes mean nothing there
  if ((mode & 0o077) === 0) return;
  const message = `Others can read the development key in ${file}. Take that away: chmod 600 ${file}`;
  throw new CommandError(exitCodes.unavailable, message);
}

/** Makes a key and keeps it in a file that only its owner can read, in the place of one that was there. */
export async function createDevelopmentKey(file: string): Promise<DevelopmentKey> {
  const privateKey = await generatePrivateKey(KEY_BITS);
  const written = `${file}.${process.pid}.new`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(written, await exportPrivateKey(privateKey), { mode: 0o600 });
    await chmod(written, 0o600); // a file of this name that a crash left keeps its mode
    await rename(written, file);
  } catch (cause) {
    throw unavailableError(`The development key can't be kept in ${file}`, cause);
  }
  return { keyId: DEVELOPMENT_KEY_ID, privateKey, records: await makeKeyRecords(privateKey), createdAt: new Date() };
}

/** The key of a file, made first if there is none. */
export async function ensureDevelopmentKey(file: string): Promise<DevelopmentKey> {
  return (await readDevelopmentKey(file)) ?? (await createDevelopmentKey(file));
}
