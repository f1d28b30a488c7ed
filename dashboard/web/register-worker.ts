// Registers the service worker. Browsers have one on secure pages alone: on plain http of the village's own network there is none, and
// nothing is missed but opening offline.

export function registerWorker(): void {
  if (!window.isSecureContext || !('serviceWorker' in navigator)) return
  // After the first view: its files are the same that the page has just asked for.
  const register = (): void => {
    navigator.serviceWorker.register('/sw.js').catch(() => {
      // A browser that forbids it (private window, site data blocked) goes on without.
    })
  }
  if (document.readyState === 'complete') register()
  else window.addEventListener('load', register)
}
