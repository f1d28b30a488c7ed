// Pantau's own JSON (contract section 3). Checked by hand rather than by a schema, since this is the hot path: parsing the JSON
// is most of its work, and every refusal has its own words.

import { METRIC_NAME, METRIC_NAME_RULE } from '../../contract/metrics.ts'
import type { Observation, Quarantined } from '../../contract/observation.ts'
import type { TimeMs } from '../../contract/time.ts'
import type { Decoded, DecodeLimits, Decoder, Message } from './decoder.ts'
import { NOTHING } from './decoder.ts'
import { elementTexts, isDeeperThan, MAX_DEPTH, readJson, TOO_DEEP } from './json.ts'
import { LONGEST_MASKED, masked, maskedJson } from './mask.ts'
import { readPosition, readSeq, readTime, readTrip, readValues } from './members.ts'
import { isObject, type Notes, note, type Refusal, refuse, shown, type Taken } from './refusal.ts'

export const pantau: Decoder = {
  name: 'pantau',
  accepts: () => true,
  decode(message, limits) {
    if (message.payload.length > limits.maxPayloadBytes) {
      const detail = `the payload has ${message.payload.length} bytes; PANTAU_LIMIT_PAYLOAD is ${limits.maxPayloadBytes}`
      return refused(message, refuse('too_large', detail))
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
        // What goes to a device says nothing of it.
        return NOTHING
    }
  },
}

const MAX_BATCH = 1_000
/** What quarantine keeps of a payload. */
const KEPT_BYTES = 4_096
const LONGEST_STATUS = 'offline'.length

function refused(message: Message, refusal: Refusal, notes: Notes = {}): Decoded {
  const { payload } = message
  return { ...NOTHING, quarantined: [entry(message, refusal, payload)], notes }
}

function entry(message: Message, { reason, detail }: Refusal, sent: Uint8Array): Quarantined {
  return {
    reason,
    detail: masked(detail),
    topic: message.topic,
    device: message.parsed.device,
    arrival: message.arrival,
    payload: keptOf(sent),
  }
}

/** The first 4 KiB as text, masked before it is cut: half an address must not stay either. */
function keptOf(sent: Uint8Array): string {
  const decoder = new TextDecoder()
  const text = decoder.decode(sent.subarray(0, KEPT_BYTES + LONGEST_MASKED))
  const blanked = masked(text)
  return decoder.decode((blanked === text ? sent : Buffer.from(blanked)).subarray(0, KEPT_BYTES))
}

function decodeReading(message: Message, limits: DecodeLimits): Decoded {
  const notes: Notes = {}
  const parsed = readJson(message.payload, notes)
  if (!parsed.ok) return refused(message, parsed, notes)
  const { json, text } = parsed.value
  const refusedTimes: TimeMs[] = []
  const reader: ObservationReader = { message, limits, notes, refusedTimes }
  if (!Array.isArray(json)) {
    const taken = readObservation(json, reader, MAX_DEPTH)
    return taken.ok
      ? { ...NOTHING, observations: [taken.value], notes }
      : { ...refused(message, taken, notes), refusedTimes }
  }
  if (json.length === 0 || json.length > MAX_BATCH) {
    const detail = `the array holds ${json.length}; 1 to ${MAX_BATCH} observations are taken`
    return refused(message, refuse('batch_size', detail), notes)
  }
  return { ...NOTHING, ...readBatch(json, text, reader), notes, refusedTimes }
}

/** Takes the good ones of an array; the bad ones are set aside one by one, each with its own text. */
function readBatch(
  batch: readonly unknown[],
  text: string,
  reader: ObservationReader,
): Pick<Decoded, 'observations' | 'quarantined'> {
  const observations: Observation[] = []
  const quarantined: Quarantined[] = []
  let texts: readonly string[] | null = null
  for (let index = 0; index < batch.length; index += 1) {
    const taken = readObservation(batch[index], reader, MAX_DEPTH - 1)
    if (taken.ok) {
      observations.push(taken.value)
      continue
    }
    texts ??= elementTexts(text)
    const detail = `observation ${index}: ${taken.detail}`
    quarantined.push(entry(reader.message, { ...taken, detail }, Buffer.from(texts[index] ?? '')))
  }
  return { observations, quarantined }
}

interface ObservationReader {
  readonly message: Message
  readonly limits: DecodeLimits
  readonly notes: Notes
  /** Device times that were refused for their age. */
  readonly refusedTimes: TimeMs[]
}

/** `levels`: how deep brackets may nest in it. */
function readObservation(json: unknown, reader: ObservationReader, levels: number): Taken<Observation> {
  const { notes } = reader
  const unknownBefore = notes['unknown_member']
  const taken = checkObservation(json, reader)
  // Looked at only where depth can hide: known members of the right type have none.
  const mayBeDeep = !taken.ok || notes['unknown_member'] !== unknownBefore
  return mayBeDeep && isDeeperThan(json, levels) ? refuse('too_deep', TOO_DEEP) : taken
}

function checkObservation(json: unknown, reader: ObservationReader): Taken<Observation> {
  if (!isObject(json)) return refuse('not_object', `an observation is ${shown(json)}; a JSON object is taken`)
  const { message, limits, notes, refusedTimes } = reader
  const { kind, device } = message.parsed
  const time = readTime(json['time'], message.arrival, limits, notes, (wrong) => refusedTimes.push(wrong))
  if (!time.ok) return time
  const seq = readSeq(json['seq'])
  if (!seq.ok) return seq
  const values = readValues(json['values'])
  if (!values.ok) return values
  const position = readPosition(json['position'], kind === 'vehicle', notes)
  if (!position.ok) return position
  const observation: Mutable<Observation> = {
    kind,
    device,
    time: time.value ?? message.arrival,
    arrival: message.arrival,
    timeIsArrival: time.value === null,
    values: values.value,
  }
  if (seq.value !== null) observation.seq = seq.value
  if (position.value !== null) observation.position = position.value
  if (kind === 'vehicle') {
    const trip = readTrip(json)
    if (!trip.ok) return trip
    Object.assign(observation, trip.value)
  }
  for (const member in json) if (!isKnownMember(member, kind === 'vehicle')) note(notes, 'unknown_member')
  return { ok: true, value: observation }
}

type Mutable<T> = { -readonly [Member in keyof T]: T[Member] }

function isKnownMember(member: string, isVehicle: boolean): boolean {
  switch (member) {
    case 'time':
    case 'seq':
    case 'values':
    case 'position':
      return true
    case 'trip':
    case 'route':
    case 'direction':
    case 'occupancy':
      return isVehicle
    default:
      return false
  }
}

function decodeStatus(message: Message): Decoded {
  const { kind, device } = message.parsed
  const { payload, arrival } = message
  const text = payload.length > LONGEST_STATUS ? null : new TextDecoder().decode(payload)
  if (text === 'online' || text === 'offline') {
    return { ...NOTHING, status: { kind, device, arrival, online: text === 'online' } }
  }
  const sent = text === null ? `${payload.length} bytes long` : shown(text)
  return refused(message, refuse('status', `status is ${sent}; online or offline is taken`))
}

function decodeEvent(message: Message, limits: DecodeLimits): Decoded {
  const notes: Notes = {}
  const parsed = readJson(message.payload, notes)
  if (!parsed.ok) return refused(message, parsed, notes)
  const { json } = parsed.value
  if (isDeeperThan(json, MAX_DEPTH)) return refused(message, refuse('too_deep', TOO_DEEP), notes)
  if (!isObject(json)) {
    const detail = `an event is ${shown(json)}; {"time","event","detail"} is taken`
    return refused(message, refuse('event', detail), notes)
  }
  const { time: sent, event, detail, ...unknown } = json as Record<string, unknown>
  if (typeof event !== 'string' || !METRIC_NAME.test(event)) {
    const rule = `a name is ${METRIC_NAME_RULE}`
    return refused(message, refuse('event', `event is ${shown(event)}; ${rule}`), notes)
  }
  const refusedTimes: TimeMs[] = []
  const time = readTime(sent, message.arrival, limits, notes, (wrong) => refusedTimes.push(wrong))
  if (!time.ok) return { ...refused(message, time, notes), refusedTimes }
  for (const _ of Object.keys(unknown)) note(notes, 'unknown_member')
  const { kind, device } = message.parsed
  const { arrival } = message
  return {
    ...NOTHING,
    event: { kind, device, time: time.value ?? arrival, arrival, event, detail: maskedJson(detail ?? null) },
    notes,
  }
}
