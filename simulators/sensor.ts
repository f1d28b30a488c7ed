// An environmental sensor: it replays a real series, altered by its place, and reports through the faults planted in it.

import { DAY, HOUR, MINUTE, type TimeMs } from '../contract/time.ts'
import { type DeviceModel, localHour } from './device-model.ts'
import { normal, randomByTime, randomOf, smoothNoise } from './random.ts'
import { type FaultSchedule, faultyValue } from './sensor-faults.ts'
import type { RealSeries } from './series.ts'

export interface SensorPlan {
  readonly id: string
  readonly everyMs: number
  /** Metric names, in the order in which faults pick one; one that no model gives is left out. */
  readonly measures: readonly string[]
}

/** Decimals that such an instrument reports. */
const DIGITS: Readonly<Record<string, number>> = {
  rssi_dbm: 0,
  co: 0,
  co2: 0,
  voc_index: 0,
  wind_dir: 0,
  battery_v: 2,
  rain_mm: 1,
  humidity: 1,
}

/** Metrics that vary with the place by a factor, and by a sample's noise as a share of the value. */
const NOISY: Readonly<Record<string, number>> = {
  pm2_5: 0.04,
  pm10: 0.05,
  so2: 0.05,
  no2: 0.04,
  co: 0.03,
  o3: 0.03,
}

export interface SensorSources {
  readonly airRohr: RealSeries
  readonly reference: RealSeries
}

export function sensorModel(
  seed: number,
  plan: SensorPlan,
  sources: SensorSources,
  faults: FaultSchedule,
  utcOffsetMs: number,
): DeviceModel {
  const place = randomOf(seed, 'sensor', plan.id)
  const samples = new Map(
    plan.measures.map((metric) => [metric, randomByTime(seed, 'sample', plan.id, metric)]),
  )
  const factor = 0.8 + 0.4 * place()
  // Each station is a little behind or ahead of the others, as air moves over the village.
  const lagMs = Math.floor((place() - 0.5) * 30 * MINUTE)
  const phaseMs = Math.floor(place() * plan.everyMs)

  const trueValue = (metric: string, time: TimeMs): number | null => {
    const modelled = MODELS[metric]
    if (modelled !== undefined) return modelled({ seed, id: plan.id, time, utcOffsetMs })
    if (metric === 'pm1') {
      const fine = trueValue('pm2_5', time)
      return fine === null ? null : 0.72 * fine
    }
    if (metric === 'humidity') return humidityPct(seed, trueValue('temperature', time), time)
    const source = FROM_AIR_ROHR.includes(metric) ? sources.airRohr : sources.reference
    const value = source.at(metric, time + lagMs)
    const noise = NOISY[metric]
    if (value === null || noise === undefined) return value
    const random = samples.get(metric)?.(time) ?? place
    const local = DUST.includes(metric) ? ownAir(seed, plan.id, time) : 1
    return Math.max(0, value * factor * local * (1 + noise * normal(random)))
  }

  const clockError = (time: TimeMs): number =>
    faults.at(time).find((fault) => fault.fault === 'clock')?.strength ?? 0

  return {
    id: plan.id,
    kind: 'sensor',
    everyMs: plan.everyMs,
    phaseMs,
    isReachable: () => true,
    deviceTime: (time) => time + clockError(time),
    sampleAt(time) {
      const active = faults.at(time)
      const values: Record<string, number> = {}
      for (const metric of plan.measures) {
        const reported = faultyValue(metric, trueValue(metric, time), time, active, (at) =>
          trueValue(metric, at),
        )
        if (reported !== null) values[metric] = round(reported, DIGITS[metric] ?? 2)
      }
      return Object.keys(values).length === 0 ? null : { values }
    },
    truth(from, to) {
      return faults.beginningIn(from, to).map((fault) => ({
        type: 'fault',
        device: plan.id,
        metric: fault.metric,
        fault: fault.fault,
        from: fault.from,
        to: fault.to,
      }))
    },
  }
}

interface ModelMoment {
  readonly seed: number
  readonly id: string
  readonly time: TimeMs
  readonly utcOffsetMs: number
}

/** All stations of a village stand in one air, so what both series have comes from one of them. */
const FROM_AIR_ROHR = ['pm2_5', 'pm10', 'temperature', 'rssi_dbm']

/** What smoke near a station makes more of. */
const DUST = ['pm2_5', 'pm10']
const PLUMES_A_DAY = 0.3

/**
 * How the air at one station's door differs from the village's, as a factor: eddies, and now and then somebody who burns leaves. Both are
 * real air and no fault.
 */
function ownAir(seed: number, id: string, time: TimeMs): number {
  const eddies = 1 + 0.1 * smoothNoise(seed, `${id}/eddies`, time, 8 * MINUTE)
  const drawn = randomOf(seed, 'plume', id, Math.floor(time / HOUR))
  if (drawn() >= PLUMES_A_DAY / 24) return eddies
  const lengthMs = (8 + 16 * drawn()) * MINUTE
  const begin = Math.floor(time / HOUR) * HOUR + (HOUR - lengthMs) * drawn()
  const part = (time - begin) / lengthMs
  const strength = 0.5 + 1.5 * drawn()
  return part <= 0 || part >= 1 ? eddies : eddies * (1 + strength * Math.sin(Math.PI * part) ** 2)
}

/** Metrics for which no open series was at hand. */
const MODELS: Readonly<Record<string, (moment: ModelMoment) => number>> = {
  water_level_cm: waterLevelCm,
  noise_dba: noiseDba,
  battery_v: batteryVolts,
  co2: ({ seed, id, time }) => 440 + 60 * smoothNoise(seed, `${id}/co2`, time, 2 * HOUR),
  voc_index: ({ seed, id, time }) => 100 + 60 * smoothNoise(seed, `${id}/voc`, time, HOUR),
  wind_dir: ({ seed, time }) => (250 + 90 * smoothNoise(seed, 'wind', time, 3 * HOUR)) % 360,
}

/** A canal's level: the tide's two waves a day, and rain that comes in some afternoons and runs off within hours. */
function waterLevelCm({ seed, id, time }: ModelMoment): number {
  const tide =
    9 * Math.sin((2 * Math.PI * time) / (12.42 * HOUR)) + 4 * Math.sin((2 * Math.PI * time) / (24.84 * HOUR))
  let rain = 0
  for (let hoursBack = 0; hoursBack < 12; hoursBack += 1) {
    const hour = Math.floor(time / HOUR) - hoursBack
    // One storm for the whole village, so the gauge's id is not in the draw.
    const drawn = randomOf(seed, 'rain', hour)
    if (drawn() < 0.02) {
      const ageHours = time / HOUR - hour
      rain += 70 * drawn() * (ageHours / 1.5) * Math.exp(1 - ageHours / 1.5)
    }
  }
  return 120 + tide + rain + 1.5 * smoothNoise(seed, `${id}/level`, time, 10 * MINUTE)
}

/** Traffic noise: 52 dB(A) at night to 70 by day. */
function noiseDba({ seed, id, time, utcOffsetMs }: ModelMoment): number {
  const hour = localHour(time, utcOffsetMs)
  const day = Math.max(0, Math.sin((Math.PI * (hour - 4.5)) / 18.5))
  const random = randomOf(seed, 'sample', id, 'noise_dba', time)
  return 52 + 16 * day + 2.5 * smoothNoise(seed, `${id}/noise`, time, 20 * MINUTE) + 1.2 * normal(random)
}

/** Charged by the sun, drained by night. */
function batteryVolts({ seed, id, time }: ModelMoment): number {
  return (
    3.85 + 0.2 * Math.sin((2 * Math.PI * time) / DAY) + 0.03 * smoothNoise(seed, `${id}/battery`, time, HOUR)
  )
}

/**
 * Relative humidity of one air mass over the village at the place's temperature (Magnus, with the constants of Alduchov and Eskridge
 * 1996): the log's own humidity sensor stood at its full scale for half of the time.
 */
function humidityPct(seed: number, celsius: number | null, time: TimeMs): number | null {
  if (celsius === null) return null
  const dewPoint = 23 + 1.2 * smoothNoise(seed, 'dew-point', time, 6 * HOUR)
  const pressure = (temperature: number): number => Math.exp((17.625 * temperature) / (243.04 + temperature))
  return Math.min(100, (100 * pressure(dewPoint)) / pressure(celsius))
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
