import { command, here, startProcess } from "./server.ts";
import { addServerTests } from "./server-tests.ts";

const permissions = ["--allow-net", "--allow-env"];

addServerTests({
  name: "Deno",
  start: (settings) =>
    startProcess(
      command("deno"),
      ["run", ...permissions, "--preload", here("preload.ts"), "examples/deno.ts"],
      settings,
    ),
});
