// Which devices change state again and again (domain B3): those on duty are told once that it goes up and down, and again when it has
// calmed. The hard states are those at each interval of the device, so that how often it reports does not matter.

import type { DeviceState } from '../../contract/device-state.ts'
import type { TimeMs } from '../../contract/time.ts'
import { FLAP_STATES, flapPercent, isFlapping } from '../../domain/connectivity/flapping.ts'

interface Turn {
  readonly at: TimeMs
  readonly state: 'up' | 'down'
}

export class FlapWatch {
  /** Turns of each device, oldest first; the first one tells the state at the begin of what is looked at. */
  readonly #turns = new Map<string, Turn[]>()
  readonly #flapping = new Set<string>()

  /** Unknown and maintenance are no hard states: what was before goes on. Degraded is up. */
  note(device: string, shown: DeviceState, at: TimeMs): void {
    if (shown === 'unknown' || shown === 'maintenance') return
    const state = shown === 'down' ? 'down' : 'up'
    const turns = this.#turns.get(device) ?? []
    if (turns.at(-1)?.state === state) return
    turns.push({ at, state })
    this.#turns.set(device, turns)
  }

  /** Whether the device flaps at `now`, with how it did before. */
  looksAt(device: string, everyMs: number, now: TimeMs): boolean {
    const turns = this.#turns.get(device)
    if (turns === undefined) return false
    const begin = now - (FLAP_STATES - 1) * everyMs
    while ((turns[1]?.at ?? Number.POSITIVE_INFINITY) <= begin) turns.shift()
    const states: Turn['state'][] = []
    let next = 0
    for (let time = begin; time <= now; time += everyMs) {
      while ((turns[next]?.at ?? Number.POSITIVE_INFINITY) <= time) next += 1
      const turn = turns[next - 1]
      if (turn !== undefined) states.push(turn.state)
    }
    const percent = flapPercent(states)
    const flaps = percent !== null && isFlapping(percent, this.#flapping.has(device))
    if (flaps) this.#flapping.add(device)
    else this.#flapping.delete(device)
    return flaps
  }

  /** Those that flapped when they were looked at last. */
  flapping(): readonly string[] {
    return [...this.#flapping]
  }

  isFlapping(device: string): boolean {
    return this.#flapping.has(device)
  }

  forget(device: string): void {
    this.#turns.delete(device)
    this.#flapping.delete(device)
  }
}
