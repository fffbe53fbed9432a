// Keeps what the page without a server needs, so that it opens without a network, too. `static` writes VERSION and FILES, those of the first visit.
const NAME = `segdemo-${VERSION}`;

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES)));
});

self.addEventListener('activate', (event) => {
  const forget = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith('segdemo-') && name !== NAME).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(forget());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== location.origin) return;
  event.respondWith(kept(request));
});

async function kept(request) {
  const cache = await caches.open(NAME),
    found = await cache.match(request, { ignoreSearch: request.mode === 'navigate' });
  if (found) return found;
  const response = await fetch(request);
  if (response.ok && request.mode !== 'navigate') await cache.put(request, response.clone());
  return response;
}
