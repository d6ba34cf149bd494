import { signal } from "@preact/signals";

/** A new version that waits, or null. Taking it reloads the page; nobody is forced in the middle of a session. */
export const newVersion = signal<{ take: () => void } | null>(null);

export async function watchForNewVersions(): Promise<void> {
  // Absent on a plain-http LAN, where the browser gives no service workers: the app then works online only.
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const hadController = navigator.serviceWorker.controller !== null;
  const registration = await navigator.serviceWorker.register("/sw.js").catch(() => null);
  if (registration === null) return;
  const offer = (worker: ServiceWorker | null) => {
    if (worker === null || !hadController) return;
    newVersion.value = {
      take: () => {
        navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
        worker.postMessage("activate");
      },
    };
  };
  offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed") offer(worker);
    });
  });
}
