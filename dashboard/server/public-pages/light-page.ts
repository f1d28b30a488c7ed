// `/ringan`: the three answers and what stands behind them, without script, in one small answer; the place is chosen by a form. For
// cheap phones, text browsers and thin networks.

import type { ArrivalsAnswer } from '../../../contract/api.ts'
import { categoryOf } from '../../web/air-index.ts'
import { hotspotLine, nearHotspots } from '../../web/answers/answer-rows.ts'
import { markOf } from '../../web/answers/mark.ts'
import { arrivalWords, BASIS_TEXTS, stillToCome } from '../../web/answers/next-bus.ts'
import { iconOf } from '../../web/dom/markup.ts'
import { type Findable, findByName } from '../../web/search.ts'
import { type Html, html } from './html.ts'
import { asOfText } from './map-document.ts'
import { pageDocument, warning } from './page-parts.ts'
import { routeName, type Situation } from './situation.ts'

export const LIGHT_PATH = '/ringan'
const MOST_HOTSPOTS = 4
const MOST_ARRIVALS = 6
const MOST_FOUND = 12
const LONGEST_QUERY = 60

/** The page; `query` is what was searched for, null for no search. */
export function lightPage(situation: Situation, query: string | null, style: string): string {
  const { context, words, language, isSimulated, isFresh, feedTime, now, place } = situation
  const { t, fmt } = words
  const villageName = context.village.village.name
  return pageDocument({
    words,
    language,
    style,
    villageName,
    isSimulated,
    title: t('answers.title'),
    path: LIGHT_PATH,
    main: [
      html('h1', {}, t('place.around', { place: place.name })),
      html(
        'p',
        { class: 'as-of' },
        `${asOfText(situation)} · `,
        html('a', { href: LIGHT_PATH }, t('light.refresh')),
      ),
      isFresh || feedTime === null ? null : warning(t('net.server', { time: fmt.when(feedTime, now) })),
      situation.rows.map((row) =>
        html(
          'section',
          { id: row.key, class: row.isQuiet ? 'answer is-quiet' : 'answer' },
          html(
            'h2',
            {},
            row.mark === null ? iconOf(html, row.icon, 22) : markOf(html, row.mark),
            t(row.title),
            ' ',
            html('a', { class: 'why', href: `/cara-hitung#${row.key}` }, t('why.button')),
          ),
          html('p', { class: 'answer-main' }, row.main),
          row.more.map((line) => html('p', {}, line)),
          row.key === 'wifi'
            ? hotspots(situation)
            : row.key === 'air'
              ? sensitive(situation)
              : board(situation),
        ),
      ),
      placeForm(situation, query),
    ],
  })
}

/** The other hotspots near. */
function hotspots({ input }: Situation): Html | null {
  const others = nearHotspots(input).slice(1, MOST_HOTSPOTS)
  return others.length === 0
    ? null
    : html(
        'ul',
        {},
        others.map((one) => html('li', {}, hotspotLine(input, one))),
      )
}

/** Advice for those whom bad air hurts first; none without a value that holds. */
function sensitive({ rows, words: { t, index } }: Situation): Html | null {
  const row = rows.find(({ key }) => key === 'air')
  if (row === undefined || row.isQuiet || row.mark?.shape !== 'station') return null
  const value = Number(row.mark.text)
  const advice = Number.isFinite(value) ? categoryOf(index, value).advice : null
  return advice === null ? null : html('p', {}, html('strong', {}, `${t('air.sensitive')}: `), t(advice[1]))
}

function board(situation: Situation): Html | null {
  const { arrivals } = situation
  return arrivals === null ? null : arrivalsList(situation, arrivals, 1, MOST_ARRIVALS)
}

/** Arrivals by clock, from the `from`th. */
export function arrivalsList(
  { context, words, now }: Pick<Situation, 'context' | 'words' | 'now'>,
  answer: ArrivalsAnswer,
  from: number,
  most: number,
): Html | null {
  const { t } = words
  const rows = stillToCome(answer, now).arrivals.slice(from, most)
  if (rows.length === 0) return null
  return html(
    'ul',
    {},
    rows.map((arrival) =>
      html(
        'li',
        {},
        arrivalWords(words, arrival, routeName(context, arrival.route), now, 'clock'),
        html('span', { class: 'basis' }, t(BASIS_TEXTS[arrival.basis])),
      ),
    ),
  )
}

function placeForm({ context, words: { t }, input }: Situation, query: string | null): Html {
  const text = query === null ? '' : query.slice(0, LONGEST_QUERY)
  const found = text === '' ? [] : findByName(places(context, input.features), text, MOST_FOUND)
  const link = (href: string, name: string, note: string): Html =>
    html('li', {}, html('a', { href }, name), note === '' ? null : html('span', { class: 'basis' }, note))
  return html(
    'section',
    { id: 'tempat', class: 'find' },
    html('h2', {}, t('place.change')),
    html(
      'form',
      { action: `${LIGHT_PATH}#tempat`, method: 'get' },
      html('label', { for: 'q' }, t('light.find')),
      html('input', {
        id: 'q',
        name: 'q',
        type: 'search',
        maxlength: LONGEST_QUERY,
        value: text,
        autocomplete: 'off',
      }),
      html('button', { type: 'submit' }, t('search.label')),
    ),
    text !== '' && found.length === 0 ? html('p', { role: 'status' }, t('search.none', { q: text })) : null,
    html(
      'ul',
      {},
      found.map(({ target, name, kind }) =>
        link(`${LIGHT_PATH}?place=${encodeURIComponent(target)}`, name, t(`search.kind.${kind}` as const)),
      ),
      link(`${LIGHT_PATH}?place=`, t('place.center', { village: input.villageName }), ''),
    ),
  )
}

function* places(
  context: Situation['context'],
  features: Situation['input']['features'],
): Generator<Findable> {
  for (const { id, properties } of features) {
    if (properties.kind !== 'vehicle')
      yield { target: id, kind: properties.kind, name: properties.name, also: '' }
  }
  for (const { id, name } of context.transit.stops)
    yield { target: `stop:${id}`, kind: 'stop', name, also: '' }
}
