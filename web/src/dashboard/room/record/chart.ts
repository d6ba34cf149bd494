import uPlot from "uplot";
import type { SignName } from "../../../wire/types";
import { CURVES, type Marker } from "./curves";
import { clockTime, minuteTime } from "../../fmt";
import type { Track } from "./track";

export interface Chart {
  draw(track: Track, markers: readonly Marker[]): void;
  show(name: SignName, isShown: boolean): void;
  resize(width: number): void;
  destroy(): void;
}

const HEIGHT = 240;
const SHORTEST_SECONDS = 60;
const AXIS_FONT = "12px system-ui, sans-serif";
const MARKER_TOP = 12;

/** `onPoint` is told what lies under the pointer: an index of the track, or null. */
export function createChart(
  place: HTMLElement,
  width: number,
  onPoint: (index: number | null, left: number) => void,
): Chart {
  const style = getComputedStyle(place);
  const color = (name: string) => style.getPropertyValue(name).trim() || "#888";
  let markers: readonly Marker[] = [];
  const axis = { stroke: color("--text-quiet"), font: AXIS_FONT, grid: { stroke: color("--line"), width: 1 } };
  const plot = new uPlot(
    {
      width,
      height: HEIGHT,
      padding: [MARKER_TOP + 6, 26, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        // A session's first minute is not stretched over the whole width.
        x: { time: true, range: (_, min, max) => [min, Math.max(max, min + SHORTEST_SECONDS)] },
        y: { range: (_, __, max) => [0, Math.max(200, Math.ceil(max / 50) * 50)] },
      },
      axes: [
        { ...axis, values: (_, splits) => splits.map(spanWords(splits)), space: 70, size: 28, ticks: { show: false } },
        { ...axis, size: 44, incrs: [25, 50, 100], ticks: { show: false } },
      ],
      series: [
        {},
        ...CURVES.map((curve) => ({
          label: curve.name,
          stroke: color(curve.color),
          width: curve.width,
          dash: curve.dash,
          points: { show: false },
        })),
      ],
      hooks: {
        draw: [(drawn) => drawMarkers(drawn, markers, color)],
        setCursor: [(drawn) => onPoint(pointed(drawn), drawn.cursor.left ?? -1)],
      },
    },
    [[], ...CURVES.map(() => [])],
    place,
  );
  return {
    draw(track, marked) {
      markers = marked;
      plot.setData([track.xs, ...CURVES.map((curve) => track.values[curve.name])] as uPlot.AlignedData);
    },
    show: (name, isShown) =>
      plot.setSeries(CURVES.findIndex((curve) => curve.name === name) + 1, { show: isShown }),
    resize: (wide) => plot.setSize({ width: wide, height: HEIGHT }),
    destroy: () => plot.destroy(),
  };
}

/** Nothing stands to the right of the last moment. */
function pointed(plot: uPlot): number | null {
  const { idx, left } = plot.cursor;
  const last = plot.data[0].at(-1);
  if (idx === null || idx === undefined || left === undefined || left < 0 || last === undefined) return null;
  return plot.posToVal(left, "x") > last + SHORTEST_SECONDS / 20 ? null : idx;
}

function spanWords(splits: number[]): (at: number) => string {
  const isFine = splits.length > 1 && (splits[1] ?? 0) - (splits[0] ?? 0) < 60;
  return (at) => (isFine ? clockTime(at * 1000) : minuteTime(at * 1000));
}

function drawMarkers(plot: uPlot, markers: readonly Marker[], color: (name: string) => string): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio || 1;
  ctx.save();
  for (const marker of markers) {
    const x = plot.valToPos(marker.at / 1000, "x", true);
    if (!(x >= bbox.left && x <= bbox.left + bbox.width)) continue;
    const ink = color(marker.kind === "action" ? "--warning" : marker.kind === "push" ? "--text-quiet" : "--accent");
    ctx.strokeStyle = ink;
    ctx.fillStyle = ink;
    const top = bbox.top - 2 * scale;
    const half = 4.5 * scale;
    ctx.beginPath();
    if (marker.kind === "push") {
      // A small tick: there may be many.
      ctx.rect(x - scale / 2, top - half, scale, half);
    } else {
      ctx.setLineDash([2 * scale, 4 * scale]);
      ctx.lineWidth = scale;
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.setLineDash([]);
      ctx.beginPath();
      shape(ctx, marker.kind, x, top - half, half);
    }
    ctx.fill();
  }
  ctx.restore();
}

/** Note: a triangle. A trainee's action: a disc. The case or the session itself: a square. */
function shape(ctx: CanvasRenderingContext2D, kind: Marker["kind"], x: number, y: number, half: number): void {
  if (kind === "action") ctx.arc(x, y, half, 0, 2 * Math.PI);
  else if (kind === "case" || kind === "lifecycle") ctx.rect(x - half, y - half, 2 * half, 2 * half);
  else {
    ctx.moveTo(x - half, y - half);
    ctx.lineTo(x + half, y - half);
    ctx.lineTo(x, y + half);
    ctx.closePath();
  }
}
