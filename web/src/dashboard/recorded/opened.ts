import { batch, signal, type ReadonlySignal } from "@preact/signals";
import { drawn, type DrawnSign } from "./course/drawn";
import { madeOf, wholeSection, type Made, type Section } from "./course/made";
import { readCourse, type ReadCourse } from "./course/series";
import { isUnreadable, unreadable, type FileFault, type Unreadable } from "./file/fault";
import { recordingIn } from "./file/open";
import { FILE_BYTES_LIMIT, type Recording } from "./file/recording";
import { guess } from "./mapping/guess";
import type { Mapping } from "./mapping/mapping";
import { rememberedMapping, rememberMapping } from "./mapping/remembered";
import { lookAt, type SeenRecording } from "./mapping/seen";
import { inSlices, type Work } from "./slices";

export interface OpenedRecording {
  recording: Recording;
  seen: SeenRecording;
  /** Its columns were mapped by a person, for a file of the same kind. */
  isRemembered: boolean;
}

type FileState =
  | { is: "none" | "reading" }
  | { is: "unreadable"; fault: FileFault | "not_read"; line: number | null }
  | { is: "opened"; opened: OpenedRecording };

type CourseState =
  | { is: "working" }
  | { is: "unmapped" }
  | { is: "unreadable"; why: Unreadable }
  | { is: "read"; read: ReadCourse; made: MadeAndDrawn | null };

interface MadeAndDrawn {
  made: Made;
  drawn: readonly DrawnSign[];
}

/**
 * A file in the hand of one person, as far as it has come: chosen, read, mapped, made into a case. Whatever is chosen
 * anew ends what was under way. Nothing of it is kept beyond the page but how its columns are mapped.
 */
export class RecordingInHand {
  readonly #file = signal<FileState>({ is: "none" });
  readonly #mapping = signal<Mapping | null>(null);
  readonly #course = signal<CourseState>({ is: "unmapped" });
  readonly #section = signal<Section | null>(null);
  readonly #isWorking = signal(false);
  #underWay = new AbortController();

  get file(): ReadonlySignal<FileState> {
    return this.#file;
  }
  get mapping(): ReadonlySignal<Mapping | null> {
    return this.#mapping;
  }
  get course(): ReadonlySignal<CourseState> {
    return this.#course;
  }
  /** Null: all of it, or as much as a case holds. */
  get section(): ReadonlySignal<Section | null> {
    return this.#section;
  }

  /** What is shown is of before the last change, and will be another soon. */
  get isWorking(): ReadonlySignal<boolean> {
    return this.#isWorking;
  }

  async choose(files: readonly File[]): Promise<void> {
    const wanted = this.#begin();
    batch(() => {
      this.#file.value = { is: "reading" };
      this.#course.value = { is: "working" };
      this.#mapping.value = null;
      this.#section.value = null;
    });
    const opened = await opening(files, wanted);
    if (opened === null) return;
    if ("fault" in opened) {
      this.#file.value = { is: "unreadable", ...opened };
      return;
    }
    const { recording, seen, isRemembered } = opened;
    this.#file.value = { is: "opened", opened };
    const known = isRemembered ? rememberedMapping(recording.columns) : null;
    await this.#read(known ?? guess(recording, seen));
  }

  /** By a person: it holds for the next file of the kind, too. */
  async map(mapping: Mapping): Promise<void> {
    const file = this.#file.peek();
    if (file.is !== "opened") return;
    rememberMapping(file.opened.recording.columns, mapping);
    const isOtherTime = mapping.time !== this.#mapping.peek()?.time;
    if (isOtherTime) this.#section.value = null;
    await this.#read(mapping);
  }

  async cut(section: Section): Promise<void> {
    this.#section.value = section;
    const course = this.#course.peek();
    if (course.is === "read") await this.#make(course.read, this.#begin());
    else if (this.#mapping.peek() !== null) await this.#read(this.#mapping.peek()!);
  }

  close(): void {
    this.#underWay.abort();
  }

  async #read(mapping: Mapping): Promise<void> {
    const file = this.#file.peek();
    if (file.is !== "opened") return;
    const wanted = this.#begin();
    const isMapped = Object.keys(mapping.signs).length > 0;
    batch(() => {
      this.#mapping.value = mapping;
      if (!isMapped) this.#course.value = { is: "unmapped" };
      else if (this.#course.peek().is !== "read") this.#course.value = { is: "working" };
      this.#isWorking.value = isMapped;
    });
    if (!isMapped) return;
    const read = await inSlices(readCourse(file.opened.recording, mapping), wanted);
    if (read === null) return;
    if (!isUnreadable(read)) return this.#make(read, wanted);
    this.#course.value = { is: "unreadable", why: read };
    this.#isWorking.value = false;
  }

  async #make(read: ReadCourse, wanted: AbortSignal): Promise<void> {
    this.#isWorking.value = true;
    const section = this.#section.peek() ?? wholeSection(read);
    const isCuff = this.#mapping.peek()?.isCuff ?? false;
    const done = await inSlices(makeAndDraw(read, section, isCuff), wanted);
    if (done === null) return;
    batch(() => {
      this.#course.value = { is: "read", read, made: done.made };
      this.#isWorking.value = false;
    });
  }

  #begin(): AbortSignal {
    this.#underWay.abort();
    this.#underWay = new AbortController();
    return this.#underWay.signal;
  }
}

/** That nothing was measured there is an outcome of its own. */
function* makeAndDraw(read: ReadCourse, section: Section, isCuff: boolean): Work<{ made: MadeAndDrawn | null }> {
  const made = yield* madeOf(read, section, isCuff);
  return { made: made === null ? null : { made, drawn: yield* drawn(made, read) } };
}

async function opening(
  files: readonly File[],
  wanted: AbortSignal,
): Promise<OpenedRecording | { fault: FileFault | "not_read"; line: number | null } | null> {
  // What is too large is not even taken into memory.
  if (files.reduce((sum, { size }) => sum + size, 0) > FILE_BYTES_LIMIT) return unreadable("too_large");
  const chosen = await Promise.all(
    files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
  ).catch(() => null);
  if (chosen === null) return { fault: "not_read", line: null };
  const recording = await inSlices(recordingIn(chosen), wanted);
  if (recording === null || isUnreadable(recording)) return recording;
  const seen = await inSlices(lookAt(recording), wanted);
  if (seen === null || isUnreadable(seen)) return seen;
  return { recording, seen, isRemembered: rememberedMapping(recording.columns) !== null };
}
