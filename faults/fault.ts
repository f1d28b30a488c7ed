// A fault of the campaign: one file each in `catalogue/`, one line each in `index.ts`.

import type { Rig } from './rig/rigged-build.ts'
import type { Scene } from './scene.ts'

export interface Fault {
  readonly name: string
  /** What happens, in one line. */
  readonly what: string
  /** Why it cannot be tried on this machine; null when it can. */
  missing?(): string | null
  /** What the village of the fault runs on, beside the defaults. */
  readonly stage?: Stage
  /** Devices that publish through the round (`WRITERS` when absent); 0: the fault brings its own load. */
  readonly writers?: number
  readonly pace?: Pace
  /** How many times a round kills one part. */
  readonly kills?: number
  /** A round that takes long by its nature: the campaign then runs no more than this of them. */
  readonly mostRounds?: number
  /**
   * Lets the fault happen once under load. Resolves with the time (monotonic, ms) from which recovery counts; throws when the village
   * did what it never may.
   */
  inject(scene: Scene): Promise<number>
}

export interface Pace {
  /** Between two readings of a device, in their own time. */
  readonly stepMs?: number
  /** Messages a second of each device at most. */
  readonly perS?: number
  readonly keepaliveS?: number
}

/** Faults of the same stage share a village. */
export interface Stage {
  readonly name: string
  readonly rig?: Rig
  /** Prepares what stands beside the village. */
  prepare?(): Promise<StageSet>
}

export interface StageSet {
  /** Settings of the village. */
  readonly environment?: Readonly<Record<string, string>>
  /** Its data folder, which is there; absent: a temporary one. */
  readonly dataFolder?: string
  dispose(): Promise<void>
}

/** Devices that publish through a round. */
export const WRITERS = 6

export const PLAIN: Stage = { name: 'plain' }
/** On a log whose disk has faults by order. */
export const RIGGED_DISK: Stage = { name: 'rigged disk', rig: 'disk' }

/** Where a fault happens. */
export function stageOf({ stage }: Fault): Stage {
  return stage ?? PLAIN
}
