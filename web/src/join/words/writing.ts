import { signal, type ReadonlySignal } from "@preact/signals";
import type { Annotation } from "../../wire/types";
import type { Scores } from "../../wire/beside";
import { PATIENCE } from "../ask";
import { dropWords, keepWords, wordsOf, type KeptWords, type WrittenWords } from "./kept";

/**
 * `reading`: what the server has is not here yet; `kept`: on this device alone, it is tried again; `unkept`: in this
 * page alone, for the browser keeps nothing; `over`: it may no longer be changed.
 */
export type WritingState = "reading" | "clean" | "changed" | "sending" | "saved" | "kept" | "unkept" | "over";

/** What the server tells a seat; see `GET /reflection`. */
export interface ToldReflection extends WrittenWords {
  session: { id: string; title: string; ended_at: string };
  until: string;
  checklist: { key: string; text: string }[];
  shared: { scores: Scores; annotations: Annotation[] } | null;
}

type Answer = { kind: "told"; told: ToldReflection } | { kind: "over" } | { kind: "later"; seconds: number };

const AFTER_TYPING = 800;
const AGAIN_AFTER = 5;

/** One seat's own words: saved by themselves, and again when the network is back, until `stop` is called. */
export class WordsWriting {
  readonly own;
  readonly state;
  readonly told: ReadonlySignal<ToldReflection | null>;
  readonly #told = signal<ToldReflection | null>(null);
  readonly #kept;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  /** On its way to the server. */
  #sending: WrittenWords | null = null;
  #isStopped = false;
  #isKept = true;

  constructor(kept: KeptWords) {
    this.#kept = kept;
    this.own = signal<WrittenWords>({ words: kept.words, scores: kept.scores, is_anonymous: kept.is_anonymous });
    this.state = signal<WritingState>("reading");
    this.told = this.#told;
    addEventListener("online", this.#now);
    document.addEventListener("visibilitychange", this.#hidden);
    void this.#read();
  }

  /** What waits goes at once; behind what is under way, which is older and would come last. */
  stop(): void {
    this.#isStopped = true;
    removeEventListener("online", this.#now);
    document.removeEventListener("visibilitychange", this.#hidden);
    clearTimeout(this.#timer);
    if (!this.#isAsking && this.state.peek() !== "over") void this.#send();
  }

  change(part: Partial<WrittenWords>): void {
    if (this.state.peek() === "over") return;
    this.own.value = { ...this.own.peek(), ...part };
    this.#keep(false);
    if (this.state.peek() !== "reading") this.state.value = "changed";
    this.#later(AFTER_TYPING);
  }

  readonly #now = () => {
    clearTimeout(this.#timer);
    void (this.#told.peek() === null ? this.#read() : this.#send());
  };

  /** The page may be closed now, or the tablet put to sleep: what waits waits for no timer and no answer. */
  readonly #hidden = () => {
    if (document.visibilityState !== "hidden" || this.#kept.isSent || this.state.peek() === "over") return;
    if (this.#told.peek() !== null && !this.#isAsking) this.#now();
    // It is sent once more when the answer is here, so that nothing older stands in the end.
    else if (this.own.peek() !== this.#sending) void this.#ask("PUT");
  };

  #later(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (!this.#isStopped) this.#timer = setTimeout(this.#now, milliseconds);
  }

  #keep(isSent: boolean): void {
    // What was written since in another place is newer.
    if (this.#isStopped && !isSame(wordsOf(this.#kept.session_id), this.own.peek())) return;
    Object.assign(this.#kept, this.own.peek(), { isSent });
    this.#isKept = keepWords(this.#kept);
  }

  async #read(): Promise<void> {
    const answer = await this.#alone(() => this.#ask("GET"));
    if (answer?.kind !== "told") return;
    this.#hear(answer.told);
    // What was written here and not sent is newer than what the server has.
    if (!this.#kept.isSent && isSomething(this.own.peek())) return this.#send();
    const { words, scores, is_anonymous } = answer.told;
    this.own.value = { words, scores, is_anonymous };
    this.#keep(true);
    this.state.value = isSomething(this.own.peek()) ? "saved" : "clean";
  }

  async #send(): Promise<void> {
    if (this.#kept.isSent) return;
    const sent = this.own.peek();
    this.state.value = "sending";
    const answer = await this.#alone(() => this.#ask("PUT"));
    if (answer?.kind !== "told") return;
    this.#hear(answer.told);
    if (this.own.peek() !== sent) return this.#isStopped ? this.#send() : this.#later(AFTER_TYPING);
    this.#keep(true);
    this.state.value = "saved";
  }

  #hear(told: ToldReflection): void {
    this.#told.value = told;
    this.#kept.until = Date.parse(told.until);
    if (told.session.title !== "") this.#kept.title = told.session.title;
  }

  /** One question at a time; one that brings nothing is asked again. */
  async #alone(asking: () => Promise<Answer>): Promise<Answer | null> {
    if (this.#isAsking) {
      this.#later(AFTER_TYPING);
      return null;
    }
    this.#isAsking = true;
    const answer = await asking();
    this.#isAsking = false;
    if (answer.kind === "over") {
      this.state.value = "over";
      dropWords(this.#kept.session_id);
    } else if (answer.kind === "later") {
      if (this.state.peek() !== "reading") this.state.value = this.#isKept ? "kept" : "unkept";
      this.#later(answer.seconds * 1000);
    }
    return answer;
  }

  async #ask(method: "GET" | "PUT"): Promise<Answer> {
    const sent = method === "PUT" ? this.own.peek() : null;
    if (sent !== null) this.#sending = sent;
    const giveUp = new AbortController();
    const alarm = setTimeout(() => giveUp.abort(), PATIENCE);
    try {
      const response = await fetch("/api/v1/reflection", {
        method,
        headers: { Authorization: `Bearer ${this.#kept.token}`, "Content-Type": "application/json" },
        ...(sent === null ? {} : { body: JSON.stringify(sent) }),
        cache: "no-store",
        redirect: "error",
        // A page that is closed meanwhile takes nothing back of it.
        keepalive: sent !== null,
        signal: giveUp.signal,
      });
      if (response.ok) return { kind: "told", told: (await response.json()) as ToldReflection };
      // Its day is over, or the seat was taken away.
      if (response.status === 410 || response.status === 401) return { kind: "over" };
      return { kind: "later", seconds: Math.max(AGAIN_AFTER, Number(response.headers.get("Retry-After")) || 0) };
    } catch {
      return { kind: "later", seconds: AGAIN_AFTER };
    } finally {
      if (this.#sending === sent) this.#sending = null;
      clearTimeout(alarm);
    }
  }
}

function isSame(one: WrittenWords | null, other: WrittenWords): boolean {
  const told = ({ words, scores, is_anonymous }: WrittenWords) => JSON.stringify([words, scores, is_anonymous]);
  return one !== null && told(one) === told(other);
}

function isSomething({ words, scores, is_anonymous }: WrittenWords): boolean {
  return words !== "" || is_anonymous || Object.keys(scores).length > 0;
}
