// The three answers for one place, in words, before any map is read (reference/ui 3).

import { ageText } from '../../age-text.ts'
import { type Category, categoryOf, indexName, indexOf, NO_CATEGORY } from '../../air-index.ts'
import { airAnswer, type NearStation } from '../../answers/air-answer.ts'
import { arrivalSentence, nearestStop, routeLabel, waitText } from '../../answers/bus-answer.ts'
import { isWorking, NEAR_M, type NearHotspot, wifiAnswer } from '../../answers/wifi-answer.ts'
import { h } from '../../dom/h.ts'
import { type IconName, icon } from '../../dom/icons.ts'
import { fmt } from '../../format.ts'
import { noIndexText } from '../../layers/air.ts'
import { type LayerId, layerOf } from '../../layers/index.ts'
import { shownState, stateWord } from '../../layers/wifi.ts'
import type { SpriteSpec } from '../../map/sprite-spec.ts'
import { byDistance } from '../../places.ts'
import { type TextKey, t } from '../../text/texts.ts'
import { stops } from '../../transit-plan.ts'
import { freshness, type MapState } from './map-state.ts'

interface Row {
  readonly key: 'wifi' | 'air' | 'bus'
  readonly title: TextKey
  readonly sprite: SpriteSpec | null
  readonly icon: IconName
  readonly main: string
  readonly more: readonly (string | null)[]
  /** What a press opens; null for nothing. */
  readonly opens: string | null
  readonly isQuiet: boolean
}

/** The rows; before the first data they say that they wait. */
export function answersView(state: MapState) {
  const hasData = state.store.feedTime !== null
  return hasData
    ? [wifiRow(state), airRow(state), busRow(state)].map((row) => rowView(state, row))
    : waitingRows()
}

function waitingRows() {
  return (['wifi', 'air', 'bus'] as const).map((key) =>
    h(
      'div',
      { class: 'answer is-waiting', 'data-key': key },
      h('span', { class: 'answer-mark' }, icon(key, 24)),
      h(
        'span',
        { class: 'answer-text' },
        h('span', { class: 'answer-title' }, t(`${key}.title` as const)),
        h('span', { class: 'answer-main' }, t('fresh.waiting')),
      ),
    ),
  )
}

function rowView(state: MapState, row: Row) {
  const inside = [
    h(
      'span',
      { class: 'answer-mark' },
      row.sprite === null
        ? icon(row.icon, 24)
        : h('img', {
            src: state.sprites.image(row.sprite),
            alt: '',
            width: sizeOf(row.sprite),
            height: sizeOf(row.sprite),
          }),
    ),
    h(
      'span',
      { class: 'answer-text' },
      h('span', { class: 'answer-title' }, t(row.title)),
      h('span', { class: 'answer-main' }, row.main),
      row.more
        .filter((line) => line !== null && line !== '')
        .map((line) => h('span', { class: 'answer-more' }, line)),
    ),
  ]
  const className = row.isQuiet ? 'answer is-quiet' : 'answer'
  return row.opens === null
    ? h('div', { class: className, 'data-key': row.key }, inside)
    : h(
        'button',
        {
          type: 'button',
          class: className,
          'data-key': row.key,
          'data-act': 'answer',
          'data-arg': row.opens,
        },
        inside,
        icon('right', 18),
      )
}

function sizeOf(spec: SpriteSpec): number {
  return spec.shape === 'station' ? 42 : 34
}

function wifiRow(state: MapState): Row {
  const hotspots = ofLayer(state, 'wifi').map(
    ({ feature, distanceM }): NearHotspot => ({ feature, distanceM, freshness: freshness(state, feature) }),
  )
  const { near, up, nearest, alternative } = wifiAnswer(hotspots)
  const base = { key: 'wifi', title: 'wifi.title', icon: 'wifi' } as const
  if (nearest === null) {
    return { ...base, sprite: null, main: t('wifi.empty'), more: [], opens: null, isQuiet: true }
  }
  const { feature, distanceM } = nearest
  const word = stateWord(shownState(feature, nearest.freshness))
  const other =
    alternative === null
      ? null
      : t('wifi.altWalk', {
          name: alternative.feature.properties.name,
          min: fmt().walkMinutes(alternative.distanceM),
        })
  return {
    ...base,
    sprite: { shape: 'hotspot', state: feature.properties.state, freshness: nearest.freshness },
    main:
      near.length === 0
        ? t('wifi.none', { d: fmt().distance(NEAR_M) })
        : t('wifi.near', { up, n: near.length }),
    more: [
      `${t('wifi.nearest', { name: feature.properties.name, d: fmt().distance(distanceM), state: word })}, ${ageText(feature, state.now())}`,
      other,
    ],
    opens: 'wifi',
    isQuiet: !isWorking(nearest) && nearest.freshness === 'stale',
  }
}

function airRow(state: MapState): Row {
  const stations = ofLayer(state, 'air').map(
    ({ feature, distanceM }): NearStation => ({
      feature,
      distanceM,
      index: indexOf(feature),
      freshness: freshness(state, feature),
    }),
  )
  const answer = airAnswer(stations)
  const base = { key: 'air', title: 'air.title', icon: 'air' } as const
  const index = t(`air.${indexName()}` as const)
  switch (answer.type) {
    case 'none':
      return { ...base, sprite: null, main: t('air.none'), more: [], opens: null, isQuiet: true }
    case 'no-value': {
      const { feature } = answer.station
      const more = [feature.properties.name]
      const main = noIndexText(answer.station.index?.reason)
      return {
        ...base,
        sprite: badge(NO_CATEGORY, null),
        main,
        more,
        opens: `sensor:${feature.id}`,
        isQuiet: true,
      }
    }
    case 'median': {
      const category = categoryOf(indexName(), answer.value)
      const main = t('air.index', { index, n: fmt().whole(answer.value), category: t(category.name) })
      const source = t('air.median', { n: answer.count, village: state.village.name })
      const more = [adviceLine(category, answer.isOld), source]
      return {
        ...base,
        sprite: badge(category, answer.value, answer.isOld),
        main,
        more,
        opens: 'air',
        isQuiet: answer.isOld,
      }
    }
    case 'station': {
      const category = categoryOf(indexName(), answer.value)
      const { feature, distanceM, index: made } = answer.station
      return {
        ...base,
        sprite: badge(category, answer.value, answer.isOld),
        main: t('air.index', { index, n: fmt().whole(answer.value), category: t(category.name) }),
        more: [
          adviceLine(category, answer.isOld),
          `${feature.properties.name}, ${fmt().distance(distanceM)}`,
          made === null ? null : averageText(Date.parse(made.time)),
        ],
        opens: `sensor:${feature.id}`,
        isQuiet: answer.isOld,
      }
    }
  }
}

/** `Rata-rata 24 jam s.d. 14.00 WIB`: an index is not of this moment, and says of which. */
export function averageText(time: number): string {
  return indexName() === 'ispu'
    ? t('air.avg', { h: 24, time: fmt().clock(time) })
    : t('air.hour', { time: fmt().clock(time) })
}

function adviceLine({ advice }: Category, isOld: boolean): string | null {
  if (isOld) return t('air.old')
  return advice === null ? null : t(advice[0])
}

function badge(category: Category, value: number | null, isOld = false): SpriteSpec {
  return {
    shape: 'station',
    text: value === null ? '?' : fmt().whole(value),
    category: category.key,
    freshness: value === null ? 'unknown' : isOld ? 'stale' : 'live',
  }
}

function busRow(state: MapState): Row {
  const base = { key: 'bus', title: 'bus.title', sprite: null } as const
  const near = nearestStop(stops.values(), state.place)
  if (near === null)
    return { ...base, icon: 'bus', main: t('bus.nostop'), more: [], opens: null, isQuiet: true }
  const { answer } = state.arrivals.of(near.stop.id)
  const stopText = t('bus.stop', { name: near.stop.name, min: fmt().walkMinutes(near.distanceM) })
  const opens = `stop:${near.stop.id}`
  if (answer === null)
    return { ...base, icon: 'bus', main: t('loading'), more: [stopText], opens, isQuiet: true }
  const now = state.now()
  const [next, ...later] = answer.arrivals
  if (next === undefined)
    return { ...base, icon: 'bus', main: t('bus.none'), more: [stopText], opens, isQuiet: true }
  const following = later
    .slice(0, 2)
    .map((arrival) => `${routeLabel(arrival.route)} ${waitText(arrival, now).toLowerCase()}`)
  return {
    ...base,
    icon: BASIS_ICONS[next.basis],
    main: arrivalSentence(next, now),
    more: [
      `${t(BASIS_TEXTS[next.basis])} · ${stopText}`,
      following.length === 0 ? null : t('bus.then', { list: fmt().list(following) }),
    ],
    opens,
    isQuiet: false,
  }
}

export const BASIS_ICONS = { live: 'live', schedule: 'clock', headway: 'repeat' } as const
export const BASIS_TEXTS = { live: 'bus.live', schedule: 'bus.schedule', headway: 'bus.headwayWord' } as const

function ofLayer(state: MapState, layer: LayerId) {
  const features = [...state.store.devices.values()].filter((feature) => layerOf(feature)?.id === layer)
  return byDistance(features, state.place)
}
