import { useMemo } from "preact/hooks";
import { encode } from "uqr";

/** Dark on light in both themes: phones read nothing else reliably. The quiet zone is in it (4 modules). */
export function Qr(props: { url: string; label: string; class?: string }) {
  const { size, path } = useMemo(() => {
    const qr = encode(props.url, { ecc: "M", border: 4 });
    return { size: qr.size, path: qr.data.flatMap(rowPath).join("") };
  }, [props.url]);
  return (
    <svg
      class={`db-qr ${props.class ?? ""}`}
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={props.label}
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** Neighbouring dark modules as one bar. */
function rowPath(row: readonly boolean[], y: number): string[] {
  const bars: string[] = [];
  for (let x = 0; x < row.length; x++) {
    if (row[x] !== true) continue;
    const from = x;
    while (row[x + 1] === true) x++;
    bars.push(`M${from} ${y}h${x - from + 1}v1H${from}z`);
  }
  return bars;
}
