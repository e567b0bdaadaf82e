import process from "node:process";
import { here, startProcess } from "./server.ts";
import { addServerTests } from "./server-tests.ts";

const loaded = ["--import", "tsx", "--import", here("preload.ts")];

addServerTests({
  name: "Fastify",
  start: (settings) => startProcess(process.execPath, [...loaded, "examples/fastify.ts"], settings),
  inApp: true,
});
