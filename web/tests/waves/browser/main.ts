import { type LaneLook, paperOf, Sweep, type WaveKind, type Waves } from "../../../src/waves";
import { state, steady, T0 } from "../support";

interface Asked {
  kind: WaveKind;
  ground: string;
  colour: string;
  lineWidth: number;
  ratio: number;
  /** When the push is, ms into the picture, and how many ms later it arrives. */
  at: number;
  late: number;
}

const WIDTH = 300;
const HEIGHT = 100;
const SPAN = 9_000;
const FRAME = 16;
/** Before the push, and after its arrival. */
const PLAYED = 400;

/**
 * Draws one lane that learns of the push when it arrives and one that has always known of it, frame by frame at the
 * same times, and gives the pixels of both from the left edge to the right.
 */
function drawn(asked: Asked): [known: ImageData, late: ImageData] {
  const change = state({ rhythm: "ventricular_fibrillation", etco2: 10, respiratory_rate: 30, flags: { cpr: true } });
  const knowing = steady();
  knowing.update(change, T0 + asked.at);
  const learning = steady();
  return [play(knowing, asked, () => {}), play(learning, asked, () => learning.update(change, T0 + asked.at))];
}

function play(waves: Waves, asked: Asked, arrive: () => void): ImageData {
  const { kind, ground, colour, lineWidth, ratio, at, late } = asked;
  const scale = kind === "co2" ? { low: -3, high: 50 } : { low: -2, high: 2 };
  const look: LaneLook = { kind, ground, colour, lineWidth, span: SPAN, off: "nothing", ...scale };
  const paper = paperOf(document.createElement("canvas")) as CanvasRenderingContext2D;
  const sweep = new Sweep(paper, waves, look);
  sweep.resize(WIDTH * ratio, HEIGHT * ratio, ratio);
  const arrival = T0 + at + late;
  for (let now = T0 + at - PLAYED; now < arrival; now += FRAME) sweep.draw(now);
  arrive();
  for (let now = arrival; now < arrival + PLAYED; now += FRAME) sweep.draw(now);
  // A frame in which the bar moves no column is left out, not the same ones in both: one more, wide enough for either.
  sweep.draw(arrival + 2 * PLAYED);
  return paper.getImageData(0, 0, WIDTH * ratio, HEIGHT * ratio);
}

/** How far apart the two pictures are: the greatest difference of one pixel, and the columns with one of `least` or more. */
function compare(asked: Asked, least: number): { greatest: number; columns: number[]; inked: number } {
  const [known, late] = drawn(asked);
  const columns = new Set<number>();
  let greatest = 0;
  let inked = 0;
  const ground = known.data.slice(0, 4);
  for (let at = 0; at < known.data.length; at++) {
    const difference = Math.abs((known.data[at] as number) - (late.data[at] as number));
    greatest = Math.max(greatest, difference);
    if (difference >= least) columns.add((at >> 2) % known.width);
    if (Math.abs((known.data[at] as number) - (ground[at & 3] as number)) >= least) inked++;
  }
  return { greatest, columns: [...columns], inked };
}

Object.assign(window, { compare });
