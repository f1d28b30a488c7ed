// The service worker: what the map needs to open without a network. Built files are taken from the cache by their hashed names, the
// page and the plan of the buses from the network while there is one. What staff ask for never passes here.

/** Written by the build: its digest, and the files that the map's page may ask for. */
declare const __PANTAU_BUILD__: { readonly version: string; readonly assets: readonly string[] }

/** What is used of the worker's scope; its types cannot stand beside those of a page. */
interface Lifetime {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}
interface Scope {
  addEventListener(type: 'install' | 'activate', listener: (event: Lifetime) => void): void
  addEventListener(type: 'fetch', listener: (event: Fetching) => void): void
  skipWaiting(): Promise<void>
  readonly clients: { claim(): Promise<void> }
}

const BUILT = __PANTAU_BUILD__
const scope = self as unknown as Scope
const BUILD_PREFIX = 'pantau-build-'
const BUILD = BUILD_PREFIX + BUILT.version
/** Last answers of what changes: the page, the base map, the plan of the buses. */
const LAST = 'pantau-last'
const HASHED = /^\/assets\/.*[.-][\w-]{8,}\.\w+$/
/** Same for everybody, and wanted without a network. */
const KEPT_ANSWERS = /^\/api\/v1\/transit\/(routes|stops)$/
const PAGES: readonly string[] = ['/', '/ringan']
const PATIENCE_MS = 4_000

scope.addEventListener('install', (event) => event.waitUntil(install()))
scope.addEventListener('activate', (event) => event.waitUntil(activate()))
scope.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin) return
  if (HASHED.test(url.pathname)) event.respondWith(fromCache(request))
  else if (request.mode === 'navigate' && PAGES.includes(url.pathname))
    event.respondWith(fromNetwork(request, url.pathname))
  else if (BUILT.assets.includes(url.pathname)) event.respondWith(fromNetwork(request, url.pathname))
  else if (KEPT_ANSWERS.test(url.pathname)) event.respondWith(fromNetwork(request, url.pathname + url.search))
  else if (url.pathname.startsWith('/village/')) event.respondWith(keptWhileAsking(request))
})

/** All files of the build, and the page that belongs to them: a page never meets the files of another build. */
async function install(): Promise<void> {
  const build = await caches.open(BUILD)
  await build.addAll([...BUILT.assets])
  const last = await caches.open(LAST)
  await last.addAll(PAGES.map((page) => new Request(page, { cache: 'reload' })))
  await scope.skipWaiting()
}

/** The build before stays: a page of it may still be open, and ask for a part that it has not needed yet. */
async function activate(): Promise<void> {
  const builds = (await caches.keys()).filter((name) => name.startsWith(BUILD_PREFIX) && name !== BUILD)
  await Promise.all(builds.slice(0, -1).map((name) => caches.delete(name)))
  await scope.clients.claim()
}

async function fromCache(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request)
}

/** From the network, and kept as `key`; the one kept before when the network fails or takes too long. */
async function fromNetwork(request: Request, key: string): Promise<Response> {
  const asked = keep(request, key)
  const kept = await caches.match(key)
  if (kept === undefined) return asked
  const late = new Promise<null>((done) => setTimeout(() => done(null), PATIENCE_MS))
  const first = await Promise.race([asked.catch(() => null), late])
  return first ?? kept
}

/** The one kept at once, and the network's for the next time. */
async function keptWhileAsking(request: Request): Promise<Response> {
  const asked = keep(request, request.url)
  const kept = await caches.match(request.url)
  if (kept === undefined) return asked
  asked.catch(() => null)
  return kept
}

async function keep(request: Request, key: string): Promise<Response> {
  const answer = await fetch(request)
  if (answer.ok) {
    const last = await caches.open(LAST)
    await last.put(key, answer.clone())
  }
  return answer
}
