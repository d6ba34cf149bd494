import { signal } from "@preact/signals";

/** A new version that waits, or null. Taking it reloads the page; nobody is forced in the middle of a session. */
export const newVersion = signal<{ take: () => void } | null>(null);

/** Browsers look for a new one when a page is opened, and a control room may be open for days. */
const LOOK_EVERY_MS = 60 * 60_000;

/** The first one that is to come: in a hall's Wi-Fi one of its hundred files may not. */
const TRIED_AGAIN_MS = 5_000;
const TRIED_AGAIN_AT_MOST_MS = 5 * 60_000;

export async function watchForNewVersions(): Promise<void> {
  // Absent on a plain-http LAN, where the browser gives no service workers: the app then works online only.
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const registration = await registered();
  if (registration === null) return;
  // One that became active while this page was loading did not see it, and would never answer for it.
  void navigator.serviceWorker.ready.then(({ active }) => {
    if (navigator.serviceWorker.controller === null) active?.postMessage("claim");
  });
  const offer = (worker: ServiceWorker) => {
    // The first one of all is no new version.
    if (registration.active !== null) newVersion.value = { take: () => take(worker) };
  };
  const watch = (worker: ServiceWorker | null) =>
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed") offer(worker);
    });
  if (registration.waiting !== null) offer(registration.waiting);
  watch(registration.installing);
  registration.addEventListener("updatefound", () => watch(registration.installing));
  const look = () => void registration.update().catch(() => undefined);
  setInterval(look, LOOK_EVERY_MS);
  addEventListener("online", look);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") look();
  });
}

/** Null: this browser gives none. */
async function registered(): Promise<ServiceWorkerRegistration | null> {
  for (let pause = TRIED_AGAIN_MS; ; pause = Math.min(pause * 2, TRIED_AGAIN_AT_MOST_MS)) {
    // Where site data is blocked, even asking for them may throw.
    const registration = await Promise.resolve()
      .then(() => navigator.serviceWorker.register("/sw.js"))
      .catch(() => null);
    if (registration === null || registration.active !== null || registration.waiting !== null) return registration;
    if (registration.installing !== null && (await comes(registration.installing))) return registration;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Whether all its files came: without one of them it is thrown away. */
function comes(worker: ServiceWorker): Promise<boolean> {
  return new Promise((resolve) => {
    const look = () => {
      if (worker.state !== "installing") resolve(worker.state !== "redundant");
    };
    worker.addEventListener("statechange", look);
    look();
  });
}

function take(worker: ServiceWorker): void {
  // Another tab may have taken it: it leads already, and only this page is still the old one.
  if (worker.state !== "installed") return location.reload();
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  worker.postMessage("activate");
}
