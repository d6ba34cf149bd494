import { deviceStorage } from "../app/siteData";
import type { Stores } from "../device/database/schema";
import type { PageEvents, DeviceOptions } from "../device/tab";
import { openBroadcastChannel } from "../device/tabs/channel";
import { Api } from "../wire/api";
import { realTimers } from "../wire/timers";
import { openTrainerConnection } from "../wire/trainerConnection";
import { storesOfPage } from "./databases";

/** What the browser gives. Much of it is missing where the page is not a secure context (plain http). */
export async function browserOptions(): Promise<DeviceOptions> {
  const stores = await storesOfPage();
  return stores === null ? usualOptions() : { ...usualOptions(stores), ...ALONE };
}

/** What another tab might do with the same names is nothing to a page that shares no database with it. */
const ALONE = {
  locks: undefined,
  storage: null,
  openChannel: () => ({ post() {}, close() {} }),
  persist() {},
} satisfies Partial<DeviceOptions>;

function usualOptions(stores: Stores | null = null): DeviceOptions {
  const api = new Api({ fetch: (...request) => fetch(...request), holdsToken: stores !== null });
  return {
    name: "shiller",
    stores,
    api,
    openConnection: (clock, handlers) =>
      openTrainerConnection({ clock, handlers, timers: realTimers, random: Math.random, token: () => api.token }),
    timers: realTimers,
    random: Math.random,
    openChannel: openBroadcastChannel,
    isNetworkUp: () => navigator.onLine,
    locks: navigator.locks,
    storage: deviceStorage(),
    listen: listenToBrowser,
    recordRoom,
    persist: () => void navigator.storage?.persist?.().catch(() => false),
  };
}

function listenToBrowser(heard: PageEvents): () => void {
  const awake = () => {
    if (document.visibilityState === "visible") heard.woke();
  };
  addEventListener("online", heard.woke);
  addEventListener("offline", heard.offline);
  addEventListener("pageshow", awake);
  addEventListener("pagehide", heard.left);
  document.addEventListener("visibilitychange", awake);
  return () => {
    removeEventListener("online", heard.woke);
    removeEventListener("offline", heard.offline);
    removeEventListener("pageshow", awake);
    removeEventListener("pagehide", heard.left);
    document.removeEventListener("visibilitychange", awake);
  };
}

const MOST_RECORD_BYTES = 50 * 2 ** 20;
/** On a device with little room they take no more than this part of what the browser gives us. */
const RECORD_SHARE = 0.05;

async function recordRoom(): Promise<number> {
  const estimate = await navigator.storage?.estimate?.().catch(() => undefined);
  return Math.min(MOST_RECORD_BYTES, (estimate?.quota ?? Number.POSITIVE_INFINITY) * RECORD_SHARE);
}
