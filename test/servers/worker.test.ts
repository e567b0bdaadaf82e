import { addServerTests } from "./server-tests.ts";
import { startWorker } from "./workerd.ts";

addServerTests({ name: "Cloudflare Worker", start: startWorker, neverContinues: true, onlyPaths: true });
