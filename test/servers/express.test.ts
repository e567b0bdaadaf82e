import process from "node:process";
import { here, startProcess } from "./server.ts";
import { addServerTests } from "./server-tests.ts";

const loaded = ["--import", "tsx", "--import", here("preload.ts")];

addServerTests({
  name: "Express",
  start: (settings) => startProcess(process.execPath, [...loaded, "examples/express.ts"], settings),
  inApp: true,
});
