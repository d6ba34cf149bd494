import { signal } from "@preact/signals";

/** A new version that waits, or null. Taking it reloads the page; nobody is forced in the middle of a session. */
export const newVersion = signal<{ take: () => void } | null>(null);

/** Browsers look for a new one when a page is opened, and a control room may be open for days. */
const LOOK_EVERY_MS = 60 * 60_000;

export async function watchForNewVersions(): Promise<void> {
  // Absent on a plain-http LAN, where the browser gives no service workers: the app then works online only.
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  // Where site data is blocked, even asking for them may throw.
  const registration = await Promise.resolve()
    .then(() => navigator.serviceWorker.register("/sw.js"))
    .catch(() => null);
  if (registration === null) return;
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

function take(worker: ServiceWorker): void {
  // Another tab may have taken it: it leads already, and only this page is still the old one.
  if (worker.state !== "installed") return location.reload();
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  worker.postMessage("activate");
}
