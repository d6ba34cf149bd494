import type { Work } from "../slices";
import { between, GRID_SECONDS, rounded, type SignGrid } from "./grid";
import { TOLERANCES } from "./tolerances";

/**
 * The moments that are kept, the way of Ramer, Douglas and Peucker: where a straight line is furthest from what was
 * measured, a point is kept. All signs share the moments, since a step has one ramp for all that it moves; the sign
 * that is furthest off, counted in its own tolerance, says which comes next.
 */

export interface Thinned {
  /** In ascending order, the first and the last moment among them. */
  knots: number[];
  /** Some sign is still further off than its tolerance: there was no room for more. */
  isCut: boolean;
}

interface Piece {
  from: number;
  to: number;
  worst: number;
  at: number;
}

/** `longest`: cells of one ramp; `most`: pieces. */
export function* thinned(signs: readonly SignGrid[], cells: number, longest: number, most: number): Work<Thinned> {
  if (cells < 2) return { knots: [0], isCut: false };
  const pieces: Piece[] = [];
  const last = cells - 1;
  const parts = Math.ceil(last / longest);
  for (let part = 0; part < parts; part += 1) {
    pieces.push(pieceOf(signs, Math.round((part * last) / parts), Math.round(((part + 1) * last) / parts)));
    yield;
  }
  for (;;) {
    const worst = pieces.reduce((one, other) => (other.worst > one.worst ? other : one));
    if (worst.worst <= 1 || pieces.length >= most) return { knots: knotsOf(pieces), isCut: worst.worst > 1 };
    pieces.splice(pieces.indexOf(worst), 1, pieceOf(signs, worst.from, worst.at), pieceOf(signs, worst.at, worst.to));
    yield;
  }
}

function pieceOf(signs: readonly SignGrid[], from: number, to: number): Piece {
  const piece: Piece = { from, to, worst: 0, at: from };
  for (const { name, measured, filled } of signs) {
    const tolerance = TOLERANCES[name];
    for (let cell = from + 1; cell < to; cell += 1) {
      const line = rounded(name, between(filled[from]!, filled[to]!, (cell - from) / (to - from)));
      const off = Math.abs(line - measured[cell]!) / tolerance;
      // What is 0.1 off is so in floating point by a little more.
      if (off > piece.worst && off > 1 + 1e-9) [piece.worst, piece.at] = [off, cell];
    }
  }
  return piece;
}

function knotsOf(pieces: readonly Piece[]): number[] {
  return [0, ...pieces.map(({ to }) => to)].sort((one, other) => one - other);
}

/** The longest ramp that a step may have, in moments of the grid. */
export function longestPiece(seconds: number): number {
  return Math.floor(seconds / GRID_SECONDS);
}
