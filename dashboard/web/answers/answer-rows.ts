// The three answers for one place as data (reference/ui 3): what is said, what is drawn beside it, what a press opens. The same
// rules on the server, which sends them first, and in the page, which goes on with them.

import type { ArrivalsAnswer, DeviceFeature } from '../../../contract/api.ts'
import type { TimeMs } from '../../../contract/time.ts'
import { type Category, categoryOf, NO_CATEGORY } from '../air-index.ts'
import { averagingText, indexValueText, whyNoIndex } from '../air-text.ts'
import { byDistance, type Position } from '../by-distance.ts'
import { isHotspot, measuresAir } from '../device-layer.ts'
import type { IconName } from '../dom/icon-paths.ts'
import { type Freshness, freshnessOf, seenAt } from '../freshness.ts'
import type { SpriteSpec } from '../map/sprite-spec.ts'
import type { TextKey } from '../text/id.ts'
import type { Words } from '../text/words.ts'
import { type AirAnswer, airAnswer, type NearStation } from './air-answer.ts'
import {
  type Arrival,
  arrivalWords,
  BASIS_ICONS,
  BASIS_TEXTS,
  type NearStop,
  stillToCome,
  type WaitForm,
  waitWords,
} from './next-bus.ts'
import { NEAR_M, type NearHotspot, wifiAnswer } from './wifi-answer.ts'

export type MarkSpec = Extract<SpriteSpec, { readonly shape: 'hotspot' | 'station' }>

export interface AnswerRow {
  readonly key: 'wifi' | 'air' | 'bus'
  readonly title: TextKey
  readonly mark: MarkSpec | null
  readonly icon: IconName
  readonly main: string
  readonly more: readonly string[]
  /** What a press opens on the map; null for nothing. */
  readonly opens: string | null
  /** True for what is no guide: nothing known, or old. */
  readonly isQuiet: boolean
}

export interface AnswersInput {
  readonly words: Words
  readonly now: TimeMs
  /** The server's last word; null when it was not heard in this visit. */
  readonly feedTime: TimeMs | null
  /** Ages that count up, or the clock for what stands still: a page without script must stay true while it is read. */
  readonly form: WaitForm
  readonly villageName: string
  readonly place: Position
  readonly features: readonly DeviceFeature[]
  /** Null where none is near. */
  readonly stop: NearStop | null
  /** Of that stop; null before they were heard. */
  readonly arrivals: ArrivalsAnswer | null
  readonly routeName: (route: string) => string
}

export function answerRows(input: AnswersInput): readonly AnswerRow[] {
  return [wifiRow(input), airRow(input), busRow(input)]
}

interface Near {
  readonly feature: DeviceFeature
  readonly distanceM: number
  readonly freshness: Freshness
}

/** Those that pass, nearest first. */
function near(
  { features, place, now, feedTime }: AnswersInput,
  isOne: (feature: DeviceFeature) => boolean,
): readonly Near[] {
  return byDistance(features.filter(isOne), place).map(({ feature, distanceM }) => ({
    feature,
    distanceM,
    freshness: freshnessOf(feature, now, feedTime),
  }))
}

/** Hotspots by distance, with their freshness. */
export function nearHotspots(input: AnswersInput): readonly NearHotspot[] {
  return near(input, isHotspot)
}

function wifiRow(input: AnswersInput): AnswerRow {
  const { t, fmt } = input.words
  const base = { key: 'wifi', title: 'wifi.title', icon: 'wifi' } as const
  const { near: counted, up, nearest, alternative } = wifiAnswer(nearHotspots(input))
  if (nearest === null) {
    return { ...base, mark: null, main: t('wifi.empty'), more: [], opens: null, isQuiet: true }
  }
  const isKnown = counted.some(({ freshness }) => freshness === 'live' || freshness === 'late')
  const main =
    counted.length === 0
      ? t('wifi.none', { d: fmt.distance(NEAR_M) })
      : isKnown
        ? t('wifi.near', { up, n: counted.length })
        : t('wifi.nearUnknown')
  const more = [hotspotLine(input, nearest)]
  if (alternative !== null) {
    const { name } = alternative.feature.properties
    more.push(t('wifi.altWalk', { name, min: fmt.walkMinutes(alternative.distanceM) }))
  }
  return {
    ...base,
    mark: {
      shape: 'hotspot',
      state: nearest.feature.properties.state,
      freshness: nearest.freshness,
    },
    main,
    more,
    opens: 'wifi',
    isQuiet: !isKnown,
  }
}

/** `Pos RW 02, 120 m: Aktif, 12 detik yang lalu`; of what is old the clock and no state. */
export function hotspotLine(input: AnswersInput, { feature, distanceM, freshness }: Near): string {
  const { t, fmt } = input.words
  const { name, state } = feature.properties
  const age = ageOf(input, feature)
  const word = t(`state.${freshness === 'unknown' ? 'unknown' : state}` as const)
  return t('wifi.nearest', {
    name,
    d: fmt.distance(distanceM),
    state: freshness === 'stale' || seenAt(feature) === null ? age : `${word}, ${age}`,
  })
}

/** How old what is said of the device is; what is old names the clock (reference/ui 2.2). */
function ageOf({ words: { t, fmt }, now, feedTime, form }: AnswersInput, feature: DeviceFeature): string {
  const seen = seenAt(feature)
  if (seen === null) return t('fresh.never').toLowerCase()
  const freshness = freshnessOf(feature, now, feedTime)
  if (freshness === 'stale') return t('fresh.stale', { time: fmt.when(seen, now) })
  if (form === 'clock' || freshness === 'unknown') return t('at', { time: fmt.when(seen, now) })
  return fmt.relative(Math.min(0, seen - now))
}

function airRow(input: AnswersInput): AnswerRow {
  const { words, villageName } = input
  const { t, fmt, index } = words
  const stations = near(input, measuresAir).map(
    (one): NearStation => ({ ...one, index: one.feature.properties.air?.[index] ?? null }),
  )
  const answer = airAnswer(stations)
  const base = { key: 'air', title: 'air.title', icon: 'air' } as const
  switch (answer.type) {
    case 'none':
      return { ...base, mark: null, main: t('air.none'), more: [], opens: null, isQuiet: true }
    case 'no-value': {
      const { feature, index: made } = answer.station
      return {
        ...base,
        mark: badgeOf(words, NO_CATEGORY, null, false),
        main: whyNoIndex(words, made?.reason),
        more: [`${feature.properties.name}, ${ageOf(input, feature)}`],
        opens: `sensor:${feature.id}`,
        isQuiet: true,
      }
    }
    case 'median':
    case 'station': {
      const category = categoryOf(index, answer.value)
      const source =
        answer.type === 'median'
          ? t('air.median', { n: answer.count, village: villageName })
          : `${answer.station.feature.properties.name}, ${fmt.distance(answer.station.distanceM)}`
      return {
        ...base,
        mark: badgeOf(words, category, answer.value, answer.isOld),
        main: indexValueText(words, answer.value),
        more: [
          adviceLine(words, category, answer.isOld),
          source,
          averagingLine(input, answer, stations),
        ].filter((line) => line !== null),
        opens: answer.type === 'median' ? 'air' : `sensor:${answer.station.feature.id}`,
        isQuiet: answer.isOld,
      }
    }
  }
}

/** Of which hours: of the median the latest. */
function averagingLine(
  { words }: AnswersInput,
  answer: Extract<AirAnswer, { type: 'median' | 'station' }>,
  stations: readonly NearStation[],
): string | null {
  const made =
    answer.type === 'station'
      ? answer.station.index
      : stations
          .flatMap(({ index }) => (index?.value == null ? [] : [index]))
          .reduce<NearStation['index']>((a, b) => (a !== null && a.time > b.time ? a : b), null)
  return made === null ? null : averagingText(words, made)
}

function adviceLine({ t }: Words, { advice }: Category, isOld: boolean): string | null {
  if (isOld) return t('air.old')
  return advice === null ? null : t(advice[0])
}

function badgeOf({ fmt }: Words, category: Category, value: number | null, isOld: boolean): MarkSpec {
  return {
    shape: 'station',
    text: value === null ? '?' : fmt.whole(value),
    category: category.key,
    freshness: value === null ? 'unknown' : isOld ? 'stale' : 'live',
  }
}

function busRow(input: AnswersInput): AnswerRow {
  const { words, stop, arrivals: answer, now, form, feedTime } = input
  const { t, fmt } = words
  const base = { key: 'bus', title: 'bus.title', mark: null } as const
  if (stop === null) {
    return { ...base, icon: 'bus', main: t('bus.nostop'), more: [], opens: null, isQuiet: true }
  }
  const stopText = t('bus.stop', { name: stop.stop.name, min: fmt.walkMinutes(stop.distanceM) })
  const opens = `stop:${stop.stop.id}`
  const quiet = (main: string, more: readonly string[]): AnswerRow => ({
    ...base,
    icon: 'bus',
    main,
    more,
    opens,
    isQuiet: true,
  })
  if (answer === null) return quiet(t('loading'), [stopText])
  const { arrivals, isOld: isAgo } = stillToCome(answer, now)
  const isOld = isAgo || feedTime === null
  // An old prediction counts no minutes down.
  const shownForm = isOld ? 'clock' : form
  const [next, ...later] = arrivals
  const asked = fmt.when(Date.parse(answer.time), now)
  /** A page that stands still says of when it is, where the answer names no time itself. */
  const dated = (line: string): string =>
    form === 'clock' ? `${line} · ${t('answers.asOf', { time: asked })}` : line
  if (next === undefined) {
    return isOld
      ? quiet(t('fresh.stale', { time: asked }), [stopText])
      : quiet(t('bus.none'), [dated(stopText)])
  }
  const basisLine = `${basisWord(input, next, isOld)} · ${stopText}`
  return {
    ...base,
    icon: BASIS_ICONS[next.basis],
    main: arrivalWords(words, next, input.routeName(next.route), now, shownForm),
    more: [
      next.basis === 'headway' ? dated(basisLine) : basisLine,
      followingLine({ ...input, form: shownForm }, later),
    ].filter((line) => line !== ''),
    opens,
    isQuiet: isOld && next.basis === 'live',
  }
}

/** By what it is known; an old prediction is not called live (product R4). */
function basisWord(
  { words: { t, fmt }, arrivals, now }: AnswersInput,
  { basis }: Arrival,
  isOld: boolean,
): string {
  if (!isOld || basis !== 'live' || arrivals === null) return t(BASIS_TEXTS[basis])
  return t('fresh.stale', { time: fmt.when(Date.parse(arrivals.time), now) })
}

function followingLine({ words, routeName, now, form }: AnswersInput, later: readonly Arrival[]): string {
  const following = later
    .slice(0, 2)
    .map((arrival) => `${routeName(arrival.route)} ${waitWords(words, arrival, now, form)}`)
  return following.length === 0 ? '' : words.t('bus.then', { list: words.fmt.list(following) })
}
