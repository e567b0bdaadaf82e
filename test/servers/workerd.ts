import { readFileSync } from "node:fs";
import process from "node:process";
import type { Readable } from "node:stream";
import { build } from "esbuild";
import { Miniflare, type Request, Response } from "miniflare";
import { createOutput, here, type RunningServer, residentMemory, type ServerSettings } from "./server.ts";

/** Starts the example for Workers in workerd, bundled as wrangler bundles it. Its DNS is asked over HTTPS, and stands in here. */
export async function startWorker({ copernica }: ServerSettings): Promise<RunningServer> {
  const { outputFiles } = await build({
    entryPoints: [here("../../examples/worker.ts")],
    inject: [here("failing-callbacks.ts")],
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    ignoreAnnotations: true, // what is injected has side effects, whatever package.json says
    write: false,
  });
  const output = createOutput();
  const before = workerdProcesses();
  const miniflare = new Miniflare({
    modules: [{ type: "ESModule", path: "worker.js", contents: outputFiles[0]?.text ?? "" }],
    compatibilityDate: "2026-04-01",
    bindings: copernica ? { COPERNICA_ACCOUNT: `account_${copernica.account}` } : {},
    queueProducers: { EVENTS: "events" },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    outboundService(request: Request) {
      const name = new URL(request.url).searchParams.get("name") ?? "";
      if (name.startsWith("down.")) return new Response(null, { status: 502 });
      if (name !== copernica?.keyId) return Response.json({ Status: 3 });
      const data = copernica.records.flat().map((text) => `"${text}"`);
      return Response.json({ Status: 0, Answer: [{ name, type: 16, TTL: 300, data: data.join(" ") }] });
    },
    handleRuntimeStdio(...streams: Readable[]) {
      for (const stream of streams) stream.setEncoding("utf8").on("data", output.add);
    },
  });
  const { port } = await miniflare.unsafeGetDirectURL();
  const pid = workerdProcesses().find((found) => !before.includes(found));
  return {
    port: Number(port),
    output,
    memory: () => residentMemory(pid),
    alive: () => pid === undefined || workerdProcesses().includes(pid),
    stop: () => miniflare.dispose(),
  };
}

/** The processes of workerd that this process started, where the system tells it as Linux does. */
function workerdProcesses(): number[] {
  if (process.platform !== "linux") return [];
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8");
  return children.split(" ").map(Number);
}
