/** The first versions, of each line that has one, without the bug that can corrupt a WAL that several connections write. */
const MENDED: readonly (readonly [number, number, number])[] = [
  [3, 44, 6],
  [3, 50, 7],
  [3, 51, 3],
];

/** Whether this version of SQLite can corrupt a file that several processes write to. */
export function hasWalBug(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  const isOfLine = MENDED.some(([line, branch, first]) => major === line && minor === branch && patch >= first);
  return !isOfLine && !(major > 3 || (major === 3 && minor > 51));
}
