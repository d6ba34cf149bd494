/**
 * How many times as long `run` takes for twice the size: 2 for what goes through once, 4 for what goes through all for
 * each. The quickest of several, by turns, so that what else the machine does is on both sides or on none.
 */
export function growth(run: (size: number) => void, size: number): number {
  const quickest = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let turn = 0; turn < 7; turn++)
    for (const [place, of] of [size, 2 * size].entries()) {
      const began = performance.now();
      run(of);
      quickest[place] = Math.min(quickest[place]!, performance.now() - began);
    }
  return quickest[1]! / quickest[0]!;
}
