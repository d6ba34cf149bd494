/**
 * Chance that every screen draws alike: pure functions of a seed and a place. There is no generator with
 * a memory here; one that was asked once more often would be out of step for ever.
 */

/** FNV-1a over UTF-16 units, then mixed: neighbouring texts give unrelated seeds. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mixed(hash);
}

/** MurmurHash3's finaliser: each input bit reaches each output bit. */
function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** In [0, 1). `place` is any whole number up to 2^53; only its low 32 bits count. */
export function unit(seed: number, place: number): number {
  return mixed(seed ^ Math.imul(place | 0, 0x9e3779b1)) / 0x1_0000_0000;
}

/** In [-1, 1), even. */
export function signed(seed: number, place: number): number {
  return unit(seed, place) * 2 - 1;
}

/** About normal, standard deviation 1, never beyond 3: each of the three even values has a variance of 1/3. */
export function bell(seed: number, place: number): number {
  return signed(seed, place) + signed(seed ^ 0x5bd1e995, place) + signed(seed ^ 0x1b873593, place);
}

/** A smooth line through one random value in [-1, 1) at each whole `x`. */
export function wander(seed: number, x: number): number {
  const place = Math.floor(x);
  const part = x - place;
  const from = signed(seed, place);
  return from + (signed(seed, place + 1) - from) * part * part * (3 - 2 * part);
}

/** A sine of `turns` whole turns. The whole ones are taken off first: they number 1e9 by now, and cost precision. */
export function sine(turns: number): number {
  return Math.sin((turns - Math.floor(turns)) * 2 * Math.PI);
}
