// What every page begins with: language and theme as chosen, the head, the village and who is signed in.

import type { VillageAnswer } from '../../../contract/api.ts'
import { type Clock, systemClock } from '../../../contract/time.ts'
import { setIndexName } from '../air-index.ts'
import { type Answer, getJson } from '../api.ts'
import { byId } from '../dom/h.ts'
import type { Language } from '../format.ts'
import type { LinkState } from '../live/connection.ts'
import { startData } from '../read-start-data.ts'
import { ServerClock } from '../server-clock.ts'
import { currentLanguage, onLanguage, retext, setLanguage, type TextKey, t } from '../text/texts.ts'
import { type PageName, renderHeader, startHeader } from './header.ts'
import { keepLanguage, keptLanguage } from './language-choice.ts'
import { askSession, type Session, signOut } from './session.ts'
import { onTheme, setTheme } from './theme.ts'
import { toast } from './toast.ts'
import { parseUrl } from './url-state.ts'

export interface Shell {
  readonly clock: Clock
  readonly serverClock: ServerClock
  readonly session: Session | null
  readonly village: Answer<VillageAnswer>
  /** Shows the state of the link in the head. */
  setLink(link: LinkState): void
  /** Something is simulated after all, or is not. */
  setSimulated(isSimulated: boolean): void
  /** What stands in front of the page's title. */
  setTitle(alarm: string): void
}

const TITLES: Readonly<Record<PageName, TextKey | null>> = {
  map: null,
  infrastructure: 'desk.infrastructure',
  environment: 'desk.environment',
  system: 'desk.system',
  'sign-in': 'auth.title',
}

export async function startShell(page: PageName): Promise<Shell> {
  // `theme.js` says so earlier, unless a thin network lost it: what only script fills must not stay hidden then.
  document.documentElement.classList.add('js')
  const serverClock = new ServerClock(systemClock)
  const header = byId('header')
  const url = parseUrl(location.hash).state
  if (url.theme !== null) setTheme(url.theme, false)
  let link: LinkState | null = null
  let session: Session | null = null
  let village: VillageAnswer | null = null
  let isSimulated = false
  let alarm = ''
  const render = (): void => {
    const name = village?.name ?? null
    const title = TITLES[page]
    const app = name === null ? t('app.name') : t('app.title', { village: name })
    document.title = alarm + (title === null ? app : `${t(title)} · ${app}`)
    renderHeader(header, { page, village: name, isSimulated, link, session })
  }
  startHeader(header, {
    language: (argument) => {
      const next = argument === 'en' ? 'en' : 'id'
      keepLanguage(next)
      void setLanguage(next)
    },
    theme: (choice) => setTheme(choice),
    signOut: () => void signOut(),
    share: () => void share(isSimulated),
  })
  onLanguage(render)
  onTheme(render)
  const start = startData()
  const chosen = url.language ?? keptLanguage() ?? start?.language ?? null
  const [villageAnswer, who] = await Promise.all([
    start === null ? askVillage(serverClock) : { ok: true as const, value: start.village },
    askSession(),
    firstLanguage(chosen),
  ])
  session = who
  if (villageAnswer.ok) {
    village = villageAnswer.value
    isSimulated = village.simulated
    setIndexName(village.standards.air)
    const own = village.languages[0] === 'en' ? 'en' : 'id'
    await setLanguage(chosen === null ? own : currentLanguage(), village.timezone)
  }
  render()
  return {
    clock: systemClock,
    serverClock,
    session,
    village: villageAnswer,
    setLink(next) {
      if (link === next) return
      link = next
      render()
    },
    setTitle(next) {
      if (alarm === next) return
      alarm = next
      render()
    },
    setSimulated(next) {
      if (isSimulated === next) return
      isSimulated = next
      render()
    },
  }
}

/** What came with the page is not asked for, and its time is not taken for now: the page may have been kept for days. */
async function askVillage(serverClock: ServerClock): Promise<Answer<VillageAnswer>> {
  const answer = await getJson<VillageAnswer>('/api/v1/village')
  if (answer.ok) serverClock.heard(Date.parse(answer.value.time))
  return answer
}

async function firstLanguage(language: Language | null): Promise<void> {
  if (language === 'en') await setLanguage('en')
  else retext(document.body)
}

async function share(isSimulated: boolean): Promise<void> {
  const title = isSimulated ? `${document.title} (${t('sim.badge')})` : document.title
  const data = { title, text: title, url: location.href }
  try {
    if (typeof navigator.share === 'function') await navigator.share(data)
    else {
      await navigator.clipboard.writeText(data.url)
      toast(t('share.copied'))
    }
  } catch (error) {
    // Closing the device's own share sheet is no failure.
    if (error instanceof DOMException && error.name === 'AbortError') return
    toast(t('share.failed'))
  }
}
