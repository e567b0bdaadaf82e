/** A source of choices that looks random, and makes the same ones each time for the same seed. */
export interface Random {
  /** A whole number, at least 0 and below the limit. */
  readonly below: (limit: number) => number;
  /** One of the items. */
  readonly pick: <Item>(items: readonly [Item, ...Item[]]) => Item;
  /** True one time in so many. */
  readonly oneIn: (times: number) => boolean;
}

/** Makes the source of choices for one case of a run (the generator is splitmix32). */
export function createRandom(seed: number, caseNumber: number): Random {
  let state = mix(seed) ^ mix(caseNumber + 1);
  function below(limit: number): number {
    state = (state + 0x9e3779b9) | 0;
    return Math.floor(((mix(state) >>> 0) / 2 ** 32) * limit);
  }
  return {
    below,
    pick: (items) => items[below(items.length)] ?? items[0],
    oneIn: (times) => below(times) === 0,
  };
}

/** Spreads every bit of a number over all of its bits. */
function mix(number: number): number {
  let mixed = number | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}
