// QoS 2 towards the log: a message that is sent again before its PUBREL is the same message [MQTT-4.3.3-2], also while the first copy is
// still on its way to the disk. Aedes knows it only behind the log; here it is known before.

import type { Unreleased } from './memory/sessions.ts'

/** MQTT 3.1.1 has no way to tell a client of a lower bound, and PUBRELs come behind all that a client wrote at once. */
export const UNRELEASED_MOST = 10_000

type Done = (error?: Error | null) => void

export class ExactlyOnce {
  /** Of each connection or session: who waits for the first copy of a message, by its packet id. */
  readonly #held = new WeakMap<Unreleased, Map<number, Done[]>>()

  /**
   * True when the message has to go to the log, whose answer is then told to `ended`. Otherwise `done` is called: at once when it is
   * there already, with an error when too many wait for their PUBREL, or with the answer to the copy that is on its way.
   */
  begins(unreleased: Unreleased, packetId: number, done: Done): boolean {
    const held = this.#held.get(unreleased) ?? new Map<number, Done[]>()
    const others = held.get(packetId)
    if (others !== undefined) others.push(done)
    else if (unreleased.has(packetId)) done()
    else if (unreleased.size + held.size >= UNRELEASED_MOST) {
      done(new Error(`more than ${UNRELEASED_MOST} messages of QoS 2 wait for their PUBREL`))
    } else {
      this.#held.set(unreleased, held.set(packetId, []))
      return true
    }
    return false
  }

  ended(unreleased: Unreleased, packetId: number, refusal: Error | null): void {
    if (refusal === null) unreleased.set(packetId, false)
    const held = this.#held.get(unreleased)
    const others = held?.get(packetId) ?? []
    held?.delete(packetId)
    // Later, when Aedes has noted the first: then it answers the others by PUBREC alone.
    for (const done of others) setImmediate(done, refusal)
  }
}
