import fs from "node:fs";

/**
 * The times that a disk takes to sync some bytes that are appended to a file, in milliseconds. A disk that was left alone for a
 * while, as between calls that come one by one, takes twice as long as one that is kept busy.
 */
export function timesOfSyncs(path, bytes, syncs, pauseMs = 0) {
  const file = fs.openSync(path, "w");
  const block = new Uint8Array(bytes);
  const times = [];
  for (let sync = 0; sync < syncs; sync += 1) {
    const began = performance.now();
    fs.writeSync(file, block);
    fs.fdatasyncSync(file);
    times.push(performance.now() - began);
    if (pauseMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs); // nobody wakes it: it sleeps
  }
  fs.closeSync(file);
  fs.rmSync(path);
  return times;
}
