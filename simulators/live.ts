// Runs the models against the broker: each tick of a device is published when its simulated time has come; a device that the
// model cuts off loses its link without a goodbye.

import type { TimeMs } from '../contract/time.ts'
import { formatTime } from '../contract/time.ts'
import type { DeviceModel } from './device-model.ts'
import type { Pace } from './pace.ts'
import type { Link } from './publisher.ts'
import { TickQueue } from './tick-queue.ts'
import { firstTick } from './world.ts'

export interface LiveDevice {
  readonly model: DeviceModel
  readonly link: Link
}

export interface LiveRun {
  stop(): void
}

/** No tick is looked for more often than this; several that came due go out together. */
const STEP_MS = 50
/** New links at a start, so that a thousand devices do not connect in one moment. */
const CONNECTS_PER_STEP = 25

/** `onTick` is told how far simulated time has come, for the truth file. */
export function runLive(devices: readonly LiveDevice[], pace: Pace, onTick: (now: TimeMs) => void): LiveRun {
  const queue = new TickQueue<LiveDevice>()
  const sequences = new Map<string, number>()
  const waiting = [...devices]
  const connected = new Set<string>()
  const start = pace.now()
  for (const device of devices) queue.push(firstTick(device.model, start), device)

  const step = (): void => {
    const now = pace.now()
    for (const { model, link } of waiting.splice(0, CONNECTS_PER_STEP)) {
      if (!model.isReachable(now)) continue
      link.connect()
      connected.add(model.id)
    }
    for (let due = queue.popUntil(now); due !== null; due = queue.popUntil(now)) {
      tick(due.item, due.time)
      // A machine that slept does not catch up the ticks it missed: a real device would not have measured then.
      queue.push(
        Math.max(due.time + due.item.model.everyMs, firstTick(due.item.model, now - due.item.model.everyMs)),
        due.item,
      )
    }
    onTick(now)
  }

  function tick({ model, link }: LiveDevice, time: TimeMs): void {
    if (!model.isReachable(time)) {
      if (connected.delete(model.id)) link.cut()
      return
    }
    if (!connected.has(model.id)) {
      link.connect()
      connected.add(model.id)
      return
    }
    const sample = model.sampleAt(time)
    if (sample === null) return
    const seq = sequences.get(model.id) ?? 0
    sequences.set(model.id, seq + 1)
    link.publish('reading', JSON.stringify({ time: formatTime(model.deviceTime(time)), seq, ...sample }))
  }

  step()
  const timer = setInterval(step, STEP_MS)
  return { stop: () => clearInterval(timer) }
}
