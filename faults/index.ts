// The faults of `npm run faults`, in the order in which they run: those of one stage stand together, since they share a village.

import { clockFarOff, clockSteps } from './catalogue/clock-steps.ts'
import { connects } from './catalogue/connects.ts'
import { damagedLog, tornTail } from './catalogue/damaged-log.ts'
import { noRoom, slowSync, syncError, writeErrors } from './catalogue/disk-errors.ts'
import { diskFull } from './catalogue/disk-full.ts'
import { disorder } from './catalogue/disorder.ts'
import { edgeAgentOffline } from './catalogue/edge-agent-offline.ts'
import { frozenPart } from './catalogue/frozen-part.ts'
import { frozenSubscriber } from './catalogue/frozen-subscriber.ts'
import { halfOpen } from './catalogue/half-open.ts'
import { killAll, killPart } from './catalogue/kill.ts'
import { killInReplay } from './catalogue/kill-in-replay.ts'
import { powerCut } from './catalogue/power-cut.ts'
import { reconnectStorm } from './catalogue/reconnect-storm.ts'
import { stopUnderLoad } from './catalogue/stop.ts'
import { storeAway } from './catalogue/store-away.ts'
import { storeThreadDies } from './catalogue/store-thread-dies.ts'
import type { Fault } from './fault.ts'

export const FAULTS: readonly Fault[] = [
  killPart('broker'),
  killPart('ingest'),
  killPart('dashboard'),
  killAll,
  killInReplay,
  stopUnderLoad,
  frozenPart('broker'),
  frozenPart('ingest'),
  tornTail,
  damagedLog,
  disorder,
  reconnectStorm,
  halfOpen,
  frozenSubscriber,
  connects,
  edgeAgentOffline,
  powerCut,
  writeErrors,
  syncError,
  noRoom,
  slowSync,
  storeThreadDies,
  diskFull,
  storeAway,
  clockSteps,
  clockFarOff,
]
