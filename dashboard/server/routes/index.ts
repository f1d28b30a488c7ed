// The groups of routes; a new group is a file here and a line.

import type { App, Context } from '../context.ts'
import { registerDeviceRoutes } from './devices.ts'
import { registerHealthRoutes } from './health.ts'
import { registerVillageRoute } from './village.ts'

export function registerRoutes(app: App, context: Context): void {
  registerHealthRoutes(app, context)
  registerVillageRoute(app, context)
  registerDeviceRoutes(app, context)
}
