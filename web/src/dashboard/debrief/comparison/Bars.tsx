/** Small pictures beside numbers that say the same: nothing for a screen reader. */

export function ShareBar({ share }: { share: number }) {
  return (
    <svg class="db-figure" width="100%" height="8" aria-hidden="true" focusable="false">
      <rect class="db-figure-ground" width="100%" height="8" rx="2" />
      <rect class="db-figure-share" width={`${share * 100}%`} height="8" rx="2" />
    </svg>
  );
}

/** From the lowest to the highest, a stroke at the median, a diamond at one's own. */
export function RangeBar(props: { low: number; median: number; high: number; end: number; own?: number | null | undefined }) {
  const { low, median, high, end, own } = props;
  const at = (value: number) => `${(value / end) * 100}%`;
  return (
    <svg class="db-figure db-figure-range" width="100%" height="14" aria-hidden="true" focusable="false">
      <line class="db-figure-axis" x1="0" x2="100%" y1="7" y2="7" />
      <line class="db-figure-span" x1={at(low)} x2={at(high)} y1="7" y2="7" />
      <line class="db-figure-median" x1={at(median)} x2={at(median)} y1="1" y2="13" />
      {own === undefined || own === null ? null : (
        <svg x={at(own)} y="7" class="db-figure-own" overflow="visible">
          <path d="M0 -6L6 0L0 6L-6 0Z" />
        </svg>
      )}
    </svg>
  );
}
