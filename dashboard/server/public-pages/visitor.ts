// Whom a page is written for: the language of the reader and the place that was picked, out of the address, the cookies and what the
// browser says. A place is the id of something public, never a coordinate.

import type { FastifyRequest } from 'fastify'
import type { DeviceFeature } from '../../../contract/api.ts'
import type { IndexName } from '../../web/air-index.ts'
import { positionOf } from '../../web/by-distance.ts'
import { createFormats, type Language } from '../../web/format.ts'
import type { StartPlace } from '../../web/start-data.ts'
import { en } from '../../web/text/en.ts'
import { id } from '../../web/text/id.ts'
import { createWords, type Words } from '../../web/text/words.ts'
import type { Context } from '../context.ts'
import { readCookie } from '../cookies.ts'
import { featureOnce } from '../public-view.ts'
import { isShown } from '../shown-devices.ts'

export const LANGUAGE_COOKIE = 'pantau_lang'
export const PLACE_COOKIE = 'pantau_place'

type Asked = Pick<FastifyRequest, 'headers' | 'url'>

export function queryOf({ url }: Pick<FastifyRequest, 'url'>): URLSearchParams {
  const at = url.indexOf('?')
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1))
}

/** By `?lang=`, else as chosen before, else as the browser prefers, else the village's own. */
export function languageOf(request: Asked, languages: readonly string[]): Language {
  return (
    asLanguage(queryOf(request).get('lang')) ??
    asLanguage(readCookie(request.headers.cookie, LANGUAGE_COOKIE)) ??
    acceptedLanguage(request.headers['accept-language']) ??
    asLanguage(languages[0] ?? null) ??
    'id'
  )
}

function asLanguage(text: string | null): Language | null {
  return text === 'id' || text === 'en' ? text : null
}

/** The one of ours that `Accept-Language` weighs most (RFC 9110 section 12.5.4); null when it names none of them. */
export function acceptedLanguage(header: string | undefined): Language | null {
  let best: { language: Language; weight: number } | null = null
  for (const part of (header ?? '').split(',')) {
    const [tag = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const main = tag.split('-')[0] ?? ''
    // `in` is how old Java and Android name Indonesian.
    const language = asLanguage(main === 'in' ? 'id' : main)
    const quality = parameters.find((text) => text.startsWith('q='))
    const weight = quality === undefined ? 1 : Number(quality.slice(2))
    if (language !== null && weight > 0 && (best === null || weight > best.weight))
      best = { language, weight }
  }
  return best?.language ?? null
}

export function wordsOf(context: Context, language: Language): Words {
  const { timezone, standards } = context.village.village
  const air = standards.air
  const index: IndexName = air === 'us-aqi' || air === 'eaqi' ? air : 'ispu'
  return createWords(language === 'en' ? en : id, createFormats(language, timezone), index)
}

/** What everybody may see of the devices, in order of id. */
export function publicFeatures(context: Context): readonly DeviceFeature[] {
  return context.mirror
    .devices()
    .filter((device) => isShown(context, device, 'public'))
    .map((device) => featureOnce(device, 'public'))
}

/** The place of `?place=`, else of the cookie, else the village's centre. */
export function placeOf(context: Context, words: Words, request: Asked): StartPlace {
  const asked = queryOf(request).get('place') ?? decoded(readCookie(request.headers.cookie, PLACE_COOKIE))
  const { village } = context.village
  const center: StartPlace = {
    type: 'center',
    id: null,
    name: words.t('place.center', { village: village.name }),
    ...village.center,
  }
  return (asked === null ? null : placeOfId(context, asked)) ?? center
}

/** A stop (`stop:ID`) or a device that stands still, by its id; null when there is none. */
export function placeOfId(context: Context, id: string): StartPlace | null {
  if (id.startsWith('stop:')) {
    const stop = context.transit.stops.find((one) => one.id === id.slice(5))
    return stop === undefined ? null : { type: 'picked', id, name: stop.name, ...stop.position }
  }
  const device = context.mirror.device(id)
  if (device === undefined || device.kind === 'vehicle' || !isShown(context, device, 'public')) return null
  const position = positionOf(featureOnce(device, 'public'))
  return position === null ? null : { type: 'picked', id, name: device.name, ...position }
}

/** A cookie that was tampered with is as good as none. */
function decoded(text: string | null): string | null {
  if (text === null || text === '') return null
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
