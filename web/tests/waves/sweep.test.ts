import { describe, expect, it } from "vitest";
import { createLoop, createWaves, type LaneLook, spanOf, Sweep, type Waves } from "../../src/waves";
import { differing as differingColumns, Paper } from "./paper";
import { state, steady, T0 } from "./support";

const LOOK: LaneLook = {
  kind: "ecg",
  colour: "#0f0",
  ground: "#000",
  lineWidth: 2,
  low: -1,
  high: 2,
  span: 9_000,
  off: "nothing",
};

function lane(waves: Waves, look: Partial<LaneLook> = {}, width = 850, ratio = 1) {
  const paper = new Paper();
  const sweep = new Sweep(paper as unknown as CanvasRenderingContext2D, waves, { ...LOOK, ...look });
  sweep.resize(width * ratio, 100 * ratio, ratio);
  return { paper, sweep };
}

function play(sweep: Sweep, from: number, to: number, frame: number): void {
  for (let now = from; now <= to; now += frame) sweep.draw(now);
}

/** Columns in which two papers differ; the bar and its edges are left out. */
function differing(one: Paper, other: Paper, now: number, span: number): number[] {
  const pen = ((now % span) / span) * one.width;
  return differingColumns(one, other, [pen - 6, pen + 20]);
}

describe("a lane", () => {
  it("shows by frames what it shows at once, at any cadence", () => {
    const end = T0 + 23_456;
    const fresh = lane(steady());
    fresh.sweep.draw(end);
    for (const frame of [16, 33, 7, 450]) {
      const { paper, sweep } = lane(steady());
      play(sweep, T0, end, frame);
      sweep.draw(end);
      expect(differing(paper, fresh.paper, end, 9_000)).toEqual([]);
    }
  });

  it("draws only what is new: 250 points a second", () => {
    const { paper, sweep } = lane(steady());
    sweep.draw(T0);
    paper.points = paper.cleared = 0;
    play(sweep, T0 + 16, T0 + 8_000, 16);
    expect(paper.points).toBeGreaterThan(1_980);
    expect(paper.points).toBeLessThan(2_010);
    expect(paper.cleared).toBeLessThan(850);
  });

  it.each(["ecg", "pleth"] as const)("moves with every frame in which it has a column to move: %s of a small monitor", (kind) => {
    // Of twelve on one screen: little more than a pixel a frame, and all of one width.
    const { paper, sweep } = lane(steady(), { kind, span: 4_000 }, 262);
    sweep.draw(T0);
    let still = 0;
    for (let frame = 1; frame <= 600; frame++) {
      paper.cleared = 0;
      sweep.draw(T0 + (frame * 1_000) / 60);
      if (paper.cleared === 0) still += 1;
    }
    expect(still).toBe(0);
  });

  it("keeps a bar of 10-16 pixels ahead of the pen free", () => {
    const { paper, sweep } = lane(steady());
    for (const ratio of [1, 2]) {
      sweep.resize(850 * ratio, 100 * ratio, ratio);
      play(sweep, T0, T0 + 12_000, 16);
      const now = T0 + 12_000;
      sweep.draw(now);
      const pen = Math.floor(((now % 9_000) / 9_000) * paper.width);
      let free = 0;
      while (paper.columns[(pen + 2 + free) % paper.width]?.length === 0) free++;
      expect(free / ratio).toBeGreaterThanOrEqual(10);
      expect(free / ratio).toBeLessThanOrEqual(18);
    }
  });

  it("begins clear of the bar: no round end of a stroke stands in what is wiped already", () => {
    const { paper, sweep } = lane(steady(), { lineWidth: 6 });
    sweep.draw(T0);
    const barEnds = Math.ceil(((T0 % LOOK.span) / LOOK.span) * 850 + 14);
    const drawn = Array.from({ length: 20 }, (_, ahead) => paper.columns[(barEnds + ahead) % 850]?.length ?? 0);
    expect(drawn.slice(0, 3)).toEqual([0, 0, 0]);
    expect(drawn.slice(7).every((points) => points > 0)).toBe(true);
  });

  it("catches up from the time after a hidden tab, short or long", () => {
    for (const hidden of [700, 5_000, 60_000, 3_600_000]) {
      const { paper, sweep } = lane(steady());
      play(sweep, T0, T0 + 3_000, 16);
      const end = T0 + 3_000 + hidden;
      sweep.draw(end);
      const fresh = lane(steady());
      fresh.sweep.draw(end);
      expect(differing(paper, fresh.paper, end, 9_000)).toEqual([]);
    }
  });

  it("goes back when the clock does", () => {
    const { paper, sweep } = lane(steady());
    play(sweep, T0, T0 + 3_000, 16);
    sweep.draw(T0 - 20_000);
    const fresh = lane(steady());
    fresh.sweep.draw(T0 - 20_000);
    expect(differing(paper, fresh.paper, T0 - 20_000, 9_000)).toEqual([]);
  });

  it("takes a new size with the next frame, in one go", () => {
    const { paper, sweep } = lane(steady());
    play(sweep, T0, T0 + 500, 16);
    const sizes = paper.sizes;
    sweep.resize(1_200, 160, 2);
    expect(paper.sizes).toBe(sizes);
    sweep.draw(T0 + 516);
    expect(paper.sizes).toBe(sizes + 1);
    expect(paper.width).toBe(1_200);
    expect(paper.columns.filter((column) => column.length > 0).length).toBeGreaterThan(1_100);
    sweep.resize(1_200, 160, 2);
    sweep.draw(T0 + 532);
    expect(paper.sizes).toBe(sizes + 1);
  });

  it("draws all again in a new colour", () => {
    const { paper, sweep } = lane(steady());
    sweep.draw(T0);
    paper.points = 0;
    sweep.restyle({ colour: "#00752f" });
    sweep.draw(T0 + 16);
    expect(paper.strokeStyle).toBe("#00752f");
    expect(paper.points).toBeGreaterThan(2_100);
    paper.points = 0;
    sweep.restyle({ colour: "#00752f", lineWidth: 2 });
    sweep.draw(T0 + 32);
    expect(paper.points).toBeLessThan(10);
  });

  it("corrects what was drawn since a push that came late, and no more", () => {
    const waves = steady();
    const { paper, sweep } = lane(waves);
    play(sweep, T0, T0 + 2_000, 16);
    paper.points = paper.cleared = 0;
    waves.update(state({ rhythm: "ventricular_fibrillation" }), T0 + 1_700);
    sweep.draw(T0 + 2_016);
    expect(paper.points).toBeLessThan(120);
    expect(paper.cleared).toBeLessThan(60);
  });

  const change = state({ rhythm: "ventricular_fibrillation", etco2: 10, respiratory_rate: 30, flags: { cpr: true } });
  const lateBy = [8, 150, 1_200];
  // T0 is a whole number of lanes; the last of these pushes lie at the right edge.
  const places = [1_700, 8_975, 9_003];

  // What a screen's pixels and a line's width do to the edges is the same for every curve: the steepest shows it.
  const extremes = [[1, 1.7], [3, 3]] as const;
  for (const kind of ["ecg", "pleth", "resp", "co2"] as const)
    for (const [ratio, lineWidth] of kind === "ecg" ? ([...extremes, [1, 3], [2, 2.2]] as const) : extremes)
      it(`shows after a late push what it shows when it has always known: ${kind}, ${lineWidth} at ${ratio}`, () => {
        const scale = kind === "co2" ? { low: -3, high: 50 } : { low: -2, high: 2 };
        const look = { kind, lineWidth, ...scale };
        for (const late of lateBy)
          for (const place of places) {
            const at = T0 + place;
            const waves = steady();
            const { paper, sweep } = lane(waves, look, 300, ratio);
            play(sweep, at - 400, at + late, 16);
            waves.update(change, at);
            play(sweep, at + late + 5, at + late + 100, 16);
            const end = at + late + 100;
            sweep.draw(end);
            const known = steady();
            known.update(change, at);
            const fresh = lane(known, look, 300, ratio);
            fresh.sweep.draw(end);
            const pen = ((end % 9_000) / 9_000) * paper.width;
            const wrong = differingColumns(paper, fresh.paper, [pen - 6 * ratio, pen + 20 * ratio]);
            expect(wrong, `${late} ms late at ${place}`).toEqual([]);
          }
      });

  it("marks each spike of a pacemaker once, all of one height, at any gain and however the frames fall", () => {
    const paced = () => steady({ rhythm: "paced", heart_rate: 70 });
    const out = new Float64Array(64);
    const count = paced().spikes(T0, T0 + 8_000, out);
    const heights = new Set<number>();
    for (const [frame, scale] of [[16, { low: -1, high: 2 }], [33, { low: -2.2, high: 2.2 }], [7, { low: -1, high: 2 }]] as const) {
      const { paper, sweep } = lane(paced(), scale, 300);
      sweep.draw(T0 - 1);
      paper.marks = [];
      play(sweep, T0, T0 + 8_000, frame);
      sweep.draw(T0 + 8_000);
      expect(paper.marks).toHaveLength(count);
      for (const [at, mark] of paper.marks.entries()) {
        heights.add(mark.height);
        const place = (((out[at] as number) % 9_000) / 9_000) * 300;
        expect(Math.abs(mark.x + mark.width / 2 - place)).toBeLessThanOrEqual(1);
      }
    }
    expect([...heights]).toEqual([45]);
  });

  it("corrects the spikes, too, of a push that came late", () => {
    const pushes = [state({ rhythm: "paced", heart_rate: 110 }), state({ rhythm: "sinus", heart_rate: 70 })];
    for (const pushed of pushes)
      for (let at = T0 + 1_000; at < T0 + 2_500; at += 97) {
        const waves = steady({ rhythm: "paced", heart_rate: 70 });
        const { paper, sweep } = lane(waves, {}, 300);
        play(sweep, T0, at + 400, 16);
        waves.update(pushed, at);
        play(sweep, at + 405, at + 800, 16);
        sweep.draw(at + 800);
        const known = steady({ rhythm: "paced", heart_rate: 70 });
        known.update(pushed, at);
        const fresh = lane(known, {}, 300);
        fresh.sweep.draw(at + 800);
        expect(differing(paper, fresh.paper, at + 800, 9_000)).toEqual([]);
      }
  });

  it("is empty or dashed while there is no signal", () => {
    const off = steady({ flags: { ecg_off: true } });
    const empty = lane(off);
    empty.sweep.draw(T0);
    expect(empty.paper.points).toBe(0);
    const dashed = lane(off, { off: "dashed" });
    dashed.sweep.draw(T0);
    const heights = new Set(dashed.paper.columns.flat());
    expect(heights.size).toBe(1);
    const filled = dashed.paper.columns.filter((column) => column.length > 0).length;
    expect(filled).toBeGreaterThan(250);
    expect(filled).toBeLessThan(500);
  });

  it("draws nothing before it has a size or a state", () => {
    const paper = new Paper();
    new Sweep(paper as unknown as CanvasRenderingContext2D, steady(), LOOK).draw(T0);
    expect(paper.points).toBe(0);
    const blank = lane(createWaves("one"));
    blank.sweep.draw(T0);
    expect(blank.paper.points).toBe(0);
  });

  it("holds 9 s of ECG at 25 mm/s, 15 s of CO2, and on a telephone at least 4", () => {
    expect(spanOf("ecg", 850)).toBeGreaterThan(8_900);
    expect(spanOf("pleth", 1_900)).toBe(9_000);
    expect(spanOf("ecg", 566.93)).toBe(6_000);
    expect(spanOf("ecg", 320)).toBe(4_000);
    expect(spanOf("co2", 850)).toBe(15_000);
  });
});

describe("the loop", () => {
  function frames() {
    let next: (() => void) | null = null;
    return {
      request: (callback: () => void) => {
        next = callback;
        return 1;
      },
      cancel: () => {
        next = null;
      },
      run: () => next?.(),
      waiting: () => next !== null,
    };
  }

  it("gives all lanes one moment, until it is stopped", () => {
    const source = frames();
    let clock = T0;
    const seen: number[] = [];
    const loop = createLoop(() => clock++, source);
    loop.add((now) => seen.push(now));
    const remove = loop.add((now) => seen.push(now));
    source.run();
    expect(seen).toEqual([]);
    loop.start();
    loop.start();
    source.run();
    remove();
    source.run();
    expect(seen).toEqual([T0, T0, T0 + 1]);
    loop.stop();
    expect(source.waiting()).toBe(false);
    loop.start();
    expect(source.waiting()).toBe(true);
  });

  it("goes on when one lane fails, and tells of it once", async () => {
    const source = frames();
    const told: unknown[] = [];
    const seen: number[] = [];
    const loop = createLoop(() => T0, source, (error) => told.push(error));
    loop.add(() => {
      throw new Error("lane");
    });
    loop.add((now) => seen.push(now));
    loop.start();
    source.run();
    source.run();
    expect(seen).toHaveLength(2);
    expect(told).toHaveLength(1);
  });
});

describe("several lanes on one canvas", () => {
  it("each draw what they draw alone, whatever the others do, and are sized together", () => {
    const [end, waves] = [T0 + 12_345, steady()];
    const paper = Object.assign(new Paper(), { hasBands: true });
    const sweeps = [0, 1].map(() => new Sweep(paper as unknown as CanvasRenderingContext2D, waves, LOOK));
    const alone = lane(waves);
    for (const whole of [200, 201]) {
      for (const [place, sweep] of sweeps.entries()) sweep.resize(850, 100, 1, { top: 100 * place, whole });
      for (const sweep of sweeps) sweep.draw(end);
      alone.sweep.draw(end);
      expect([paper.width, paper.height]).toEqual([850, whole]);
      for (const top of [0, 100]) {
        const band = paper.pixels.slice(top * 850, (top + 100) * 850);
        // One by one: to compare the lists themselves takes seconds.
        const others = alone.paper.pixels.filter((pixel, place) => pixel !== band[place]).length;
        expect([band.length, others]).toEqual([alone.paper.pixels.length, 0]);
      }
    }
    expect(paper.sizes).toBe(1);
  });
});
