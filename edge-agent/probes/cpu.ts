// How busy the processors were since the round before, from /proc/stat (proc(5)): busy is all but idle and iowait.

import { wait } from '../timers.ts'
import { type Probe, type ProbeContext, rounded } from './probe.ts'

export interface CpuTimes {
  readonly busy: number
  readonly total: number
}

/** The first round has no round before: it looks twice, so far apart. */
const FIRST_SPAN_MS = 250

export function cpu(): Probe {
  let before: CpuTimes | null = null
  return {
    name: 'cpu',
    async measure(context) {
      if (before === null) {
        before = await readTimes(context)
        await wait(context.timers, FIRST_SPAN_MS)
      }
      const now = await readTimes(context)
      const percent = busyPct(before, now)
      before = now
      return percent === null ? {} : { cpu_pct: rounded(percent) }
    },
  }
}

async function readTimes({ system }: ProbeContext): Promise<CpuTimes | null> {
  return parseCpuTimes((await system.readText('/proc/stat')) ?? '')
}

/** The sum of all processors, in clock ticks; null when the line is not there. */
export function parseCpuTimes(text: string): CpuTimes | null {
  const match = /^cpu +(\d.*)$/m.exec(text)
  const fields = match?.[1]?.trim().split(/ +/).map(Number)
  if (fields === undefined || fields.length < 4 || fields.some((field) => !Number.isFinite(field)))
    return null
  // user nice system idle iowait irq softirq steal; guest times are within user and nice already.
  const total = fields.slice(0, 8).reduce((sum, field) => sum + field, 0)
  return { busy: total - (fields[3] ?? 0) - (fields[4] ?? 0), total }
}

/** Null when one of them is missing or no time has passed. */
export function busyPct(before: CpuTimes | null, now: CpuTimes | null): number | null {
  if (before === null || now === null || now.total <= before.total) return null
  return Math.min(100, Math.max(0, (100 * (now.busy - before.busy)) / (now.total - before.total)))
}
