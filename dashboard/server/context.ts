// What the routes stand on, made once at the start and passed to each group of them.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { Registry } from '../../contract/registry.ts'
import type { Settings } from '../../contract/settings.ts'
import type { Clock } from '../../contract/time.ts'
import type { VehicleRuns } from '../../domain/transit/vehicle-runs.ts'
import type { AuditLog } from '../../runtime/audit.ts'
import type { AskDisk } from '../../runtime/free-space.ts'
import type { LoadedVillage } from '../../runtime/village.ts'
import type { VitalsWatch } from '../../runtime/vitals.ts'
import type { Viewer } from './access.ts'
import type { Acknowledgements } from './acknowledgements.ts'
import type { Feed } from './feed.ts'
import type { LiveMirror } from './live-mirror.ts'
import type { Maintenance } from './maintenance.ts'
import type { ParkedVehicles } from './parked-vehicles.ts'
import type { Audience } from './public-view.ts'
import type { Sessions } from './sessions.ts'
import type { SigningKey } from './signing-key.ts'
import type { TransitPlan } from './transit-plan.ts'
import type { TypeBoxProvider } from './validation.ts'

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxProvider
>

export interface Context {
  readonly settings: Settings
  readonly dataFolder: string
  readonly clock: Clock
  readonly village: LoadedVillage
  readonly version: string
  /** Random, of this start: tags made by another one do not count. */
  readonly instance: string
  readonly feed: Feed
  readonly mirror: LiveMirror
  readonly registry: () => Registry
  /** Reads the registry anew: after a change of our own it must not lag. */
  readonly refreshRegistry: () => void
  readonly sessions: Sessions
  readonly audit: AuditLog
  readonly key: SigningKey
  readonly transit: TransitPlan
  readonly runs: VehicleRuns
  readonly parked: ParkedVehicles
  readonly maintenance: Maintenance
  readonly acknowledgements: Acknowledgements
  /** True when served over HTTPS. */
  readonly secure: boolean
  /** Browsers on `/live` now. */
  readonly browsers: () => number
  readonly vitals: VitalsWatch
  readonly askDisk: AskDisk
}

export function audienceOf(viewer: Viewer | null): Audience {
  return viewer === null ? 'public' : 'staff'
}
