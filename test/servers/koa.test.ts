import process from "node:process";
import { here, startProcess } from "./server.ts";
import { addServerTests } from "./server-tests.ts";

const loaded = ["--import", "tsx", "--import", here("preload.ts")];

addServerTests({
  name: "Koa",
  start: (settings) => startProcess(process.execPath, [...loaded, "examples/koa.ts"], settings),
  inApp: true,
});
