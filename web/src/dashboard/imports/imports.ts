import { batch, signal } from "@preact/signals";
import type { Device } from "../../device/view/device";
import { BOUNDS } from "../../generated/catalogue";
import { newId } from "../../wire/ids";
import type { ImportedCase, ImportedCases, Refusal } from "../../wire/types";

/**
 * waiting -> reading -> found | failed. Files are read one after another; `offline` and `failed` may be tried again.
 */
export type Reading =
  | { state: "waiting" | "reading" | "offline" | "too_large" | "unreadable" }
  | { state: "failed"; refusal: Refusal }
  | { state: "found"; cases: ImportedCases };

export interface ImportedFile {
  id: string;
  name: string;
  file: File;
  reading: Reading;
}

export interface KeptCase {
  id: string;
  title: string;
}

export function draftKey(fileId: string, place: number): string {
  return `${fileId} ${place}`;
}

/** Files on their way to become cases. Nothing is stored before `keep`. */
export class Imports {
  readonly files = signal<readonly ImportedFile[]>([]);
  /** What is ticked, by `draftKey`. */
  readonly chosen = signal<ReadonlySet<string>>(new Set());
  /** Of the last time, to be taken out again. */
  readonly kept = signal<readonly KeptCase[]>([]);
  readonly #device: Device;
  #isReading = false;

  constructor(device: Device) {
    this.#device = device;
  }

  add(files: readonly File[]): void {
    const added = files.map((file) => ({ id: newId(), name: file.name, file, reading: { state: "waiting" } as const }));
    this.files.value = [...this.files.value, ...added];
    void this.#readAll();
  }

  retry(id: string): void {
    this.#set(id, { state: "waiting" });
    void this.#readAll();
  }

  choose(key: string, isChosen: boolean): void {
    const others = [...this.chosen.value].filter((one) => one !== key);
    this.chosen.value = new Set(isChosen ? [...others, key] : others);
  }

  /** What is ticked, in the order of the files. */
  drafts(): ImportedCase[] {
    return this.files.value.flatMap(({ id, reading }) =>
      reading.state === "found" ? reading.cases.templates.filter((_, place) => this.chosen.value.has(draftKey(id, place))) : [],
    );
  }

  /** Whatever is still being read is forgotten. */
  close(): void {
    batch(() => {
      this.files.value = [];
      this.chosen.value = new Set();
    });
  }

  /** On the list before this returns; it rejects for what could not be written down, which is off the list again. */
  async keep(): Promise<void> {
    const kept = this.drafts().map((draft) => ({ id: newId(), title: draft.title, draft }));
    this.close();
    this.kept.value = kept;
    await Promise.all(kept.map(({ id, draft }) => this.#device.createTemplate(id, draft)));
  }

  async undo(): Promise<void> {
    const ids = new Set(this.kept.value.map(({ id }) => id));
    const there = this.#device.templates.value.filter(({ id }) => ids.has(id));
    this.kept.value = [];
    await Promise.all(there.map((template) => this.#device.deleteTemplate(template)));
  }

  async #readAll(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) {
        this.#set(next.id, { state: "reading" });
        const reading = await this.#read(next.file);
        if (this.files.value.some(({ id }) => id === next?.id)) this.#end(next.id, reading);
      }
    } finally {
      this.#isReading = false;
    }
  }

  #next(): ImportedFile | undefined {
    return this.files.value.find(({ reading }) => reading.state === "waiting");
  }

  async #read(file: File): Promise<Reading> {
    if (file.size > BOUNDS.import_bytes) return { state: "too_large" };
    if (!this.#device.isOnline.value) return { state: "offline" };
    let content: Blob;
    try {
      // A file that was moved away meanwhile, or a folder, fails here and not in the middle of a request.
      content = new Blob([await file.arrayBuffer()]);
    } catch {
      return { state: "unreadable" };
    }
    const answer = await this.#device.readCases(content);
    if (answer.ok) return { state: "found", cases: answer.value };
    if (answer.refusal.code === "network") return { state: "offline" };
    return answer.refusal.code === "too_large" ? { state: "too_large" } : { state: "failed", refusal: answer.refusal };
  }

  #end(id: string, reading: Reading): void {
    batch(() => {
      this.#set(id, reading);
      if (reading.state !== "found") return;
      const found = reading.cases.templates.map((_, place) => draftKey(id, place));
      this.chosen.value = new Set([...this.chosen.value, ...found]);
    });
  }

  #set(id: string, reading: Reading): void {
    this.files.value = this.files.value.map((one) => (one.id === id ? { ...one, reading } : one));
  }
}
