// Runs the models against the broker: each step of a device is carried out when its simulated time has come.

import { SECOND, type TimeMs } from '../contract/time.ts'
import type { DeviceModel } from './device-model.ts'
import type { Pace } from './pace.ts'
import type { Link } from './publisher.ts'
import { DeviceSession, type Step } from './session.ts'
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
/** Ticks that came due within this much of the machine's time are made up for, however fast simulated time runs. */
const LATE_MS = 2 * SECOND

interface LiveSession {
  readonly session: DeviceSession
  readonly link: Link
}

/** `onTick` is told how far simulated time has come, for the truth file. */
export function runLive(devices: readonly LiveDevice[], pace: Pace, onTick: (now: TimeMs) => void): LiveRun {
  const queue = new TickQueue<LiveSession>()
  const sessions = devices.map(({ model, link }) => ({ session: new DeviceSession(model), link }))
  const waiting = [...sessions]
  const start = pace.now()
  for (const live of sessions) queue.push(firstTick(live.session.model, start), live)

  const step = (): void => {
    const now = pace.now()
    for (const { session, link } of waiting.splice(0, CONNECTS_PER_STEP)) carryOut(link, session.connect(now))
    const latest = now - LATE_MS * pace.speed
    for (let due = queue.popUntil(now); due !== null; due = queue.popUntil(now)) {
      const { session, link } = due.item
      carryOut(link, session.at(due.time))
      queue.push(nextTick(session.model, due.time, latest), due.item)
    }
    onTick(now)
  }

  step()
  const timer = setInterval(step, STEP_MS)
  return { stop: () => clearInterval(timer) }
}

function carryOut(link: Link, step: Step | null): void {
  if (step?.type === 'connect') link.connect()
  else if (step?.type === 'cut') link.cut()
  else if (step !== null) link.publish('reading', step.payload)
}

/** The tick after `time`. A machine that slept does not make up for what it missed: a real device would not have measured then. */
function nextTick(model: DeviceModel, time: TimeMs, latest: TimeMs): TimeMs {
  return Math.max(time + model.everyMs, firstTick(model, latest))
}
