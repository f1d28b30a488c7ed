// The five states of a device (design D7): unknown is a state, and its cause is said.

export const DEVICE_STATES = ['up', 'degraded', 'down', 'unknown', 'maintenance'] as const
export type DeviceState = (typeof DEVICE_STATES)[number]

/**
 * Why a device is down or unknown: `last_will`, `probe` (its own agent reports no uplink), `silence`, `never_heard`,
 * `server_away` (our own broker was not listening), `parent:{id}` (what hangs below a parent that is down), `poor`.
 */
export type StateCause =
  | 'last_will'
  | 'probe'
  | 'silence'
  | 'never_heard'
  | 'server_away'
  | 'poor'
  | `parent:${string}`

/** Roles of staff accounts; `admin` may all. */
export const ROLES = ['infrastructure', 'environment', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** True when an account of `role` may do what needs `needed`. */
export function mayAct(role: Role, needed: Role | 'any'): boolean {
  return needed === 'any' || role === 'admin' || role === needed
}
