// Rules of connectivity (B1 to B13) as the door offers them, in its seconds.

import { DEVICE_STATES } from '../../contract/device-state.ts'
import { SECOND } from '../../contract/time.ts'
import { availability } from '../connectivity/availability.ts'
import { clockDriftPpm, clockOffsetMs } from '../connectivity/clock-error.ts'
import { coverageShare, populationShare } from '../connectivity/coverage.ts'
import { onListening, onSign, type Sign, stateAt, unheard } from '../connectivity/device-state.ts'
import { FLAP_STATES, flapPercent, isFlapping } from '../connectivity/flapping.ts'
import { grade } from '../connectivity/grade.ts'
import { jitterMs, jitterOfRoundTripsMs } from '../connectivity/jitter.ts'
import { lossOfSequence } from '../connectivity/loss.ts'
import { mergeOutages } from '../connectivity/outage.ts'
import {
  freeSpaceLossDb,
  logDistanceLossDb,
  P1238,
  P1411,
  type SiteModel,
  siteLossDb,
} from '../connectivity/path-loss.ts'
import { percentile } from '../connectivity/percentile.ts'
import { dbmToMw, eirpDbm, radiusM } from '../connectivity/radius.ts'
import { signalGrade, signalQualityPct } from '../connectivity/signal.ts'
import { type Node, unreachableBy } from '../connectivity/suppression.ts'
import { type Rule, rule } from './rule.ts'
import {
  checked,
  count,
  label,
  list,
  notNegative,
  number,
  type Of,
  object,
  oneOf,
  optional,
  orNull,
  positive,
  share,
  table,
  text,
  tuple,
  yesNo,
} from './shape.ts'

const span = checked(tuple(number, number), ([from, to]) =>
  from <= to ? null : { member: '', rule: 'a span ends at or after its begin' },
)

const availabilityInput = checked(
  object({
    from: number,
    to: number,
    changes: list(tuple(number, oneOf(DEVICE_STATES))),
    maintenance: list(tuple(number, number)),
  }),
  ({ from, to }) => (from <= to ? null : { member: 'to', rule: 'a number from `from` on is taken' }),
)

const heartbeatInput = object({
  every_s: positive,
  missed: notNegative,
  grace_s: notNegative,
  events: list(
    object({
      t: number,
      type: oneOf(['reading', 'online', 'offline']),
      up: optional(oneOf([0, 1])),
    }),
  ),
  started: optional(number),
  now: number,
})

/** The state at `now` from all that arrived by then: the machine that ingest feeds message by message, fed at once. */
function stateFrom({ every_s, missed, grace_s, events, started, now }: Of<typeof heartbeatInput>) {
  let heartbeat = unheard(every_s * SECOND, null, { missed, graceMs: grace_s * SECOND })
  let listens = started === null
  const arrived = events.filter(({ t }) => t <= now).sort((a, b) => a.t - b.t)
  for (const { t, type, up } of arrived) {
    if (!listens && started !== null && t >= started) {
      heartbeat = onListening(heartbeat, started * SECOND)
      listens = true
    }
    const sign: Sign = type === 'reading' ? { type, up: up !== 0, isPoor: null } : { type }
    heartbeat = onSign(heartbeat, sign, t * SECOND)
  }
  if (!listens && started !== null) heartbeat = onListening(heartbeat, started * SECOND)
  const { state, since, cause } = stateAt(heartbeat, now * SECOND)
  return { state, since: since === null ? null : since / SECOND, ...(cause === null ? {} : { cause }) }
}

const nodesInput = object({
  nodes: table(object({ state: oneOf([...DEVICE_STATES, 'unreachable']), parent: optional(text) })),
})

function suppressed({ nodes }: Of<typeof nodesInput>): Record<string, { state: string; cause?: string }> {
  const tree = new Map<string, Node>(
    [...nodes].map(([id, { state, parent }]) => [id, { isDown: state === 'down', parent }]),
  )
  return Object.fromEntries(
    [...nodes].map(([id, { state }]) => {
      const cause = unreachableBy(id, tree)
      return [id, cause === null ? { state } : { state: 'unreachable', cause }]
    }),
  )
}

/** The median loss of one recommendation by its environments. */
function siteRule(models: Readonly<Record<string, SiteModel>>): Rule {
  const input = object({ environment: oneOf(Object.keys(models)), distance_m: number, ghz: positive })
  return rule(
    input,
    ({ environment, distance_m, ghz }) => {
      const model = models[environment]
      return model === undefined ? null : siteLossDb(model, distance_m, ghz)
    },
    'no_distance',
  )
}

const flapInput = object({ states: list(label), was_flapping: yesNo, low: number, high: number })

const radiusInput = object({
  eirp_dbm: number,
  rx_gain_dbi: number,
  rssi_min_dbm: number,
  mhz: positive,
  n: positive,
  margin_db: number,
})

const coverageInput = object({
  width_m: positive,
  height_m: positive,
  discs: list(object({ x: number, y: number, r: notNegative })),
})

export const connectivityRules = {
  availability: rule(availabilityInput, ({ from, to, changes, maintenance }) =>
    availability(
      [from * SECOND, to * SECOND],
      changes.map(([time, state]) => ({ time: time * SECOND, state })),
      maintenance.map(([begin, end]) => [begin * SECOND, end * SECOND] as const),
    ),
  ),
  heartbeat_state: rule(heartbeatInput, stateFrom),
  flap: rule(
    flapInput,
    ({ states, was_flapping, low, high }) => {
      const percent = flapPercent(states)
      return percent === null ? null : { percent, flapping: isFlapping(percent, was_flapping, { low, high }) }
    },
    `fewer_than_${FLAP_STATES}_states`,
  ),
  merge_outages: rule(object({ outages: list(span), gap_s: notNegative }), ({ outages, gap_s }) =>
    mergeOutages(outages, gap_s),
  ),
  percentile: rule(
    object({ values: list(number), p: share }),
    ({ values, p }) => percentile(values, p),
    'no_values',
  ),
  jitter: rule(
    object({ packets: list(tuple(number, number)) }),
    ({ packets }) => jitterMs(packets.map(([sentMs, receivedMs]) => ({ sentMs, receivedMs }))),
    'fewer_than_2_packets',
  ),
  jitter_rtt: rule(
    object({ rtt_ms: list(notNegative) }),
    ({ rtt_ms }) => jitterOfRoundTripsMs(rtt_ms),
    'fewer_than_2_packets',
  ),
  loss: rule(object({ seqs: list(count) }), ({ seqs }) => lossOfSequence(seqs), 'no_values'),
  suppress: rule(nodesInput, suppressed),
  grade: rule(object({ loss_pct: orNull(number), p95_ms: orNull(number) }), ({ loss_pct, p95_ms }) =>
    grade(loss_pct, p95_ms),
  ),
  fspl: rule(
    object({ distance_m: number, mhz: positive }),
    ({ distance_m, mhz }) => freeSpaceLossDb(distance_m, mhz),
    'no_distance',
  ),
  log_distance: rule(object({ distance_m: notNegative, mhz: positive, n: positive }), (input) =>
    logDistanceLossDb(input.distance_m, input.mhz, input.n),
  ),
  p1238: siteRule(P1238),
  p1411: siteRule(P1411),
  radius: rule(radiusInput, ({ eirp_dbm, rx_gain_dbi, rssi_min_dbm, mhz, n, margin_db }) =>
    radiusM({
      eirpDbm: eirp_dbm,
      rxGainDbi: rx_gain_dbi,
      rssiMinDbm: rssi_min_dbm,
      mhz,
      exponent: n,
      marginDb: margin_db,
    }),
  ),
  eirp: rule(object({ tx_dbm: number, gain_dbi: number, cable_db: number }), (input) => {
    const eirp = eirpDbm(input.tx_dbm, input.gain_dbi, input.cable_db)
    return { eirp_dbm: eirp, mw: dbmToMw(eirp) }
  }),
  rssi: rule(
    object({ rssi_dbm: orNull(number) }),
    ({ rssi_dbm }) =>
      rssi_dbm === null ? null : { grade: signalGrade(rssi_dbm), quality_pct: signalQualityPct(rssi_dbm) },
    'no_signal',
  ),
  coverage_share: rule(coverageInput, ({ width_m, height_m, discs }) => {
    const [x, y] = [width_m, height_m]
    return coverageShare(
      [
        [
          { x: 0, y: 0 },
          { x, y: 0 },
          { x, y },
          { x: 0, y },
        ],
      ],
      discs,
    )
  }),
  population_share: rule(
    object({ rw: list(object({ population: notNegative, covered: share })) }),
    ({ rw }) => populationShare(rw),
    'nobody_lives_there',
  ),
  clock: rule(
    object({ pairs: list(tuple(number, number)) }),
    ({ pairs }) => {
      const used = pairs.map(([device, arrival]) => ({
        deviceTime: device * SECOND,
        arrival: arrival * SECOND,
      }))
      const offset = clockOffsetMs(used)
      return offset === null ? null : { offset_s: offset / SECOND, drift_ppm: clockDriftPpm(used) }
    },
    'no_pairs',
  ),
} as const satisfies Readonly<Record<string, Rule>>
