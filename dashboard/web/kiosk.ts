// For a screen on a wall and for a card in another page: asks the server for the page anew, puts what it says in place, and tells when
// it cannot. A new build of the program is taken whole.

const AGAIN_MS = 15_000
const PATIENCE_MS = 10_000
/** A screen that was cut off for so long shows what is old as old. */
const OLD_AFTER_MS = 90_000

let heardMs = performance.now()

async function again(): Promise<void> {
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE_MS), cache: 'no-store' })
    if (!answer.ok) throw new Error(String(answer.status))
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const main = page.querySelector('main')
    if (main === null) throw new Error('the answer is no page of ours')
    if (scriptOf(page) !== scriptOf(document)) location.reload()
    document.querySelector('main')?.replaceWith(main)
    heardMs = performance.now()
  } catch {
    // Whatever it was, what is shown is no longer of now, and says so.
    const cut = document.getElementById('cut')
    if (cut !== null) cut.hidden = false
    document.querySelector('main')?.classList.toggle('is-old', performance.now() - heardMs > OLD_AFTER_MS)
  }
}

function scriptOf(page: Document): string | null {
  return page.querySelector('script[src]')?.getAttribute('src') ?? null
}

setInterval(() => void again(), AGAIN_MS)

export {}
