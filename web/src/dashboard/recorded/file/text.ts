import type { Work } from "../slices";
import { unreadable, type Unreadable } from "./fault";

/** What is looked at to tell how a text is written. */
const LOOKED_AT = 4096;

/** Decoded at once: of a large file that is a few milliseconds. */
const BYTES_A_BIT = 262_144;

/** UTF-8 or UTF-16, with a mark in front or without, or else what French Windows writes. */
export function* textOf(bytes: Uint8Array): Work<string | Unreadable> {
  if (bytes.length === 0) return unreadable("empty");
  const wide = wideOf(bytes);
  const text = (yield* decoded(bytes, wide ?? "utf-8")) ?? (yield* decoded(bytes, "windows-1252"));
  return text ?? unreadable("no_text");
}

/** Null: it is not written so, or is no text at all. */
function* decoded(bytes: Uint8Array, encoding: string): Work<string | null> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let text = "";
  try {
    for (let from = 0; from < bytes.length; from += BYTES_A_BIT) {
      const part = decoder.decode(bytes.subarray(from, from + BYTES_A_BIT), { stream: true });
      if (part.includes("\0")) return null;
      text += part;
      yield;
    }
    return text + decoder.decode();
  } catch {
    return null;
  }
}

/** By its mark, or because every other byte of plain letters is empty. */
function wideOf(bytes: Uint8Array): "utf-16le" | "utf-16be" | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const looked = bytes.subarray(0, LOOKED_AT & ~1);
  const empty = [0, 0];
  for (let at = 0; at < looked.length; at += 1) if (looked[at] === 0) empty[at % 2]! += 1;
  const most = looked.length * 0.4;
  if (empty[1]! > most && empty[0] === 0) return "utf-16le";
  if (empty[0]! > most && empty[1] === 0) return "utf-16be";
  return null;
}
