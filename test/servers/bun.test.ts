import { command, here, startProcess } from "./server.ts";
import { addServerTests } from "./server-tests.ts";

addServerTests({
  name: "Bun",
  start: (settings) => startProcess(command("bun"), ["--preload", here("preload.ts"), "examples/bun.ts"], settings),
});
