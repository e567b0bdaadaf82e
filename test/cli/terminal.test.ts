import { describe, expect, test } from "vitest";
import { freePort } from "../fixtures/free-port.ts";
import { appForTests } from "./app.ts";
import { hasTerminal, run, runOnTerminal } from "./program.ts";

const { app, dnsPort } = await appForTests();

if (!hasTerminal) console.warn("python3 is not installed: nothing is tried on a terminal.");

describe.skipIf(!hasTerminal)("listen on a terminal", () => {
  test("replays, explains, filters and quits by keys", async () => {
    const port = await freePort();
    const words = ["listen", "--port", String(port), "--dns-port", dnsPort, "--forward", new URL("/", app.url).href];
    const { shown, type, ended } = runOnTerminal(words);
    await shown.line(/Calls are taken at/);
    const send = (...more: readonly string[]) => {
      return run([
        "send",
        "profile.create",
        "--to",
        `http://127.0.0.1:${port}/copernica`,
        "--dns-port",
        dnsPort,
        ...more,
      ]);
    };
    await send();
    await shown.line(/#1.*app 200/);
    await send("--set", "fields.city=Delft");
    await shown.line(/#2.*app 200/);
    const before = app.events.length;

    type("1r");
    await shown.line(/#1.*app 200.*signed anew/);
    expect(app.events.length).toBe(before + 1);
    expect(app.events.at(-1)?.raw).toMatchObject({ fields: { city: "Den Haag" } });

    type("e");
    await shown.line(/#2 {2}POST \/copernica/);
    await shown.line(/signature.*made by the key/);
    await shown.line(/city.*Delft/);

    type("ffields.city=Utrecht\r");
    await shown.line(/Show only.*Utrecht/);
    await send();
    type("9r");
    await shown.line(/There is no call #9/);
    type("q");
    expect(await ended).toBe(0);
    expect(shown.lines.join("\n")).not.toMatch(/#3.*app 200/);
  });

  test("ends with 130 by Control-C", async () => {
    const { shown, type, ended } = runOnTerminal(["listen", "--port", "0"]);
    await shown.line(/Calls are taken at/);
    type("\u0003");
    expect(await ended).toBe(130);
  });

  test("has no colors if TERM is dumb", async () => {
    const { shown, type, ended } = runOnTerminal(["listen", "--port", "0"], { environment: { TERM: "dumb" } });
    await shown.line(/Calls are taken at/);
    type("q");
    await ended;
    expect(shown.lines.join("")).not.toContain("\u001b");
  });
});

test.skipIf(!hasTerminal)("send draws a bar of progress on a terminal, and takes it away", async () => {
  const { shown, ended } = runOnTerminal(["send", "click", "--to", app.url, "--dns-port", dnsPort, "--count", "300"]);
  expect(await ended).toBe(0);
  await shown.line(/█+░* \d+\/300 {2}[\d.]+\/s {2}0 not accepted/);
  await shown.line(/300 of 300 accepted/);
  const quiet = runOnTerminal(["send", "click", "--to", app.url, "--dns-port", dnsPort, "--count", "300", "-q"]);
  expect(await quiet.ended).toBe(0);
  expect(quiet.shown.lines.join("\n")).not.toContain("█");
});
