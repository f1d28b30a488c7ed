// Pantau's own JSON (contract section 3). Checked by hand rather than by a schema, since this is the hot path: parsing the JSON
// is most of its work, and every refusal has its own words.

import { METRIC_NAME, METRIC_NAME_RULE } from '../../contract/metrics.ts'
import {
  type Observation,
  OCCUPANCY,
  type Occupancy,
  type Position,
  type Quarantined,
  type QuarantineReason,
} from '../../contract/observation.ts'
import { formatTime, parseTime, type TimeMs } from '../../contract/time.ts'
import type { Decoded, DecodeLimits, Decoder, Message } from './decoder.ts'
import { NOTHING } from './decoder.ts'

export const pantau: Decoder = {
  name: 'pantau',
  accepts: () => true,
  decode(message, limits) {
    if (message.payload.length > limits.maxPayloadBytes) {
      const detail = `the payload has ${message.payload.length} bytes; PANTAU_LIMIT_PAYLOAD is ${limits.maxPayloadBytes}`
      return refused(message, { ok: false, reason: 'too_large', detail })
    }
    switch (message.parsed.channel) {
      case 'reading':
        return decodeReading(message, limits)
      case 'status':
        return decodeStatus(message)
      case 'event':
        return decodeEvent(message, limits)
      case 'config':
      case 'command':
      case 'reply':
        // Channels to the device: the broker lets nobody publish on them.
        return NOTHING
    }
  },
}

const MAX_DEPTH = 16
const MAX_BATCH = 1_000
const MAX_VALUES = 64
const MAX_ID_LETTERS = 128
/** What quarantine keeps of a payload. */
const KEPT_BYTES = 4_096

interface Refusal {
  readonly ok: false
  readonly reason: QuarantineReason
  readonly detail: string
}

type Taken<T> = { readonly ok: true; readonly value: T } | Refusal

const refuse = (reason: QuarantineReason, detail: string): Refusal => ({ ok: false, reason, detail })

function refused(message: Message, { reason, detail }: Refusal, index: number | null = null): Decoded {
  return { ...NOTHING, quarantined: [entry(message, reason, detail, index)] }
}

function entry(
  message: Message,
  reason: QuarantineReason,
  detail: string,
  index: number | null,
): Quarantined {
  return {
    reason,
    detail: index === null ? detail : `observation ${index}: ${detail}`,
    topic: message.topic,
    device: message.parsed.device,
    arrival: message.arrival,
    payload: new TextDecoder().decode(message.payload.subarray(0, KEPT_BYTES)),
  }
}

type Notes = Record<string, number>

const note = (notes: Notes, name: string): void => {
  notes[name] = (notes[name] ?? 0) + 1
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

function readJson(payload: Uint8Array, notes: Notes): Taken<unknown> {
  if (payload.length === 0) return refuse('not_json', 'the payload is empty; JSON is taken')
  if (payload[0] === 0xef && payload[1] === 0xbb && payload[2] === 0xbf) note(notes, 'byte_order_mark')
  let text: string
  try {
    text = strictUtf8.decode(payload)
  } catch {
    return refuse('not_utf8', 'the payload is not UTF-8')
  }
  if (depthOf(text) > MAX_DEPTH) return refuse('too_deep', `the JSON is nested deeper than ${MAX_DEPTH}`)
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return refuse('not_json', `the payload is not JSON: ${reason.slice(0, 120)}`)
  }
}

/** How deep brackets nest, without parsing: JSON.parse would overflow the stack on ten thousand of them. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let inText = false
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (inText) {
      if (code === 0x5c) index += 1
      else if (code === 0x22) inText = false
    } else if (code === 0x22) inText = true
    else if (code === 0x7b || code === 0x5b) {
      depth += 1
      if (depth > deepest) deepest = depth
    } else if (code === 0x7d || code === 0x5d) depth -= 1
  }
  return deepest
}

function decodeReading(message: Message, limits: DecodeLimits): Decoded {
  const notes: Notes = {}
  const json = readJson(message.payload, notes)
  if (!json.ok) return refused(message, json)
  if (!Array.isArray(json.value)) {
    const taken = readObservation(json.value, message, limits, notes)
    return taken.ok
      ? { ...NOTHING, observations: [taken.value], notes }
      : { ...refused(message, taken), notes }
  }
  const batch: readonly unknown[] = json.value
  if (batch.length === 0 || batch.length > MAX_BATCH) {
    return refused(
      message,
      refuse('batch_size', `the array holds ${batch.length}; 1 to ${MAX_BATCH} observations are taken`),
    )
  }
  const observations: Observation[] = []
  const quarantined: Quarantined[] = []
  batch.forEach((element, index) => {
    const taken = readObservation(element, message, limits, notes)
    if (taken.ok) observations.push(taken.value)
    else quarantined.push(entry(message, taken.reason, taken.detail, index))
  })
  return { ...NOTHING, observations, quarantined, notes }
}

const MEMBERS = new Set(['time', 'seq', 'values', 'position', 'trip', 'route', 'direction', 'occupancy'])

function readObservation(
  json: unknown,
  message: Message,
  limits: DecodeLimits,
  notes: Notes,
): Taken<Observation> {
  if (!isObject(json)) return refuse('not_object', `an observation is ${shown(json)}; a JSON object is taken`)
  const { kind, device } = message.parsed
  const time = readTime(json['time'], message.arrival, limits, notes)
  if (!time.ok) return time
  const seq = json['seq']
  if (seq !== undefined && !(Number.isSafeInteger(seq) && (seq as number) >= 0)) {
    return refuse('seq', `seq is ${shown(seq)}; a whole number from 0 to 2^53-1 is taken`)
  }
  const values = readValues(json['values'])
  if (!values.ok) return values
  const position = readPosition(json['position'], kind === 'vehicle', notes)
  if (!position.ok) return position
  const trip = kind === 'vehicle' ? readTrip(json) : NO_TRIP
  if (!trip.ok) return trip
  for (const member in json) if (!MEMBERS.has(member)) note(notes, 'unknown_member')
  return {
    ok: true,
    value: {
      kind,
      device,
      time: time.value ?? message.arrival,
      arrival: message.arrival,
      timeIsArrival: time.value === null,
      ...(seq === undefined ? {} : { seq: seq as number }),
      values: values.value,
      ...(position.value === null ? {} : { position: position.value }),
      ...trip.value,
    },
  }
}

/** Null: the device sent none. */
function readTime(
  json: unknown,
  arrival: TimeMs,
  { maxAgeMs, maxAheadMs }: DecodeLimits,
  notes: Notes,
): Taken<TimeMs | null> {
  if (json === undefined) return { ok: true, value: null }
  let time: TimeMs
  if (typeof json === 'number') {
    if (!Number.isFinite(json)) return refuse('time', 'time is not finite; milliseconds since 1970 are taken')
    time = Math.floor(json)
  } else if (typeof json === 'string') {
    const parsed = parseTime(json)
    if (!parsed.ok) {
      const rule = parsed.detail === 'not RFC 3339' ? 'not RFC 3339 nor milliseconds' : parsed.detail
      return refuse('time', `time is ${shown(json)}: ${rule}`)
    }
    if (json.slice(17, 19) === '60') note(notes, 'leap_second')
    time = parsed.time
  } else return refuse('time', `time is ${shown(json)}: not RFC 3339 nor milliseconds`)
  if (time < arrival - maxAgeMs) {
    // A time of 2001 or later in seconds lies in 1970 when it is taken for milliseconds.
    const hint = typeof json === 'number' && json > 1e9 && json < 1e11 ? '; milliseconds, not seconds?' : ''
    return refuse(
      'time_too_old',
      `time is ${textOf(time)}, more than ${maxAgeMs} ms (PANTAU_MAX_AGE) old${hint}`,
    )
  }
  if (time > arrival + maxAheadMs) {
    return refuse(
      'time_ahead',
      `time is ${textOf(time)}, more than ${maxAheadMs} ms (PANTAU_MAX_AHEAD) ahead`,
    )
  }
  return { ok: true, value: time }
}

/** RFC 3339 as far as that reaches: the year 275760 is where dates end. */
function textOf(time: TimeMs): string {
  return Math.abs(time) <= 8.64e15 ? formatTime(time) : String(time)
}

function readValues(json: unknown): Taken<Record<string, number>> {
  if (!isObject(json)) return refuse('values_type', `values is ${shown(json)}; an object of metrics is taken`)
  const values: Record<string, number> = {}
  let count = 0
  for (const metric in json) {
    const value = json[metric]
    count += 1
    if (count > MAX_VALUES) return refuse('values_count', `values holds more than ${MAX_VALUES} metrics`)
    if (!METRIC_NAME.test(metric)) {
      return refuse('metric_name', `a metric is ${shown(metric)}; a name is ${METRIC_NAME_RULE}`)
    }
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) return refuse('not_finite', `values.${metric} is not finite`)
      values[metric] = value
    } else if (typeof value === 'boolean') values[metric] = value ? 1 : 0
    else
      return refuse(
        'value_type',
        `values.${metric} is ${shown(value)}; a finite number, true or false is taken`,
      )
  }
  return count === 0
    ? refuse('values_count', 'values holds no metric; 1 to 64 are taken')
    : { ok: true, value: values }
}

const POSITION_LIMITS = {
  speed: [0, 1_000],
  bearing: [0, 360],
  accuracy: [0, 1_000_000],
} as const

function readPosition(json: unknown, isRequired: boolean, notes: Notes): Taken<Position | null> {
  if (json === undefined) {
    return isRequired
      ? refuse('position', 'position is absent; it is required for vehicle')
      : { ok: true, value: null }
  }
  if (!isObject(json))
    return refuse('position', `position is ${shown(json)}; an object with lat and lon is taken`)
  const lat = json['lat']
  const lon = json['lon']
  if (!isWithin(lat, -90, 90)) {
    // A latitude beyond 90 that would do as a longitude beside a longitude that would do as a latitude.
    const hint = isWithin(lat, -180, 180) && isWithin(lon, -90, 90) ? '; lat and lon swapped?' : ''
    return refuse('position', `position.lat is ${shown(lat)}; -90 to 90 is taken${hint}`)
  }
  if (!isWithin(lon, -180, 180))
    return refuse('position', `position.lon is ${shown(lon)}; -180 to 180 is taken`)
  const position: Record<string, number> = { lat, lon }
  for (const member in json) {
    if (member === 'lat' || member === 'lon') continue
    if (!Object.hasOwn(POSITION_LIMITS, member)) {
      note(notes, 'unknown_member')
      continue
    }
    const [least, most] = POSITION_LIMITS[member as keyof typeof POSITION_LIMITS]
    const value = json[member]
    if (!isWithin(value, least, most)) {
      return refuse('position', `position.${member} is ${shown(value)}; ${least} to ${most} is taken`)
    }
    position[member] = value
  }
  return { ok: true, value: position as unknown as Position }
}

type Trip = Pick<Observation, 'trip' | 'route' | 'direction' | 'occupancy'>

const NO_TRIP: Taken<Trip> = { ok: true, value: {} }

function readTrip(json: Readonly<Record<string, unknown>>): Taken<Trip> {
  const { trip, route, direction, occupancy } = json as Record<string, unknown>
  for (const [name, value] of [
    ['trip', trip],
    ['route', route],
  ] as const) {
    if (
      value !== undefined &&
      !(typeof value === 'string' && value.length >= 1 && value.length <= MAX_ID_LETTERS)
    ) {
      return refuse('trip', `${name} is ${shown(value)}; text of 1 to ${MAX_ID_LETTERS} letters is taken`)
    }
  }
  if (direction !== undefined && direction !== 0 && direction !== 1) {
    return refuse('direction', `direction is ${shown(direction)}; 0 or 1 is taken`)
  }
  if (occupancy !== undefined && !(OCCUPANCY as readonly unknown[]).includes(occupancy)) {
    return refuse('occupancy', `occupancy is ${shown(occupancy)}; one of ${OCCUPANCY.join(', ')} is taken`)
  }
  return {
    ok: true,
    value: {
      ...(trip === undefined ? {} : { trip: trip as string }),
      ...(route === undefined ? {} : { route: route as string }),
      ...(direction === undefined ? {} : { direction }),
      ...(occupancy === undefined ? {} : { occupancy: occupancy as Occupancy }),
    },
  }
}

function decodeStatus(message: Message): Decoded {
  const { kind, device } = message.parsed
  const text = message.payload.length > 7 ? null : new TextDecoder().decode(message.payload)
  if (text === 'online' || text === 'offline') {
    return { ...NOTHING, status: { kind, device, arrival: message.arrival, online: text === 'online' } }
  }
  const sent = shown(text ?? `${message.payload.length} bytes`)
  return refused(message, refuse('status', `status is ${sent}; online or offline is taken`))
}

function decodeEvent(message: Message, limits: DecodeLimits): Decoded {
  const notes: Notes = {}
  const json = readJson(message.payload, notes)
  if (!json.ok) return refused(message, json)
  if (!isObject(json.value)) {
    return refused(
      message,
      refuse('event', `an event is ${shown(json.value)}; {"time","event","detail"} is taken`),
    )
  }
  const { event, detail } = json.value as Record<string, unknown>
  if (typeof event !== 'string' || !METRIC_NAME.test(event)) {
    return refused(message, refuse('event', `event is ${shown(event)}; a name is ${METRIC_NAME_RULE}`))
  }
  const time = readTime(json.value['time'], message.arrival, limits, notes)
  if (!time.ok) return refused(message, time)
  const { kind, device } = message.parsed
  const { arrival } = message
  return {
    ...NOTHING,
    event: { kind, device, time: time.value ?? arrival, arrival, event, detail: detail ?? null },
    notes,
  }
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most
}

/** A value as a fault message quotes it: short. */
function shown(value: unknown): string {
  if (value === undefined) return 'absent'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
