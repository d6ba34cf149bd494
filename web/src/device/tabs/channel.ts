import type { Refusal } from "../../wire/types";
import type { LookedFor } from "../sync/readBeside";
import type { Commit } from "../database/commit";
import type { LiveSnapshot } from "../view/liveState";

/**
 * What tabs of one device tell each other. `trainer`: whose data it is about. Tabs of two builds may be open at once,
 * so what is sent here may get new fields and kinds, and none may change its meaning.
 */
export type Message =
  /** A commit: read it again; and, for the leader, there may be something to send. */
  | { type: "changed"; trainer: string; change: Commit }
  /** From the leader, whenever it changes and whenever a tab says `here`. */
  | { type: "live"; trainer: string | null; offset: number; live: LiveSnapshot }
  /** From each follower, every few seconds: what its page shows. The leader answers with `live`. */
  | { type: "here"; tab: string; watching: string[] }
  | { type: "gone"; tab: string }
  /** A person wants what waits to be sent now. */
  | { type: "hurry" }
  /** A page shows what is kept beside this session's record: read it again. */
  | { type: "beside"; session_id: string; what: LookedFor }
  /** Somebody logged in or out: look into the device's database. */
  | { type: "account" }
  | { type: "remove"; question: string; session_id: string; seat_id: string }
  | { type: "removed"; question: string; refusal: Refusal | null };

export interface Channel {
  post(message: Message): void;
  close(): void;
}

export type OpenChannel = (name: string, heard: (message: Message) => void) => Channel;

/** A browser without BroadcastChannel has no other tabs as far as we can tell. */
export const openBroadcastChannel: OpenChannel = (name, heard) => {
  if (typeof BroadcastChannel === "undefined") return { post() {}, close() {} };
  const channel = new BroadcastChannel(name);
  let isOpen = true;
  channel.onmessage = (event: MessageEvent<Message>) => heard(event.data);
  return {
    post(message) {
      if (isOpen) channel.postMessage(message);
    },
    close() {
      isOpen = false;
      channel.close();
    },
  };
};
