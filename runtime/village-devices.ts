// Rules that bind the devices of a village to each other, to its place and to its feed; the form of each is the schema's.

import type { Village, VillageDevice } from '../contract/village.ts'

/** The members that these rules read; anything may be missing or wrong where the schema has found a fault already. */
type Draft = Readonly<Record<string, unknown>>

/**
 * Faults of devices that are well-formed one by one: ids that repeat, parents that are unknown or go round, places that look
 * swapped, routes that the feed does not have (`routes` null: not to be told), members that another kind has.
 */
export function deviceFaults(
  devices: readonly unknown[],
  bounds: Village['bounds'] | null,
  routes: ReadonlySet<string> | null,
): string[] {
  const drafts = devices.map(
    (device): Draft => (typeof device === 'object' && device !== null ? { ...device } : {}),
  )
  return [
    ...repeatedIds(drafts),
    ...parentFaults(drafts),
    ...drafts.flatMap((draft, index) => [
      ...(bounds === null ? [] : swapFaults(draft, index, bounds)),
      ...kindFaults(draft, index),
      ...routeFaults(draft, index, routes),
    ]),
  ]
}

function repeatedIds(drafts: readonly Draft[]): string[] {
  const first = new Map<unknown, number>()
  return drafts.flatMap((draft, index) => {
    const id = draft['id']
    if (typeof id !== 'string') return []
    const before = first.get(id)
    if (before === undefined) first.set(id, index)
    return before === undefined
      ? []
      : [`[${index}].id is "${id}", as is [${before}].id; an id is unique in the village`]
  })
}

function parentFaults(drafts: readonly Draft[]): string[] {
  const parents = new Map<string, string>()
  for (const draft of drafts) {
    if (typeof draft['id'] === 'string' && typeof draft['parent'] === 'string')
      parents.set(draft['id'], draft['parent'])
  }
  const ids = new Set(drafts.map((draft) => draft['id']))
  return drafts.flatMap((draft, index) => {
    const { id, parent } = draft
    if (typeof id !== 'string' || typeof parent !== 'string') return []
    if (!ids.has(parent))
      return [`[${index}].parent is "${parent}"; a parent is the id of a device of the village`]
    const round = circleFrom(id, parents)
    return round === null ? [] : [`[${index}].parent is "${parent}"; parents go round: ${round.join(' -> ')}`]
  })
}

/** The chain from `id` back to `id`; null when it ends, or goes round further up without coming back here. */
function circleFrom(id: string, parents: ReadonlyMap<string, string>): string[] | null {
  const chain = [id]
  for (;;) {
    const next = parents.get(chain.at(-1) ?? id)
    if (next === undefined) return null
    if (next === id) return [...chain, id]
    if (chain.includes(next)) return null
    chain.push(next)
  }
}

/** A place outside the village that would lie inside it the other way round; 0.2 degrees (22 km) count as inside. */
function swapFaults(draft: Draft, index: number, bounds: Village['bounds']): string[] {
  const { lat, lon } = draft
  if (typeof lat !== 'number' || typeof lon !== 'number') return []
  if (isNear(bounds, lat, lon) || !isNear(bounds, lon, lat)) return []
  return [`[${index}] is at lat ${lat}, lon ${lon}; the two look swapped`]
}

function isNear([west, south, east, north]: Village['bounds'], lat: number, lon: number): boolean {
  const margin = 0.2
  return lon >= west - margin && lon <= east + margin && lat >= south - margin && lat <= north + margin
}

const MEMBER_OF: Readonly<Record<string, VillageDevice['kind']>> = {
  route: 'vehicle',
  radius_m: 'hotspot',
  measures: 'sensor',
  siaga_cm: 'sensor',
  noise_zone: 'sensor',
}

function kindFaults(draft: Draft, index: number): string[] {
  const kind = draft['kind']
  if (typeof kind !== 'string') return []
  const wrong = Object.entries(MEMBER_OF)
    .filter(([member, owner]) => Object.hasOwn(draft, member) && owner !== kind)
    .map(([member, owner]) => `[${index}].${member} stands on a ${kind}; only a ${owner} has it`)
  return [...wrong, ...thresholdFaults(draft, index)]
}

/** The higher the alert, the smaller its number and the higher its level (domain A12). */
function thresholdFaults(draft: Draft, index: number): string[] {
  const levels = draft['siaga_cm']
  if (typeof levels !== 'object' || levels === null) return []
  const { siaga3, siaga2, siaga1 } = levels as Record<string, unknown> // members are looked at before use
  if (typeof siaga3 !== 'number' || typeof siaga2 !== 'number' || typeof siaga1 !== 'number') return []
  if (siaga3 < siaga2 && siaga2 < siaga1) return []
  return [
    `[${index}].siaga_cm is ${siaga3}, ${siaga2}, ${siaga1}; siaga3 is below siaga2, and siaga2 below siaga1`,
  ]
}

function routeFaults(draft: Draft, index: number, routes: ReadonlySet<string> | null): string[] {
  const route = draft['route']
  if (typeof route !== 'string' || routes === null || routes.has(route)) return []
  return [`[${index}].route is "${route}"; the feed has no such route_id in routes.txt`]
}
