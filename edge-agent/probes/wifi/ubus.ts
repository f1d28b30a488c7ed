// Clients from OpenWrt's bus: `ubus call hostapd.IF get_clients` answers with an object a client, by address.

import {
  ASK_TIMEOUT_MS,
  type Association,
  type AssociationSource,
  addAssociations,
  associationOf,
} from './association.ts'

const OBJECT = /^hostapd\.([a-zA-Z0-9][a-zA-Z0-9_.-]{0,30})$/

export const ubus: AssociationSource = {
  name: 'ubus',
  async read(system, wanted) {
    const listed = await system.run('ubus', ['list', 'hostapd.*'], ASK_TIMEOUT_MS)
    if (!listed.ran || listed.code !== 0) return null
    const objects = listed.stdout.split('\n').filter((name) => isWanted(name, wanted))
    if (objects.length === 0) return null
    const all: Association[] = []
    for (const object of objects) {
      const result = await system.run('ubus', ['call', object, 'get_clients'], ASK_TIMEOUT_MS)
      const association = result.ran && result.code === 0 ? parseGetClients(result.stdout) : null
      if (association === null) return null
      all.push(association)
    }
    return addAssociations(all)
  },
}

function isWanted(object: string, wanted: readonly string[]): boolean {
  const name = OBJECT.exec(object)?.[1]
  return name !== undefined && (wanted.length === 0 || wanted.includes(name))
}

/** Clients of one interface; null when the text is not such an answer. */
export function parseGetClients(stdout: string): Association | null {
  const clients = member(parseJson(stdout), 'clients')
  if (!isObject(clients)) return null
  return associationOf(
    Object.values(clients).map((client) => {
      const signal = member(client, 'signal')
      return {
        authorized: member(client, 'authorized') !== false,
        signalDbm: typeof signal === 'number' ? signal : null,
      }
    }),
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}
