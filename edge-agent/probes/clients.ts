// How many clients the hotspot serves and how well it hears them, from whichever of the machine's programs knows.

import { type Probe, rounded, type Values } from './probe.ts'
import type { Association, AssociationSource } from './wifi/association.ts'
import { hostapd } from './wifi/hostapd.ts'
import { iw } from './wifi/iw.ts'
import { ubus } from './wifi/ubus.ts'

const SOURCES: readonly AssociationSource[] = [iw, hostapd, ubus]

export const clients: Probe = {
  name: 'clients',
  async measure({ system, settings }) {
    for (const source of SOURCES) {
      const association = await source.read(system, settings.wifi)
      if (association !== null) return clientValues(association)
    }
    return {}
  },
}

/** The count, and the mean signal when any is known. */
export function clientValues({ clients: count, signalSumDbm, signalCount }: Association): Values {
  return signalCount === 0
    ? { clients: count }
    : { clients: count, rssi_dbm: rounded(signalSumDbm / signalCount) }
}
