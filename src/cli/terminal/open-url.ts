import { spawn } from "node:child_process";
import process from "node:process";

/** The program that opens a URL in the user's browser, on each system. */
const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Opens a URL in the user's browser; says so if there is none. */
export function openUrl(url: string, onFailure: () => void): void {
  const [opener = "", ...words] = OPENERS[process.platform] ?? ["xdg-open"];
  const child = spawn(opener, [...words, url], { stdio: "ignore", detached: true });
  child.once("error", onFailure);
  child.unref();
}
