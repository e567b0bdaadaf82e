import { command, here, startProcess } from "./server.ts";
import { addServerTests } from "./server-tests.ts";

// Bun and Deno have node:http too, and what stands on it.

addServerTests({
  name: "node:http on Bun",
  start: (settings) => startProcess(command("bun"), ["--preload", here("preload.ts"), "examples/node.ts"], settings),
});

const permissions = ["--allow-net", "--allow-env"];

addServerTests({
  name: "node:http on Deno",
  start: (settings) =>
    startProcess(
      command("deno"),
      ["run", ...permissions, "--preload", here("preload.ts"), "examples/node.ts"],
      settings,
    ),
  wastesMemory: true,
});
