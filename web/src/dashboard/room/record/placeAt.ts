/** How many of these, which are in the order of their moments, had come by `at`: found in a dozen steps among thousands. */
export function placeAt<Item>(items: readonly Item[], at: number, momentOf: (item: Item) => number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (momentOf(items[middle] as Item) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
