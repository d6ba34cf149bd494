import "fake-indexeddb/auto";
import type { PageEvents } from "../../../src/device/tab";
import type { Channel, Message } from "../../../src/device/tabs/channel";
import { openDevice, type OpenDevice } from "../../../src/device/view/open";
import { Api } from "../../../src/wire/api";
import type { TrainerHandlers } from "../../../src/wire/trainerConnection";
import { FakeLocks } from "./locks";
import { NetworkDouble } from "./network";
import type { ServerDouble } from "./server";
import { settle, VirtualTimers } from "./time";
import { followDatabase } from "./turns";

followDatabase();

let devices = 0;

export interface TestTab extends OpenDevice {
  /** Its timers and messages stop; whatever it was doing stays undone. */
  crash(): void;
  /** As browsers do to a hidden tab: it keeps its lock, and does nothing. The answer thaws it. */
  freeze(): () => void;
  /** It misses what other tabs say from now on. */
  deafen(): void;
  wake(): void;
  goOffline(): void;
}

export interface BrowserOptions {
  /** Web Locks exist in secure contexts only. */
  isSecure?: boolean;
  random?: () => number;
}

/** One browser: its databases, its cookie, its tabs. */
export class BrowserDouble {
  readonly name = `test-${++devices}`;
  readonly timers = new VirtualTimers();
  readonly network: NetworkDouble;
  /** Bytes for the records of ended sessions. */
  recordRoom = 2 ** 20;
  readonly #locks = new FakeLocks();
  readonly #stored = new Map<string, string>();
  readonly #channels = new Set<(message: Message) => void>();
  readonly #tabs = new Set<OpenDevice>();
  readonly #options: BrowserOptions;

  constructor(server: ServerDouble, options: BrowserOptions = {}) {
    this.network = new NetworkDouble(server);
    this.#options = options;
  }

  /** Open a tab, and let it find its tab. */
  async open(): Promise<TestTab> {
    let heard: PageEvents = { woke() {}, offline() {}, left() {} };
    let isAlive = true;
    let isFrozen = false;
    let isDeaf = false;
    const missed: (() => void)[] = [];
    const thawed = () => new Promise<void>((resolve) => run(resolve));
    const run = (what: () => void) => {
      if (isAlive && isFrozen) missed.push(what);
      else if (isAlive) what();
    };
    const tab = openDevice({
      name: this.name,
      stores: null,
      api: new Api({ fetch: throughTab(this.network.fetch, thawed) as typeof fetch, base: "http://double" }),
      openConnection: (clock, handlers) => this.network.openConnection(clock, runIn(run, handlers)),
      timers: {
        now: () => this.timers.now(),
        after: (ms, what) => this.timers.after(ms, () => run(what)),
      },
      random: this.#options.random ?? (() => 0.5),
      openChannel: (_, listener) => this.#join((message) => run(() => isDeaf || listener(message))),
      recordRoom: () => Promise.resolve(this.recordRoom),
      isNetworkUp: () => true,
      locks: this.#options.isSecure === false ? undefined : this.#locks.asLockManager(),
      storage: {
        getItem: (key) => this.#stored.get(key) ?? null,
        setItem: (key, value) => void this.#stored.set(key, value),
        removeItem: (key) => void this.#stored.delete(key),
      },
      listen: (listener) => {
        heard = listener;
        return () => {};
      },
      persist() {},
    });
    this.#tabs.add(tab);
    await this.pass(200);
    return Object.assign(tab, {
      crash() {
        isAlive = false;
        void tab.close();
      },
      freeze() {
        isFrozen = true;
        return () => {
          isFrozen = false;
          for (const what of missed.splice(0)) run(what);
        };
      },
      deafen() {
        isDeaf = true;
      },
      wake: () => heard.woke(),
      goOffline: () => heard.offline(),
    });
  }

  async pass(ms: number): Promise<void> {
    await this.timers.pass(ms);
  }

  /** Until nothing waits any more that time alone can bring on its way. */
  async finish(tab: OpenDevice): Promise<void> {
    for (let round = 0; round < 200 && tab.status.value.waiting > 0; round++) await this.pass(5_000);
    await settle();
  }

  async shut(): Promise<void> {
    for (const tab of this.#tabs) await tab.close();
  }

  #join(listener: (message: Message) => void): Channel {
    this.#channels.add(listener);
    return {
      post: (message) => {
        const copy = structuredClone(message);
        for (const other of this.#channels) if (other !== listener) setImmediate(() => other(copy));
      },
      close: () => void this.#channels.delete(listener),
    };
  }
}

type Run = (what: () => void) => void;

/** A frozen tab neither asks nor hears an answer. */
function throughTab(fetch: NetworkDouble["fetch"], thawed: () => Promise<void>): NetworkDouble["fetch"] {
  return async (...request) => {
    await thawed();
    const answer = await fetch(...request).catch((error: unknown) => error);
    await thawed();
    if (!(answer instanceof Response)) throw answer;
    return answer;
  };
}

function runIn(run: Run, handlers: TrainerHandlers): TrainerHandlers {
  const wrapped = Object.entries(handlers).map(([name, handle]) => [
    name,
    (...told: unknown[]) => run(() => void (handle as (...told: unknown[]) => void)(...told)),
  ]);
  return Object.fromEntries(wrapped) as TrainerHandlers;
}
