// Quality of readings, in one place for the process: the deriver that judges them, flags set by hand, and what both change in live state
// and indices.

import { randomBytes } from 'node:crypto'
import type { Derivation, FeedMethods, QualityFlag } from '../../contract/feed.ts'
import { type Clock, DAY, type TimeMs } from '../../contract/time.ts'
import { BY_HAND } from '../../domain/quality/rules.ts'
import type { AirIndices } from '../live/air-indices.ts'
import type { LiveState } from '../live/live-state.ts'
import { groupBy } from '../store/group.ts'
import type { FlagFilter, Store } from '../store/store.ts'
import { type FlagDeriver, openFlagDeriver } from './flag-deriver.ts'
import type { PlacedStation } from './judge-neighbours.ts'

export interface Quality {
  flags(filter: FlagFilter): Promise<readonly QualityFlag[]>
  setFlag(flag: FeedMethods['setFlag']['argument']): Promise<QualityFlag>
  unsetFlag(id: string): Promise<FeedMethods['unsetFlag']['answer']>
  judgeAgain(from: TimeMs, to: TimeMs): Promise<number>
  /** Puts the flags that are in force on the device's latest values. */
  refresh(device: string): Promise<void>
  progress(): Promise<Derivation>
  /** Judges all that is over, at once. */
  settle(): Promise<void>
  stop(): Promise<void>
}

export interface QualityPlan {
  readonly store: Store
  readonly live: LiveState
  readonly air: Pick<AirIndices, 'noteFlags'>
  readonly clock: Clock
  readonly onFault: (error: unknown) => void
}

/** Flags that reach no further than this into the past say nothing of what is shown as latest. */
const LATEST_MS = DAY
const FOR_EVER = 8.64e15
const MOST_FLAGS = 100_000

/** Flags in force are put on the latest values before it returns. */
export async function openQuality({ store, live, air, clock, onFault }: QualityPlan): Promise<Quality> {
  const latest = (device?: string): Promise<readonly QualityFlag[]> =>
    store.flags({
      ...(device === undefined ? {} : { device }),
      from: clock.now() - LATEST_MS,
      to: FOR_EVER,
      limit: MOST_FLAGS,
    })
  const refresh = async (device: string): Promise<void> => live.setFlags(device, await latest(device))

  for (const [device, flags] of groupBy(await latest(), (flag) => flag.device)) live.setFlags(device, flags)

  const deriver: FlagDeriver = openFlagDeriver({
    store,
    clock,
    stations: () => live.sensors().flatMap(placed),
    async onJudged(device, hours) {
      await refresh(device)
      if (hours.length > 0) air.noteFlags(device)
    },
    onFault,
  })
  const changed = async ({ device, from, to }: QualityFlag): Promise<void> => {
    await refresh(device)
    air.noteFlags(device)
    // Its neighbours are judged by its means.
    await store.judgeAgain(from, Math.min(to, clock.now()), device)
  }
  return {
    flags: (filter) => store.flags(filter),
    async setFlag({ device, metric, from, to, flag, note, by }) {
      const id = `${BY_HAND}-${randomBytes(8).toString('hex')}`
      const what = { id, device, metric, from, to, flag, note }
      const set: QualityFlag = { ...what, quality: 4, rule: BY_HAND, version: by, made: clock.now() }
      await store.putFlag(set)
      await changed(set)
      return set
    },
    async unsetFlag(id) {
      if (!id.startsWith(`${BY_HAND}-`)) return { flag: null, byTest: true }
      const flag = await store.retireFlag(id, clock.now())
      if (flag !== null) await changed(flag)
      return { flag, byTest: false }
    },
    async judgeAgain(from, to) {
      const hours = await store.judgeAgain(from, to)
      // Somebody waits for it: without rests.
      deriver.settle().catch(onFault)
      return hours
    },
    refresh,
    progress: () => deriver.progress(),
    settle: () => deriver.settle(),
    stop: () => deriver.stop(),
  }
}

function placed({ id, position, metrics }: ReturnType<LiveState['sensors']>[number]): PlacedStation[] {
  return position === null ? [] : [{ id, position, metrics }]
}
