// `/kiosk`: for a screen that hangs on a wall, read from some metres away and touched by nobody: the village around a place, or the
// arrivals of a stop. `/embed`: the same answers as a card in another site's page. A small script asks anew and says when it cannot.

import { answersMarkup } from '../../web/answers/answer-view.ts'
import {
  BASIS_TEXTS,
  clockSpan,
  expectedAt,
  type Stop,
  stillToCome,
  waitWords,
} from '../../web/answers/next-bus.ts'
import type { Piece } from '../../web/dom/markup.ts'
import { type Html, html } from './html.ts'
import { asOfText } from './map-document.ts'
import { pageDocument, warning } from './page-parts.ts'
import { pageText } from './page-texts.ts'
import { arrivalsOf, routeName, type Situation } from './situation.ts'

const MOST_ARRIVALS = 7

export interface ScreenBuild {
  readonly style: string
  /** Path of the script that asks anew; null in a build without it. */
  readonly script: string | null
}

/** The village as it is around the place. */
export function kioskPage(situation: Situation, build: ScreenBuild): string {
  const { words, place } = situation
  return screen(
    situation,
    build,
    'kiosk',
    pageText(situation.language, 'kiosk.title', { village: name(situation) }),
    [
      html('h1', {}, words.t('place.around', { place: place.name })),
      html('div', { class: 'answers' }, answersMarkup(html, words, still(situation))),
    ],
  )
}

/** What comes to a stop. */
export function stopKioskPage(situation: Situation, stop: Stop, build: ScreenBuild): string {
  const title = pageText(situation.language, 'kiosk.stop', { name: stop.name })
  return screen(situation, build, 'kiosk', title, [html('h1', {}, title), board(situation, stop)])
}

/** The answers in a frame of another page. */
export function embedPage(situation: Situation, build: ScreenBuild): string {
  const { words, language, place } = situation
  return screen(situation, build, 'embed', words.t('answers.title'), [
    html('h1', {}, words.t('place.around', { place: place.name })),
    html('div', { class: 'answers' }, answersMarkup(html, words, still(situation))),
    html(
      'p',
      {},
      html('a', { href: '/', target: '_blank', rel: 'noopener' }, pageText(language, 'embed.open')),
    ),
  ])
}

/** Rows that lead nowhere: a screen is not pressed, and a card has its own link. */
function still({ rows }: Situation): Situation['rows'] {
  return rows.map((row) => ({ ...row, opens: null }))
}

function name({ context }: Situation): string {
  return context.village.village.name
}

function screen(
  situation: Situation,
  { style, script }: ScreenBuild,
  className: string,
  title: string,
  inside: Piece<Html>,
): string {
  const { words, language, isSimulated, isFresh, feedTime, now } = situation
  const time = feedTime === null ? '' : words.fmt.when(feedTime, now)
  return pageDocument({
    words,
    language,
    style,
    villageName: name(situation),
    isSimulated,
    title,
    path: null,
    className,
    isBare: true,
    head: script === null ? null : html('script', { type: 'module', src: script }),
    main: [
      inside,
      html(
        'p',
        { class: 'as-of' },
        `${asOfText(situation)} · `,
        html('a', { href: '/cara-hitung', target: '_blank', rel: 'noopener' }, words.t('methods.title')),
      ),
      isFresh || feedTime === null ? null : warning(words.t('net.server', { time })),
      html(
        'p',
        { class: 'warning', id: 'cut', role: 'status', hidden: true },
        pageText(language, 'kiosk.cut', { time }),
      ),
    ],
  })
}

function board(situation: Situation, stop: Stop): Html {
  const { context, words, now } = situation
  const { t } = words
  const { arrivals } = stillToCome(arrivalsOf(context, stop), now)
  if (arrivals.length === 0) return html('p', { class: 'answer-main' }, t('bus.none'))
  return html(
    'table',
    { class: 'board' },
    html('caption', { class: 'sr-only' }, t('bus.arrivals')),
    html(
      'tbody',
      {},
      arrivals.slice(0, MOST_ARRIVALS).map((arrival) => {
        const time = expectedAt(arrival)
        return html(
          'tr',
          {},
          html('th', { scope: 'row' }, routeName(context, arrival.route)),
          html('td', {}, arrival.headsign, html('span', { class: 'basis' }, t(BASIS_TEXTS[arrival.basis]))),
          html(
            'td',
            { class: 'when' },
            waitWords(words, arrival, now, 'minutes'),
            time === null ? null : html('span', { class: 'basis' }, clockSpan(words, arrival, time)),
          ),
        )
      }),
    ),
  )
}
