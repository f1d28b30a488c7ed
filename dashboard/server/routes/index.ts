// The groups of routes; a new group is a file here and a line.

import type { App, Context } from '../context.ts'
import { registerAdminDeviceRoutes } from './admin-devices.ts'
import { registerAdminUserRoutes } from './admin-users.ts'
import { registerAirRoutes } from './air.ts'
import { registerConnectivityRoutes } from './connectivity.ts'
import { registerDeviceRoutes } from './devices.ts'
import { registerExceedanceRoute } from './exceedances.ts'
import { registerExplainRoute } from './explain.ts'
import { registerFlagRoutes } from './flags.ts'
import { registerGtfsRealtimeRoutes } from './gtfs-realtime.ts'
import { registerHealthRoutes } from './health.ts'
import { registerIntakeRoutes } from './intake.ts'
import { registerMaintenanceRoutes } from './maintenance.ts'
import { registerReadingRoutes } from './readings.ts'
import { registerSessionRoutes } from './session.ts'
import { registerTokenRoutes } from './tokens.ts'
import { registerTransitRoutes } from './transit.ts'
import { registerVillageRoute } from './village.ts'

export function registerRoutes(app: App, context: Context): void {
  registerHealthRoutes(app, context)
  registerVillageRoute(app, context)
  registerDeviceRoutes(app, context)
  registerReadingRoutes(app, context)
  registerAirRoutes(app, context)
  registerExceedanceRoute(app, context)
  registerFlagRoutes(app, context)
  registerConnectivityRoutes(app, context)
  registerMaintenanceRoutes(app, context)
  registerExplainRoute(app, context)
  registerTransitRoutes(app, context)
  registerGtfsRealtimeRoutes(app, context)
  registerSessionRoutes(app, context)
  registerTokenRoutes(app, context)
  registerAdminDeviceRoutes(app, context)
  registerAdminUserRoutes(app, context)
  registerIntakeRoutes(app, context)
}
