// How many clients are associated, and how well they are heard. Addresses are read to tell clients apart and go no further:
// what leaves a parser is a count and a sum (design D11).

import type { System } from '../../system.ts'

export interface Association {
  readonly clients: number
  /** Of those whose signal is known. */
  readonly signalSumDbm: number
  readonly signalCount: number
}

/** One way to learn of the clients. */
export interface AssociationSource {
  readonly name: string
  /** `interfaces` empty: all that are access points. Null when this way is not to be had on the machine. */
  read(system: System, interfaces: readonly string[]): Promise<Association | null>
}

/** How long a program that only asks the kernel or a daemon may take. */
export const ASK_TIMEOUT_MS = 5_000

export const INTERFACE_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/

export interface Client {
  /** False for one that has not finished to sign in; absent information counts as true. */
  readonly authorized: boolean
  readonly signalDbm: number | null
}

export function associationOf(clients: readonly Client[]): Association {
  const authorized = clients.filter((client) => client.authorized)
  const signals = authorized.flatMap(({ signalDbm }) =>
    signalDbm !== null && signalDbm < 0 && signalDbm >= -120 ? [signalDbm] : [],
  )
  return {
    clients: authorized.length,
    signalSumDbm: signals.reduce((sum, signal) => sum + signal, 0),
    signalCount: signals.length,
  }
}

export function addAssociations(all: readonly Association[]): Association {
  return all.reduce(
    (sum, one) => ({
      clients: sum.clients + one.clients,
      signalSumDbm: sum.signalSumDbm + one.signalSumDbm,
      signalCount: sum.signalCount + one.signalCount,
    }),
    { clients: 0, signalSumDbm: 0, signalCount: 0 },
  )
}
