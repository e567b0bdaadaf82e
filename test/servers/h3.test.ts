import process from "node:process";
import { here, startProcess } from "./server.ts";
import { addServerTests } from "./server-tests.ts";

const loaded = ["--import", "tsx", "--import", here("preload.ts")];

addServerTests({
  name: "h3",
  start: (settings) => startProcess(process.execPath, [...loaded, "examples/h3.ts"], settings),
  inApp: true,
});
