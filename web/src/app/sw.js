/* The service worker: the app's shell from the cache, everything of a session from the server.
 *
 * By hand, because it is a few lines: docs/decisions/0008-service-worker-by-hand.md. The build fills in
 * the three names below. It never takes over by itself: a new version waits until somebody asks for it.
 */
const VERSION = "__VERSION__";
const FILES = __FILES__;
const PAGES = __PAGES__.map((pattern) => new RegExp(pattern));
const CACHE = `shiller-${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys())
        if (name.startsWith("shiller-") && name !== CACHE) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "activate") void self.skipWaiting();
  // By a page that was loading when this one became active.
  if (event.data === "claim") event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/api/") || url.pathname.startsWith("/socket.io")) return;
  if (event.request.mode === "navigate") {
    if (isPage(url.pathname)) event.respondWith(fromCache("/index.html", event.request));
    return;
  }
  if (FILES.includes(url.pathname)) event.respondWith(fromCache(url.pathname, event.request));
});

function isPage(path) {
  return PAGES.some((pattern) => pattern.test(path));
}

async function fromCache(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}
