// Walks every GET route that the village's own OpenAPI document names, as a resident and as staff, and every explanation that an answer
// leads to: no number is without its unit and its time, nor, where it was computed, without its rule (number-classes.ts).

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type {
  ArrivalsAnswer,
  DeviceCollection,
  DeviceFeature,
  RoutesAnswer,
  StopsAnswer,
} from '../../contract/api.ts'
import type { Explanation } from '../../contract/explain.ts'
import { HOUR, SECOND } from '../../contract/time.ts'
import type { TestVillage } from '../village.ts'
import { classOf, type Need } from './number-classes.ts'
import { hasTime, numbersIn, ruleOf, unitOf } from './numbers.ts'

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security?: unknown }>>>>
}

const HOUR_AGO = new Date(Date.now() - HOUR).toISOString()

/** Asked in place of the plain address, where a parameter changes what numbers there are, or how many. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  '/api/v1/air/stations': ['?index=ispu', '?index=us-aqi', '?index=eaqi'],
  '/api/v1/devices/{id}/readings': [
    `?from=${HOUR_AGO}`,
    `?from=${HOUR_AGO}&every=1m`,
    '?every=1h&fn=count',
    '?every=1h&fn=p95&quality=good',
  ],
  '/api/v1/air/exceedances': ['?standard=who', '?standard=pp22', '?standard=ispu'],
  '/api/v1/devices': ['?kind=vehicle', '?kind=hotspot', '?kind=sensor'],
}

/** Walked by another way than its own address. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  '/api/v1/explain': 'by the links of devices and stops, below',
  '/metrics': 'no JSON: its families are looked at below',
  '/api/v1/transit/gtfs-rt/vehicle-positions.pb': 'the same message as its .json',
  '/api/v1/transit/gtfs-rt/trip-updates.pb': 'the same message as its .json',
  '/api/v1/transit/gtfs-rt/alerts.pb': 'the same message as its .json',
}

/** So many stops and routes are looked at. */
const SAMPLE = 2

const LACKS: Readonly<Record<Need, (number: Parameters<typeof hasTime>[0]) => boolean>> = {
  unit: (number) => unitOf(number) === null,
  time: (number) => !hasTime(number),
  rule: (number) => ruleOf(number) === null,
}

/** What is wrong with the numbers of an answer, each fault once. */
export function faultsOf(answer: unknown): readonly string[] {
  const faults = numbersIn(answer).flatMap((number) => {
    const path = number.path.replaceAll(/\[\d+\]/g, '[]')
    const found = classOf(number)
    if (found === null) return [`${path} is of no class: say in number-classes.ts what it is`]
    const missing = found.needs.filter((need) => LACKS[need](number)).map((need) => `has no ${need}`)
    const unit = unitOf(number)
    const isWrong = found.unit !== undefined && found.unit !== unit
    return [...missing, ...(isWrong ? [`has the unit ${unit}, not ${found.unit}`] : [])].map(
      (fault) => `${path} (${found.name}) ${fault}`,
    )
  })
  return [...new Set(faults)]
}

export function walksTheApi(village: () => TestVillage): void {
  async function ask(path: string, cookie: string | null): Promise<unknown> {
    const answer = await fetch(village().http + path, cookie === null ? {} : { headers: { cookie } })
    const text = await answer.text()
    // Browsers of other tests ask from the same address, which has its limit.
    if (answer.status === 429) {
      await sleep(Number(answer.headers.get('retry-after')) * SECOND)
      return ask(path, cookie)
    }
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${text}`)
    return JSON.parse(text)
  }

  it('finds no number without unit, time and rule on any route, whoever asks', async () => {
    const cookie = await village().signIn()
    const { paths } = await village().get<OpenApi>('/api/openapi.json')
    const ids = await idsOf(village())
    const gets = Object.entries(paths).filter(([path, methods]) => 'get' in methods && !(path in ELSEWHERE))
    const faults: string[] = []
    let numbers = 0
    for (const [path, { get }] of gets) {
      const isOpen = get?.security === undefined
      for (const url of urlsOf(path, ids)) {
        for (const who of isOpen ? [null, cookie] : [cookie]) {
          const answer = await ask(url, who)
          numbers += numbersIn(answer).length
          faults.push(...faultsOf(answer).map((fault) => `${path}: ${fault}`))
        }
      }
    }
    expect([...new Set(faults)]).toEqual([])
    expect(numbers).toBeGreaterThan(5_000)
  })

  it('explains by every link: rule, version, source, inputs, completeness, and readings that are there', async () => {
    const cookie = await village().signIn()
    const { devices, stops } = await idsOf(village())
    const faults: string[] = []
    let walked = 0
    for (const who of [null, cookie]) {
      for (const link of await linksOf(devices, stops, who)) {
        const explanation = (await ask(link, who)) as Explanation
        const readings = await ask(explanation.readings, who)
        faults.push(
          ...[explanation, readings].flatMap(faultsOf).map((fault) => `${link}: ${fault}`),
          ...gapsOf(explanation).map((gap) => `${link}: no ${gap}`),
        )
        walked += 1
      }
    }
    expect(faults).toEqual([])
    expect(walked).toBeGreaterThan(40)
  })

  async function linksOf(
    devices: readonly string[],
    stops: readonly string[],
    who: string | null,
  ): Promise<readonly string[]> {
    const links: string[] = []
    for (const id of devices) {
      const { properties } = (await ask(`/api/v1/devices/${id}`, who)) as DeviceFeature
      links.push(
        ...Object.values(properties.explain ?? {}).filter((link) => link.startsWith('/api/v1/explain?')),
      )
    }
    for (const stop of stops) {
      const { arrivals } = (await ask(`/api/v1/transit/stops/${stop}/arrivals`, who)) as ArrivalsAnswer
      const routes = new Set(arrivals.map(({ route }) => encodeURIComponent(route)))
      links.push(...[...routes].map((route) => `/api/v1/explain?stop=${stop}&value=arrival&route=${route}`))
    }
    return links
  }

  it('names the unit of every family of /metrics that is not a count of things', async () => {
    const text = await (await fetch(`${village().http}/metrics`)).text()
    const families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({
      name,
      type,
    }))
    expect(families.length).toBeGreaterThan(8)
    const faults = families.flatMap(({ name }) => {
      const unit = /_(seconds|bytes|ratio)$/.exec(name)?.[1]
      const says = [`# HELP ${name} `, ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}\n`])]
      return says.filter((line) => !text.includes(line)).map((line) => `${name} lacks ${line}`)
    })
    expect(faults).toEqual([])
  })
}

/** What an explanation must have and this one has not. */
function gapsOf({ rule, inputs, completeness, readings, reason }: Explanation): readonly string[] {
  const gaps: string[] = []
  for (const member of ['name', 'version', 'source'] as const) if (!/\S/.test(rule[member])) gaps.push(member)
  // A value that there is not has a reason in place of what it would be made of.
  if (inputs.length === 0 && reason === undefined) gaps.push('inputs')
  if (completeness === undefined) gaps.push('completeness')
  if (!readings.startsWith('/api/v1/')) gaps.push('address of readings')
  return gaps
}

interface Ids {
  readonly devices: readonly string[]
  readonly vehicles: readonly string[]
  readonly stops: readonly string[]
  readonly routes: readonly string[]
}

/** Of each kind of thing that has numbers of its own one: a hotspot, a station with an index, a gauge, a bus on a trip. */
async function idsOf(village: TestVillage): Promise<Ids> {
  const { features } = await village.get<DeviceCollection>('/api/v1/devices?limit=1000')
  const first = (isOne: (properties: DeviceFeature['properties']) => boolean): readonly string[] =>
    features
      .filter(({ properties }) => isOne(properties))
      .slice(0, 1)
      .map(({ id }) => id)
  const vehicles = first(({ transit }) => transit?.trip != null)
  const { stops } = await village.get<StopsAnswer>('/api/v1/transit/stops')
  const { routes } = await village.get<RoutesAnswer>('/api/v1/transit/routes')
  return {
    devices: [
      ...first(({ kind }) => kind === 'hotspot'),
      ...first(({ air }) => air?.ispu.value != null),
      ...first(({ values }) => values['water_level_cm'] !== undefined),
      ...vehicles,
    ],
    vehicles,
    stops: stops.slice(0, SAMPLE).map(({ id }) => encodeURIComponent(id)),
    routes: routes.slice(0, SAMPLE).map(({ id }) => encodeURIComponent(id)),
  }
}

/** The addresses of a path, with ids of things that there are. */
function urlsOf(path: string, ids: Ids): readonly string[] {
  const variants = VARIANTS[path] ?? ['']
  return placesOf(path, ids).flatMap((place) => variants.map((variant) => place + variant))
}

function placesOf(path: string, ids: Ids): readonly string[] {
  const holder = /\/(\w+)\/\{id\}/.exec(path)?.[1]
  if (holder === undefined && !path.includes('{')) return [path]
  const of = (Object.keys(ids) as (keyof Ids)[]).find((one) => one === holder)
  if (of === undefined) throw new Error(`${path}: say in placesOf where its ids come from`)
  return ids[of].map((id) => path.replace('{id}', id))
}
