/**
 * The page's own time, taken hold of before anything else asks for it: Date.now, timers and frames stand still until
 * they are told to run, and then run one after another, sixty frames a second, as fast as the machine can.
 */
interface Due {
  id: number;
  at: number;
  every: number | null;
  what: (now: number) => void;
}

const BEGIN = Date.UTC(2026, 10, 21, 12, 0, 0);
const FRAME = 1000 / 60;

/** Since then, ms: small numbers, or sixtieths of a second would be rounded to the one before. */
let now = 0;
let ids = 0;
let asked = 0;
let waiting: Due[] = [];

function ask(at: number, what: (now: number) => void, every: number | null = null): number {
  ids += 1;
  asked += 1;
  waiting.push({ id: ids, at, every, what });
  return ids;
}

function drop(id: number | undefined): void {
  waiting = waiting.filter((due) => due.id !== id);
}

const nextFrame = () => (Math.floor(now / FRAME + 1e-6) + 1) * FRAME;

export function takeHold(): void {
  Date.now = () => BEGIN + Math.floor(now);
  performance.now = () => now;
  Object.assign(window, {
    setTimeout: (what: () => void, pause = 0) => ask(now + Math.max(1, pause), what),
    setInterval: (what: () => void, pause = 0) => ask(now + Math.max(1, pause), what, Math.max(1, pause)),
    requestAnimationFrame: (what: (now: number) => void) => ask(nextFrame(), what),
    clearTimeout: drop,
    clearInterval: drop,
    cancelAnimationFrame: drop,
  });
}

/** Runs for so many milliseconds; gives how many timers and frames were asked for meanwhile. */
export async function run(milliseconds: number): Promise<number> {
  const until = now + milliseconds;
  asked = 0;
  for (;;) {
    // What was promised comes before any timer, as in life.
    await Promise.resolve();
    const [first] = waiting.filter((due) => due.at <= until).sort((a, b) => a.at - b.at || a.id - b.id);
    if (first === undefined) break;
    now = Math.max(now, first.at);
    if (first.every === null) drop(first.id);
    else first.at += first.every;
    first.what(now);
  }
  now = until;
  return asked;
}

takeHold();
