import { isUnreadable, unreadable, type Unreadable } from "./fault";
import { COLUMNS_LIMIT, type Recording } from "./recording";

/**
 * WFDB numerics: a header of lines (`NAME NSIG FS NSAMP`, then one line a signal) and its values beside it. Written in
 * format 16: little-endian signed numbers of two bytes, the signals of one file in turn; -32768 is no value.
 */

interface Signal {
  file: string;
  skipped: number;
  gain: number;
  baseline: number;
  unit: string;
  name: string;
}

interface Source {
  values: DataView;
  /** The first of the file's values, and its signals in their order. */
  from: number;
  width: number;
}

const MISSING = -32_768;
const SIGNAL = /^(\S+)\s+(\d+)(x\d+)?(?::(\d+))?(?:\+(\d+))?(?:\s+(.*))?$/;
const GAIN = /^(-?[\d.]+(?:e[-+]?\d+)?)(?:\((-?\d+)\))?(?:\/(\S+))?$/i;
/** What a header without one means: units of 1/200. */
const DEFAULT_GAIN = 200;

/** `files`: by their names in lower case. */
export function wfdbOf(header: string, files: ReadonlyMap<string, Uint8Array>): Recording | Unreadable {
  // What stands behind a # is about the patient.
  const lines = header.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  const [first, ...rest] = lines;
  const [, segments, count, rate] = /^\S+?(\/\d+)?\s+(\d+)(?:\s+([\d.e+-]+))?/i.exec(first ?? "") ?? [];
  if (segments !== undefined) return unreadable("other_format", 1);
  const width = Number(count ?? 0);
  const perSecond = rate === undefined ? 250 : Number(rate);
  if (!(width >= 1) || rest.length < width || !(perSecond > 0)) return unreadable("broken_header");
  if (width > COLUMNS_LIMIT) return unreadable("many_columns");
  const signals: Signal[] = [];
  for (const [place, line] of rest.slice(0, width).entries()) {
    const signal = signalOf(line, place + 2);
    if (isUnreadable(signal)) return signal;
    signals.push(signal);
  }
  return recordingOf(signals, perSecond, files);
}

function signalOf(line: string, at: number): Signal | Unreadable {
  const [, file, format, frames, , skipped, more] = SIGNAL.exec(line) ?? [];
  if (file === undefined) return unreadable("broken_header", at);
  if (format !== "16" || frames !== undefined) return unreadable("other_format", at);
  const [gained = "", , zero, , , , ...label] = (more ?? "").split(/\s+/);
  const [, gain, baseline, unit] = GAIN.exec(gained) ?? [];
  return {
    file: file.toLowerCase(),
    skipped: Number(skipped ?? 0),
    gain: Number(gain ?? 0) || DEFAULT_GAIN,
    baseline: Number(baseline ?? zero ?? 0) || 0,
    unit: unit ?? "",
    name: label.join(" ").slice(0, 80),
  };
}

function recordingOf(
  signals: readonly Signal[],
  perSecond: number,
  files: ReadonlyMap<string, Uint8Array>,
): Recording | Unreadable {
  const sources = new Map<string, Source>();
  for (const { file, skipped } of signals) {
    const bytes = files.get(file);
    if (bytes === undefined) return unreadable("header_without_values");
    const width = (sources.get(file)?.width ?? 0) + 1;
    sources.set(file, { values: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), from: skipped, width });
  }
  const taken = new Map<string, number>();
  const places = signals.map(({ file }) => {
    const place = taken.get(file) ?? 0;
    taken.set(file, place + 1);
    return place;
  });
  const length = Math.max(...[...sources.values()].map(rowsIn));
  if (!(length >= 1)) return unreadable("empty");
  return {
    columns: signals.map(({ name, unit }) => ({ name, unit })),
    interval: steady(1 / perSecond),
    *rows() {
      for (let row = 0; row < length; row += 1)
        yield signals.map((signal, column) => valueAtRow(signal, sources.get(signal.file)!, row, places[column]!));
      return null;
    },
  };
}

function rowsIn({ values, from, width }: Source): number {
  return Math.floor((values.byteLength - from) / 2 / width);
}

function valueAtRow({ gain, baseline }: Signal, source: Source, row: number, place: number): number | null {
  const at = source.from + 2 * (row * source.width + place);
  if (at < 0 || at + 2 > source.values.byteLength) return null;
  const raw = source.values.getInt16(at, true);
  return raw === MISSING ? null : (raw - baseline) / gain;
}

/** Once a minute is written as 0.0167 a second. */
function steady(seconds: number): number {
  const whole = Math.round(seconds);
  return whole > 0 && Math.abs(seconds - whole) / whole < 0.005 ? whole : seconds;
}
