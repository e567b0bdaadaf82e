import fs from "node:fs";

/** The times that a disk takes to sync some bytes that are appended to a file, in milliseconds. */
export function timesOfSyncs(path, bytes, syncs) {
  const file = fs.openSync(path, "w");
  const block = new Uint8Array(bytes);
  const times = [];
  for (let sync = 0; sync < syncs; sync += 1) {
    const began = performance.now();
    fs.writeSync(file, block);
    fs.fdatasyncSync(file);
    times.push(performance.now() - began);
  }
  fs.closeSync(file);
  fs.rmSync(path);
  return times;
}
