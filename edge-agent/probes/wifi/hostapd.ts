// Clients from `hostapd_cli all_sta`, where hostapd keeps a control socket for each of its interfaces.

import {
  ASK_TIMEOUT_MS,
  type Association,
  type AssociationSource,
  addAssociations,
  associationOf,
  INTERFACE_NAME,
} from './association.ts'

/** The default `ctrl_interface` of hostapd. */
const SOCKETS = '/var/run/hostapd'

export const hostapd: AssociationSource = {
  name: 'hostapd_cli',
  async read(system, wanted) {
    const found = wanted.length > 0 ? wanted : await system.list(SOCKETS)
    const interfaces = found.filter((name) => INTERFACE_NAME.test(name) && name !== 'global')
    if (interfaces.length === 0) return null
    const all: Association[] = []
    for (const name of interfaces) {
      const result = await system.run('hostapd_cli', ['-p', SOCKETS, '-i', name, 'all_sta'], ASK_TIMEOUT_MS)
      if (!result.ran || result.code !== 0 || /^FAIL/m.test(result.stdout)) return null
      all.push(parseAllStations(result.stdout))
    }
    return addAssociations(all)
  },
}

const ADDRESS = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}\s*$/im

/** Clients of one interface: each begins with its address on a line, `key=value` lines below. */
export function parseAllStations(stdout: string): Association {
  const blocks = stdout.split(new RegExp(ADDRESS.source, 'gim')).slice(1)
  return associationOf(
    blocks.map((block) => {
      const flags = /^flags=(.*)$/m.exec(block)?.[1]
      const signal = /^signal=(-?\d+)\s*$/m.exec(block)
      return {
        authorized: flags === undefined || flags.includes('[AUTHORIZED]'),
        signalDbm: signal === null ? null : Number(signal[1]),
      }
    }),
  )
}
