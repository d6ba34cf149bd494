import type { Work } from "../slices";
import { csvOf } from "./csv";
import { isUnreadable, unreadable, type Unreadable } from "./fault";
import { FILE_BYTES_LIMIT, type Recording } from "./recording";
import { textOf } from "./text";
import { wfdbOf } from "./wfdb";

export interface ChosenFile {
  name: string;
  bytes: Uint8Array;
}

/** One table, or a WFDB header together with its values. What the files are called is not kept: it may be a name. */
export function* recordingIn(files: readonly ChosenFile[]): Work<Recording | Unreadable> {
  if (bytesOf(files) > FILE_BYTES_LIMIT) return unreadable("too_large");
  const headers = files.filter(({ name }) => /\.hea$/i.test(name));
  const values = files.filter(({ name }) => /\.dat$/i.test(name));
  const [header] = headers;
  if (header !== undefined) {
    if (headers.length > 1) return unreadable("two_files");
    const text = yield* textOf(header.bytes);
    if (isUnreadable(text)) return text;
    return wfdbOf(text, new Map(values.map(({ name, bytes }) => [name.toLowerCase(), bytes])));
  }
  if (values.length > 0) return unreadable("values_without_header");
  const [only, another] = files;
  if (only === undefined) return unreadable("empty");
  if (another !== undefined) return unreadable("two_files");
  const text = yield* textOf(only.bytes);
  return isUnreadable(text) ? text : csvOf(text);
}

function bytesOf(files: readonly ChosenFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
}
