// The broker's process.

import { runPart } from '../runtime/part.ts'
import { startBroker } from './start.ts'

await runPart('broker', (context) => startBroker(context, new URL('./log-thread.js', import.meta.url)))
