// Keeps page and module, so that they are there without a network. Lists are not here: the package keeps them itself.
//
// The server puts KEPT, paths with SHA-256 of their files, and VERSION, the digest of it all, before this text. A file that is not the one of its digest,
// such as the sign-in page of a network, is never kept.

/** What differs between visitors: the network goes first. */
const CHANGING = ["/market.json", "/enrolment.json"];
const PAGE = `page ${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (CHANGING.includes(pathname)) event.respondWith(networkFirst(pathname));
  else if (KEPT.some(([path]) => path === pathname)) event.respondWith(keptFirst(pathname));
});

async function keep() {
  const cache = await caches.open(PAGE);
  await Promise.all(
    KEPT.map(async ([path, digest]) => {
      const response = await fetch(path, { cache: "no-cache" });
      const found = await crypto.subtle.digest("SHA-256", await response.clone().arrayBuffer());
      if (btoa(String.fromCharCode(...new Uint8Array(found))) !== digest)
        throw new Error(`${path} is another file`);
      await cache.put(path, response);
    }),
  );
  await Promise.all(CHANGING.map((path) => networkFirst(path)));
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== PAGE).map((name) => caches.delete(name)));
}

async function keptFirst(path) {
  const cache = await caches.open(PAGE);
  return (await cache.match(path)) ?? fetch(path);
}

async function networkFirst(path) {
  const cache = await caches.open(PAGE);
  try {
    const response = await fetch(path);
    const isJson = /^application\/json\b/.test(response.headers.get("content-type") ?? "");
    if (!response.ok || !isJson) throw new Error("another answer than the market's");
    await cache.put(path, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(path);
    if (kept) return kept;
    throw error;
  }
}
