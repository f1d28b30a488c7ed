// The air of a station: index with category and advice, what the index is made of, and why there is none where there is none.

import type { DeviceFeature, IndexAnswer } from '../../../contract/api.ts'
import { unitOf } from '../../../contract/metrics.ts'
import { categoryOf, indexName, indexOf } from '../air-index.ts'
import { h } from '../dom/h.ts'
import { fmt } from '../format.ts'
import type { Freshness } from '../freshness.ts'
import { noIndexText } from '../layers/air.ts'
import type { Sprites } from '../map/sprites.ts'
import { metricName } from '../metric-text.ts'
import { t, tOr } from '../text/texts.ts'
import { readingsButton, whyButton } from './explanation.ts'

/** Null for a device that measures no air. */
export function airSection(
  feature: DeviceFeature,
  freshness: Freshness,
  sprites: Sprites,
  isAdvised: boolean,
) {
  const index = indexOf(feature)
  if (index === null) return null
  return h(
    'section',
    { class: 'air' },
    index.value === null
      ? h('p', { class: 'notice' }, noIndexText(index.reason))
      : indexHead(index, index.value, freshness, sprites),
    h(
      'p',
      { class: 'air-why' },
      whyButton({ device: feature.id, value: indexName() }),
      ' ',
      readingsButton({ device: feature.id, value: indexName() }),
    ),
    isAdvised && index.value !== null ? advice(index.value, freshness) : null,
    partsTable(feature.id, index),
  )
}

function indexHead(index: IndexAnswer, value: number, freshness: Freshness, sprites: Sprites) {
  const category = categoryOf(indexName(), value)
  const text = fmt().whole(value)
  const sprite = { shape: 'station', text, category: category.key, freshness } as const
  return h(
    'div',
    { class: 'air-head' },
    h('img', { src: sprites.image(sprite), alt: '', width: 56, height: 56 }),
    h(
      'div',
      {},
      h(
        'p',
        { class: 'air-value' },
        t('air.index', { index: t(`air.${indexName()}` as const), n: text, category: t(category.name) }),
      ),
      index.dominant === null ? null : h('p', {}, t('air.dominant', { p: metricName(index.dominant) })),
      h(
        'p',
        { class: 'hint' },
        indexName() === 'ispu'
          ? t('air.avg', { h: 24, time: fmt().clock(Date.parse(index.time)) })
          : t('air.hour', { time: fmt().clock(Date.parse(index.time)) }),
        ` · ${t('detail.completeness', { pct: fmt().percent(index.completeness) })}`,
      ),
    ),
  )
}

function advice(value: number, freshness: Freshness) {
  const { advice: texts } = categoryOf(indexName(), value)
  if (freshness === 'stale') return h('p', { class: 'notice' }, t('air.old'))
  if (texts === null) return null
  return h(
    'section',
    { class: 'advice' },
    h('h3', {}, t('air.whatdo')),
    h(
      'dl',
      {},
      h('dt', {}, t('air.everyone')),
      h('dd', {}, t(texts[0])),
      h('dt', {}, t('air.sensitive')),
      h('dd', {}, t(texts[1])),
    ),
  )
}

function partsTable(device: string, index: IndexAnswer) {
  if (index.parts.length === 0) return null
  const head = ['air.pollutant', 'air.concentration', 'air.averaging', 'air.subindex'] as const
  return h(
    'section',
    {},
    h('h3', {}, t('air.parts'), ' ', whyButton({ device, value: indexName() }, 'sign')),
    h(
      'div',
      { class: 'table-box' },
      h(
        'table',
        { class: 'parts' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            head.map((key, place) =>
              h('th', { scope: 'col', class: place % 2 === 1 ? 'number' : null }, t(key)),
            ),
          ),
        ),
        h(
          'tbody',
          {},
          index.parts.map((part) => {
            const isDominant = part.metric === index.dominant
            return h(
              'tr',
              { class: isDominant ? 'is-dominant' : null },
              h(
                'th',
                { scope: 'row' },
                metricName(part.metric),
                isDominant ? h('span', { class: 'mark' }, t('air.dominantMark')) : null,
              ),
              h(
                'td',
                { class: 'number' },
                part.concentration === null
                  ? t('state.unknown')
                  : fmt().value(part.concentration, part.unit || unitOf('sensor', part.metric)),
              ),
              h('td', {}, tOr(`air.averaging.${part.averaging}`, part.averaging)),
              h('td', { class: 'number' }, part.value === null ? '–' : fmt().whole(part.value)),
            )
          }),
        ),
      ),
    ),
  )
}
