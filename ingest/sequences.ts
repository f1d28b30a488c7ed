// Readings that a device numbered and that never came (domain B6): gaps in its `seq` within one boot. A late one fills its gap, a number
// seen before is a copy, and event `boot` starts anew.

import type { LogPosition } from '../contract/log.ts'
import type { DeviceEvent, Observation } from '../contract/observation.ts'

interface Run {
  /** One more than the greatest so far. */
  next: number
  /** Gaps as [from, to), rising; the oldest is given up when there are too many. */
  readonly missing: [number, number][]
}

const MOST_GAPS = 32
/** A wider gap is no loss: the device counts from somewhere else. */
const WIDEST_GAP = 1_000_000
const NEW_BOOT = new Set(['boot', 'reboot'])

export class Sequences {
  readonly #runs = new Map<string, Run>()

  /** How many more are lost now that this one came: above 0 when it lies behind a gap, -1 when it fills one. */
  lostBy({ device, seq }: Observation): number {
    if (seq === undefined) return 0
    const run = this.#runs.get(device)
    if (run === undefined || seq - run.next > WIDEST_GAP) {
      this.#runs.set(device, { next: seq + 1, missing: [] })
      return 0
    }
    if (seq < run.next) return fill(run.missing, seq) ? -1 : 0
    const lost = seq - run.next
    if (lost > 0) {
      run.missing.push([run.next, seq])
      if (run.missing.length > MOST_GAPS) run.missing.shift()
    }
    run.next = seq + 1
    return lost
  }

  note({ device, event }: DeviceEvent): void {
    if (NEW_BOOT.has(event)) this.#runs.delete(device)
  }

  /** Nothing is known any more: the next number of each device starts anew. */
  forget(): void {
    this.#runs.clear()
  }

  /** As text that `restore` reads, true for that place of the log only. */
  save(position: LogPosition): string {
    return JSON.stringify({ position, runs: [...this.#runs] })
  }

  /** Goes on from a text of `save`, if it was true for this place. */
  restore(text: string | undefined, position: LogPosition | null): void {
    if (text === undefined || position === null) return
    // It was written by `save`, in the transaction of that position.
    const saved = JSON.parse(text) as { position: LogPosition; runs: [string, Run][] }
    if (saved.position.segment !== position.segment || saved.position.offset !== position.offset) return
    for (const [device, run] of saved.runs) this.#runs.set(device, run)
  }
}

/** True when the number was missing; it is no more. */
function fill(missing: [number, number][], seq: number): boolean {
  const index = missing.findIndex(([from, to]) => from <= seq && seq < to)
  const gap = missing[index]
  if (gap === undefined) return false
  const [from, to] = gap
  const rest: [number, number][] = [
    [from, seq],
    [seq + 1, to],
  ]
  missing.splice(index, 1, ...rest.filter(([begin, end]) => begin < end))
  return true
}
