// The map's page with the three answers in it: the built HTML, its marked spots filled for the one who asks, so that the answers are
// read before any script runs, or without one.

import { answersMarkup } from '../../web/answers/answer-view.ts'
import { iconOf } from '../../web/dom/markup.ts'
import { START_DATA, type StartData } from '../../web/start-data.ts'
import { en } from '../../web/text/en.ts'
import { id, type TextKey } from '../../web/text/id.ts'
import type { Words } from '../../web/text/words.ts'
import { villageAnswer } from '../routes/village.ts'
import { escapeHtml, Html, html, jsonInScript, textOf } from './html.ts'
import { languageLinks, pageLinks, simulationMark } from './page-parts.ts'
import { routeName, type Situation } from './situation.ts'

type Fill = Readonly<Record<string, string>>

/** A page with spots to fill: `<!-- slot: NAME -->…<!-- /slot -->`; a spot that nothing is given for stays as built. */
export interface Template {
  fill(spots: Fill): string
}

const SLOT = /<!-- slot: ([a-z]+) -->([\s\S]*?)<!-- \/slot -->/g

/** The built page in a language: what is marked `data-t` and `data-t-label` is said in it. */
export function readTemplate(page: string, language: 'id' | 'en'): Template {
  const texts = language === 'en' ? en : id
  const say = (key: string, otherwise: string): string => {
    const text = Object.hasOwn(texts, key) ? texts[key as TextKey] : otherwise // looked up on the line itself
    return escapeHtml(typeof text === 'string' ? text : text.other)
  }
  const spoken = page
    .replace('<html lang="id">', `<html lang="${language}">`)
    .replace(
      /(data-t="([\w.-]+)"[^>]*>)([^<]*)/g,
      (_, open: string, key: string, text: string) => open + say(key, text),
    )
    .replace(
      /(data-t-label="([\w.-]+)"[^>]*? aria-label=")([^"]*)/g,
      (_, open: string, key: string, text: string) => open + say(key, text),
    )
  const parts = spoken.split(SLOT)
  return {
    fill: (spots) =>
      parts
        // Plain text, then the name of a slot, then what it was built with, and so on.
        .map((part, index) =>
          index % 3 === 1 ? '' : index % 3 === 2 ? (spots[parts[index - 1] ?? ''] ?? part) : part,
        )
        .join(''),
  }
}

/** The spots of the map's page as things stand for this visitor. */
export function mapSpots(situation: Situation): Fill {
  const { words, place } = situation
  const { t } = words
  const name = t('app.title', { village: situation.context.village.village.name })
  return {
    title: escapeHtml(name),
    header: textOf(header(situation, name)),
    banner: textOf(banner(situation)),
    place: textOf([
      html(
        'p',
        { class: 'place-name' },
        iconOf(html, 'place', 18),
        html('span', {}, t('place.around', { place: place.name })),
      ),
      html(
        'a',
        { class: 'button small', href: '/ringan#tempat', 'aria-label': t('place.change') },
        t('place.short'),
      ),
    ]),
    fresh: textOf(html('p', { class: 'fresh-line' }, asOfText(situation))),
    answers: textOf(answersMarkup(html, words, situation.rows)),
    noscript: textOf(
      html(
        'p',
        { class: 'notice' },
        t('light.noscript'),
        ' ',
        html('a', { href: '/ringan' }, t('light.title')),
      ),
    ),
    start: `<script type="application/json" id="${START_DATA}">${jsonInScript(startData(situation)).text}</script>`,
  }
}

/** `Data pukul 15.05 WIB`: of what time everything on the page is. */
export function asOfText({ words: { t, fmt }, feedTime, now }: Situation): string {
  return feedTime === null ? t('fresh.waiting') : t('answers.asOf', { time: fmt.when(feedTime, now) })
}

function banner({ words: { t, fmt }, isFresh, feedTime, now }: Situation): Html {
  if (isFresh || feedTime === null) return new Html('')
  const text = t('net.server', { time: fmt.when(feedTime, now) })
  return html('p', { class: 'banner' }, iconOf(html, 'warn', 18), text)
}

function header(situation: Situation, name: string): readonly Html[] {
  const { words, isSimulated } = situation
  return [
    html(
      'div',
      { class: 'brand-block' },
      html(
        'a',
        { class: 'brand', href: '/' },
        html('img', { src: '/favicon.svg', alt: '', width: 24, height: 24 }),
        name,
      ),
      html('span', { class: 'brand-notes' }, isSimulated ? simulationMark(words) : null),
    ),
    html('span', { class: 'spacer' }),
    languageLinks(words, situation.language, '/'),
    menu(words),
  ]
}

function menu(words: Words): Html {
  return html(
    'details',
    { class: 'menu' },
    html('summary', { class: 'icon-button', 'aria-label': words.t('nav.menu') }, iconOf(html, 'menu')),
    html(
      'div',
      { class: 'menu-panel' },
      html(
        'nav',
        { class: 'menu-nav', 'aria-label': words.t('nav.menu') },
        pageLinks(words).map(({ href, text }) => html('a', { class: 'nav-link', href }, text)),
      ),
    ),
  )
}

function startData({ context, language, place, stop, arrivals }: Situation): StartData {
  const named = [...new Set(arrivals?.arrivals.map(({ route }) => route) ?? [])]
  return {
    language,
    village: villageAnswer(context, 'public'),
    place,
    stop,
    arrivals,
    routes: Object.fromEntries(named.map((route) => [route, routeName(context, route)])),
  }
}
