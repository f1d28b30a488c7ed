// `/privasi`: what is public and what is not, made from the allow-list itself: a device with everything that a device can have is cut
// for the public and for staff as any other is, and what comes out is listed.

import type { AirIndex, LiveDevice } from '../../../contract/feed.ts'
import { FEWEST_SHOWN, featureOf } from '../public-view.ts'
import { SESSION_COOKIE } from '../sessions.ts'
import { type Html, html } from './html.ts'
import { pageDocument } from './page-parts.ts'
import { pageText, pageTextOr } from './page-texts.ts'
import type { Situation } from './situation.ts'
import { LANGUAGE_COOKIE, PLACE_COOKIE } from './visitor.ts'

/** Says that asking for the session makes sense; worth nothing. */
const SIGNED_IN_COOKIE = 'pantau_signed_in'

export interface PublicFields {
  readonly shown: readonly string[]
  readonly staffOnly: readonly string[]
}

/** Members of a device that the public sees, and those that staff see beside them. */
export function publicFields(): PublicFields {
  const names = (audience: 'public' | 'staff'): readonly string[] => {
    const { properties, ...outside } = featureOf(SPECIMEN, audience)
    return [...Object.keys(outside).filter((name) => name !== 'type'), ...Object.keys(properties)]
  }
  const shown = names('public')
  return { shown, staffOnly: names('staff').filter((name) => !shown.includes(name)) }
}

const NO_INDEX = {
  value: null,
  category: null,
  dominant: null,
  time: 0,
  completeness: 0,
  parts: [],
} as const satisfies Omit<AirIndex, 'index'>

const SPECIMEN: LiveDevice = {
  id: 'specimen',
  kind: 'sensor',
  name: '',
  simulated: false,
  position: { lat: 0, lon: 0 },
  state: 'up',
  since: null,
  cause: null,
  lastSeen: null,
  everyS: 60,
  parent: null,
  radiusM: null,
  values: {},
  clockOffsetMs: null,
  conflicts: 0,
  cloneSuspected: { time: 0, takeovers: 0 },
  air: {
    ispu: { index: 'ispu', ...NO_INDEX },
    'us-aqi': { index: 'us-aqi', ...NO_INDEX },
    eaqi: { index: 'eaqi', ...NO_INDEX },
  },
  transit: {
    route: null,
    trip: null,
    direction: null,
    occupancy: null,
    speed: null,
    bearing: null,
    alongM: null,
    time: 0,
    stale: false,
  },
}

export function privacyPage(situation: Situation, style: string): string {
  const { context, words, language, isSimulated } = situation
  const villageName = context.village.village.name
  const { shown, staffOnly } = publicFields()
  const say = (key: Parameters<typeof pageText>[1], fill: Record<string, string> = {}): string =>
    pageText(language, key, fill)
  const tiles = context.settings.PANTAU_TILES
  const example = context.mirror.devices()[0]?.id
  const title = words.t('privacy.title')
  return pageDocument({
    words,
    language,
    style,
    villageName,
    isSimulated,
    title,
    path: '/privasi',
    main: [
      html('h1', {}, title),
      html('p', {}, say('privacy.lead')),
      part(say('privacy.shown'), html('p', {}, say('privacy.shownOf')), fields(situation, shown)),
      part(say('privacy.kept'), fields(situation, staffOnly)),
      part(say('privacy.people'), html('p', {}, say('privacy.peopleText', { n: String(FEWEST_SHOWN) }))),
      part(
        say('privacy.browser'),
        html(
          'ul',
          {},
          [LANGUAGE_COOKIE, PLACE_COOKIE, SESSION_COOKIE, SIGNED_IN_COOKIE].map((cookie) =>
            html(
              'li',
              {},
              html('code', {}, cookie),
              ': ',
              pageTextOr(language, `privacy.cookie.${cookie}`) ?? cookie,
            ),
          ),
          html('li', {}, say('privacy.local')),
        ),
      ),
      part(say('privacy.location'), html('p', {}, say('privacy.locationText'))),
      part(
        say('privacy.others'),
        html(
          'p',
          {},
          tiles === null
            ? say('privacy.othersText')
            : say('privacy.othersTiles', { host: new URL(tiles.replaceAll('{s}', 'a')).host }),
        ),
      ),
      part(
        say('privacy.ask'),
        html(
          'p',
          {},
          say('privacy.askText'),
          ' ',
          html('a', { href: '/api/docs' }, '/api/docs'),
          example === undefined
            ? null
            : [
                ', ',
                html(
                  'a',
                  { href: `/api/v1/devices/${encodeURIComponent(example)}` },
                  `/api/v1/devices/${example}`,
                ),
              ],
        ),
      ),
    ],
  })
}

function part(title: string, ...inside: readonly Html[]): Html {
  return html('section', { class: 'part' }, html('h2', {}, title), inside)
}

function fields({ language }: Situation, names: readonly string[]): Html {
  return html(
    'table',
    { class: 'facts' },
    html(
      'thead',
      {},
      html(
        'tr',
        {},
        html('th', { scope: 'col' }, pageText(language, 'privacy.field')),
        html('th', { scope: 'col' }, pageText(language, 'privacy.meaning')),
      ),
    ),
    html(
      'tbody',
      {},
      names.map((name) =>
        html(
          'tr',
          {},
          html('th', { scope: 'row' }, html('code', {}, name)),
          html('td', {}, pageTextOr(language, `field.${name}`) ?? ''),
        ),
      ),
    ),
  )
}
