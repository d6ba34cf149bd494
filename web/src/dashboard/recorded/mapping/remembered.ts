import { keptOnDevice } from "../../../app/siteData";
import { SIGN_NAMES } from "../../../patient/signs";
import { TIME_KINDS } from "../file/moments";
import type { RecordedColumn } from "../file/recording";
import { unitsOf, type Mapping } from "./mapping";

/** What a person said of a table's columns, kept on this device for the next table with the same head. */

const STORED = "shiller.recorded.mappings";
const KEPT = 20;

interface KeptMapping {
  shape: string;
  mapping: Mapping;
}

/** Of the head only a sum is kept: a file may have a name in it. */
export function shapeOf(columns: readonly RecordedColumn[]): string {
  let [one, other] = [0xdeadbeef ^ columns.length, 0x41c6ce57];
  for (const letter of columns.map(({ name, unit }) => `${name}\u001f${unit}`).join("\u001e")) {
    const code = letter.codePointAt(0)!;
    one = Math.imul(one ^ code, 2_654_435_761);
    other = Math.imul(other ^ code, 1_597_334_677);
  }
  return `${(one >>> 0).toString(16)}${(other >>> 0).toString(16)}.${columns.length}`;
}

export function rememberedMapping(columns: readonly RecordedColumn[]): Mapping | null {
  const shape = shapeOf(columns);
  return read().find((kept) => kept.shape === shape && fits(kept.mapping, columns.length))?.mapping ?? null;
}

export function rememberMapping(columns: readonly RecordedColumn[], mapping: Mapping): void {
  const shape = shapeOf(columns);
  const kept = [{ shape, mapping }, ...read().filter((one) => one.shape !== shape)].slice(0, KEPT);
  keptOnDevice.write(STORED, JSON.stringify(kept));
}

function read(): KeptMapping[] {
  try {
    const stored: unknown = JSON.parse(keptOnDevice.read(STORED) ?? "[]");
    return Array.isArray(stored) ? stored.filter(isKept) : [];
  } catch {
    return [];
  }
}

function isKept(one: unknown): one is KeptMapping {
  if (typeof one !== "object" || one === null) return false;
  const { shape, mapping } = one as Partial<KeptMapping>;
  if (typeof shape !== "string" || !isObject(mapping) || typeof mapping.isCuff !== "boolean") return false;
  return isObject(mapping.time) && isObject(mapping.signs) && Object.values(mapping.signs).every(isObject);
}

function isObject<T>(one: T | null | undefined): one is T & object {
  return typeof one === "object" && one !== null;
}

/** Written by an earlier version, or by hand: only what can be is taken. */
function fits({ time, signs }: Mapping, columns: number): boolean {
  const isPlace = (place: unknown) => Number.isInteger(place) && (place as number) >= 0 && (place as number) < columns;
  const isTime = TIME_KINDS.includes(time.kind) && (time.kind === "rows" ? time.interval > 0 : isPlace(time.column));
  const known: readonly string[] = SIGN_NAMES;
  return isTime && Object.keys(signs).every((name) => known.includes(name)) && SIGN_NAMES.every((name) => {
    const sign = signs[name];
    return sign === undefined || (isPlace(sign.column) && unitsOf(name).includes(sign.unit));
  });
}
