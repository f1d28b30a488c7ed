// Registers the service worker. Browsers have one on secure pages alone: on plain http of the village's own network there is none, and
// nothing is missed but opening offline.

/** By then whatever was under way has come, or will not. */
const UNDER_WAY_MS = 60_000

export function registerWorker(): void {
  if (!window.isSecureContext || !('serviceWorker' in navigator)) return
  const { serviceWorker } = navigator
  if (serviceWorker.controller === null)
    serviceWorker.addEventListener('controllerchange', askAgain, { once: true })
  // After the first view: its files are the same that the page has just asked for.
  const register = (): void => {
    serviceWorker.register('/sw.js').catch(() => {
      // A browser that forbids it (private window, site data blocked) goes on without.
    })
  }
  if (document.readyState === 'complete') register()
  else window.addEventListener('load', register)
}

/**
 * What a first visit fetched before it had a worker passes by it once more, most of it out of the browser's own cache: what is to be kept is
 * kept then too.
 */
function askAgain(): void {
  const since = performance.now()
  // Of what is still under way it is told when it has come.
  const observer = new PerformanceObserver((list) => {
    for (const { name, startTime, initiatorType } of list.getEntries() as PerformanceResourceTiming[]) {
      if (startTime > since || initiatorType !== 'fetch' || !name.startsWith(`${location.origin}/`)) continue
      fetch(name).catch(() => {
        // It is kept the next time.
      })
    }
  })
  observer.observe({ type: 'resource', buffered: true })
  setTimeout(() => observer.disconnect(), UNDER_WAY_MS)
}
