#!/usr/bin/env node
/**
 * The command line: sends signed events to a running receiver, shows what comes in, and says why a call does not verify.
 * Run it with `npx copernica-webhooks`, `bunx --bun copernica-webhooks` or `deno run -A jsr:@copernica-webhooks/sdk/cli`;
 * `--help` says what it can do.
 *
 * @module
 */

import process from "node:process";
import { runProgram } from "./cli/main.ts";

// Not left to the runtime: a connection that is kept alive would keep the process, too.
process.exit(await runProgram(process.argv.slice(2)));
