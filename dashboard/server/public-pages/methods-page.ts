// `/cara-hitung`: how each public number comes to be, with the numbers of the rules themselves: nothing here is written by hand that a
// rule could change.

import { SECOND } from '../../../contract/time.ts'
import { ISPU_CATEGORIES, ISPU_CONCENTRATIONS, ISPU_POLLUTANTS } from '../../../domain/air/ispu.ts'
import { STANDARD_SOURCES } from '../../../domain/air/limits.ts'
import { NEEDED_SHARE } from '../../../domain/air/means.ts'
import { PATIENCE, POOR_REPORTS } from '../../../domain/connectivity/device-state.ts'
import { FUNCTION_NAMES } from '../../../domain/functions.ts'
import { QUALITY_RULE_NAMES, QUALITY_RULES } from '../../../domain/quality/rules.ts'
import { STALE_MS } from '../../../domain/transit/punctuality.ts'
import { CATEGORIES } from '../../web/air-index.ts'
import { FRESHNESS_RULE } from '../../web/freshness.ts'
import { type Html, html } from './html.ts'
import { pageDocument } from './page-parts.ts'
import { pageText } from './page-texts.ts'
import type { Situation } from './situation.ts'

export function methodsPage(situation: Situation, style: string): string {
  const { context, words, language, isSimulated } = situation
  const say = (key: Parameters<typeof pageText>[1], fill: Record<string, string> = {}): string =>
    pageText(language, key, fill)
  const seconds = (ms: number): string => words.fmt.whole(ms / SECOND)
  const title = words.t('methods.title')
  const { live, late } = FRESHNESS_RULE
  return pageDocument({
    words,
    language,
    style,
    villageName: context.village.village.name,
    isSimulated,
    title,
    path: '/cara-hitung',
    main: [
      html('h1', {}, title),
      html('p', {}, say('methods.lead')),
      part('wifi', say('methods.wifi'), [
        say('methods.silence', { n: String(PATIENCE.missed), s: seconds(PATIENCE.graceMs) }),
        say('methods.degraded', { n: String(POOR_REPORTS) }),
        say('methods.unknown'),
        say('methods.availability'),
      ]),
      part('coverage', say('methods.coverage'), [say('methods.coverageText')]),
      part(
        'air',
        say('methods.air'),
        [say('methods.complete', { pct: words.fmt.percent(NEEDED_SHARE) }), say('methods.ispu')],
        ispuTable(situation),
        html(
          'p',
          { class: 'note' },
          say('methods.limits'),
          ' ',
          // Sources are named in English, whatever the page's language.
          html('span', { lang: 'en' }, Object.values(STANDARD_SOURCES).join('; ')),
          '.',
        ),
      ),
      part(
        'quality',
        say('methods.quality'),
        [say('methods.qualityText')],
        html(
          'ul',
          {},
          QUALITY_RULE_NAMES.map((name) =>
            html(
              'li',
              {},
              html('code', {}, name),
              ': ',
              html('span', { lang: 'en' }, QUALITY_RULES[name].source),
            ),
          ),
        ),
      ),
      part('bus', say('methods.bus'), [
        say('methods.live', { s: seconds(STALE_MS) }),
        say('methods.headway'),
      ]),
      part('age', say('methods.fresh'), [
        say('methods.freshText', {
          a: String(live.intervals),
          b: seconds(live.leastMs),
          c: String(late.intervals),
          d: seconds(late.leastMs),
        }),
      ]),
      part(
        'rules',
        say('methods.rules'),
        [say('methods.rulesText')],
        html(
          'p',
          {},
          FUNCTION_NAMES.map((name, at) => [at === 0 ? '' : ' ', html('code', {}, name)]),
        ),
      ),
    ],
  })
}

function part(id: string, title: string, lines: readonly string[], ...more: readonly Html[]): Html {
  return html(
    'section',
    { class: 'part', id },
    html('h2', {}, title),
    lines.map((line) => html('p', {}, line)),
    more,
  )
}

/** The 24 h mean at the upper end of each category but the last. */
function ispuTable({ words, language }: Situation): Html {
  const { t, fmt } = words
  const categories = ISPU_CATEGORIES.slice(0, -1)
  return html(
    'div',
    { class: 'wide', tabindex: 0, role: 'region', 'aria-label': t('air.ispu') },
    html(
      'table',
      { class: 'facts' },
      html(
        'thead',
        {},
        html(
          'tr',
          {},
          html('th', { scope: 'col' }, `${pageText(language, 'methods.pollutant')}, µg/m³`),
          CATEGORIES.ispu
            .slice(0, categories.length)
            .map(({ name }) => html('th', { scope: 'col', class: 'number' }, t(name))),
        ),
      ),
      html(
        'tbody',
        {},
        ISPU_POLLUTANTS.map((pollutant) =>
          html(
            'tr',
            {},
            html('th', { scope: 'row' }, t(`metric.${pollutant}` as Parameters<typeof t>[0])),
            categories.map((_, place) =>
              html('td', { class: 'number' }, fmt.number(ISPU_CONCENTRATIONS[pollutant][place] ?? 0)),
            ),
          ),
        ),
      ),
    ),
  )
}
