import process from "node:process";
import { here, startProcess } from "./server.ts";
import { addServerTests } from "./server-tests.ts";

const loaded = ["--import", "tsx", "--import", here("preload.ts")];

addServerTests({
  name: "itty-router",
  start: (settings) => startProcess(process.execPath, [...loaded, "examples/itty-router.ts"], settings),
  inApp: true,
});
