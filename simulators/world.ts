// The simulated village: a model for each device that the village names, and for as many more as were asked for, placed
// within the village's bounds.

import type { TimeMs } from '../contract/time.ts'
import type { Kind } from '../contract/topics.ts'
import type { Village, VillageDevice } from '../contract/village.ts'
import type { DeviceModel } from './device-model.ts'
import { hotspotModel } from './hotspot.ts'
import type { SimulatorOptions } from './options.ts'
import { type OutageSchedule, outageSchedule } from './outages.ts'
import { randomOf } from './random.ts'
import { type SensorSources, sensorModel } from './sensor.ts'
import { faultSchedule, NO_FAULTS } from './sensor-faults.ts'
import { type Fleet, fleetModels } from './vehicle.ts'

export interface World {
  readonly devices: readonly VillageDevice[]
  readonly models: readonly DeviceModel[]
}

export interface WorldPlan {
  readonly village: Village
  readonly devices: readonly VillageDevice[]
  /** What a village clock is ahead of UTC. */
  readonly utcOffsetMs: number
  readonly sources: SensorSources
  /** The routes that vehicles may run on. */
  readonly fleets: readonly Fleet[]
  readonly options: Pick<SimulatorOptions, 'hotspots' | 'sensors' | 'vehicles' | 'rate' | 'seed'>
  /** Sensors without faults: what they should have said. */
  readonly isSound?: boolean
}

export function buildWorld(plan: WorldPlan): World {
  const { options } = plan
  const devices = [
    ...chosen(plan, 'hotspot', options.hotspots),
    ...chosen(plan, 'sensor', options.sensors),
    ...chosen(plan, 'vehicle', options.vehicles),
  ]
  const schedules = new Map<string, OutageSchedule>()
  const scheduleOf = (id: string): OutageSchedule => {
    const schedule = schedules.get(id) ?? outageSchedule(options.seed, id, plan.utcOffsetMs)
    schedules.set(id, schedule)
    return schedule
  }
  const byId = new Map(devices.map((device) => [device.id, device]))
  const models = devices
    .filter((device) => device.kind !== 'vehicle')
    .map((device) =>
      device.kind === 'hotspot' ? hotspotOf(plan, device, byId, scheduleOf) : sensorOf(plan, device),
    )
  return { devices, models: [...models, ...vehiclesOf(plan, devices)] }
}

function everyMs(plan: WorldPlan, device: VillageDevice): number {
  return Math.max(1, Math.round((device.expect.every_s * 1000) / plan.options.rate))
}

function hotspotOf(
  plan: WorldPlan,
  device: VillageDevice,
  byId: ReadonlyMap<string, VillageDevice>,
  scheduleOf: (id: string) => OutageSchedule,
): DeviceModel {
  const parents = parentsOf(device, byId).map((id) => ({ id, outages: scheduleOf(id) }))
  return hotspotModel(
    plan.options.seed,
    { id: device.id, everyMs: everyMs(plan, device), outages: scheduleOf(device.id), parents },
    plan.utcOffsetMs,
  )
}

/** From the nearest to the topmost. A village with a cycle is refused when it is read; one met here ends the chain. */
function parentsOf(device: VillageDevice, byId: ReadonlyMap<string, VillageDevice>): readonly string[] {
  const chain = new Set<string>()
  for (let id = device.parent; id !== undefined && id !== device.id; id = byId.get(id)?.parent) {
    if (chain.has(id)) break
    chain.add(id)
  }
  return [...chain]
}

const MEASURES_OF_MANY = ['pm2_5', 'pm10', 'temperature', 'humidity', 'rssi_dbm']

function sensorOf(plan: WorldPlan, device: VillageDevice): DeviceModel {
  const measures = device.measures ?? MEASURES_OF_MANY
  return sensorModel(
    plan.options.seed,
    { id: device.id, everyMs: everyMs(plan, device), measures },
    plan.sources,
    plan.isSound === true
      ? NO_FAULTS
      : faultSchedule(plan.options.seed, device.id, measures, plan.utcOffsetMs),
    plan.utcOffsetMs,
  )
}

/** Vehicles run on the route that the village gives them, else on the routes in turn. */
function vehiclesOf(plan: WorldPlan, devices: readonly VillageDevice[]): readonly DeviceModel[] {
  const vehicles = devices.filter((device) => device.kind === 'vehicle')
  const byRoute = new Map<Fleet, { id: string; everyMs: number }[]>()
  vehicles.forEach((device, index) => {
    const own = plan.fleets.find((fleet) => fleet.route === device.route)
    const fleet = own ?? plan.fleets[index % plan.fleets.length]
    if (fleet === undefined) return
    const members = byRoute.get(fleet) ?? []
    members.push({ id: device.id, everyMs: everyMs(plan, device) })
    byRoute.set(fleet, members)
  })
  return [...byRoute].flatMap(([fleet, members]) =>
    fleetModels(plan.options.seed, { ...fleet, vehicles: members }, plan.utcOffsetMs),
  )
}

/** The village's devices of a kind, cut to `count` or filled up to it with devices at drawn places. */
function chosen(plan: WorldPlan, kind: Kind, count: number | null): readonly VillageDevice[] {
  const own = plan.devices.filter((device) => device.kind === kind)
  if (count === null) return own
  const more = Array.from({ length: Math.max(0, count - own.length) }, (_, index) =>
    drawn(plan, kind, index + 1),
  )
  return [...own.slice(0, count), ...more]
}

const PREFIX = { hotspot: 'sim-hotspot', sensor: 'sim-sensor', vehicle: 'sim-vehicle' } as const
const EVERY_S = { hotspot: 60, sensor: 60, vehicle: 10 } as const

function drawn(plan: WorldPlan, kind: Kind, number: number): VillageDevice {
  const id = `${PREFIX[kind]}-${String(number).padStart(5, '0')}`
  const random = randomOf(plan.options.seed, 'place', id)
  const [west, south, east, north] = plan.village.bounds
  return {
    id,
    kind,
    name: id,
    lat: degrees(south + (north - south) * random()),
    lon: degrees(west + (east - west) * random()),
    expect: { every_s: EVERY_S[kind] },
  }
}

function degrees(value: number): number {
  return Math.round(value * 1e6) / 1e6
}

/** The first tick of a model at or behind a time. */
export function firstTick(model: DeviceModel, from: TimeMs): TimeMs {
  return Math.ceil((from - model.phaseMs) / model.everyMs) * model.everyMs + model.phaseMs
}
