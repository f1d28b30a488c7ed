// One message put together from readings, in one piece of memory that serves every message: on a router garbage would cost
// more than the readings themselves.

import { MAX_PAYLOAD_BYTES } from './record.ts'

const OPENING = 0x5b
const CLOSING = 0x5d
const COMMA = 0x2c

export class MessageDraft {
  /** The longest message, or the longest reading between brackets. */
  readonly #bytes = Buffer.allocUnsafe(MAX_PAYLOAD_BYTES + 2)
  #end = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  /** True when a reading of that length goes into a message of up to `maxBytes`, as the first always does. */
  hasRoom(length: number, maxBytes: number): boolean {
    // Two more bytes: the bracket or comma before it, and the bracket after the last.
    return this.#count === 0 || this.#end + length + 2 <= Math.min(maxBytes, this.#bytes.length)
  }

  /** Takes in a reading of that length, which `copy` writes. */
  add(length: number, copy: (target: Buffer, at: number) => void): void {
    this.#bytes.writeUInt8(this.#count === 0 ? OPENING : COMMA, this.#end)
    copy(this.#bytes, this.#end + 1)
    this.#end += 1 + length
    this.#count += 1
  }

  /** The message, and a new beginning: one reading as it is, several as a JSON array. */
  take(): Buffer {
    this.#bytes.writeUInt8(CLOSING, this.#end)
    const message =
      this.#count === 1 ? this.#bytes.subarray(1, this.#end) : this.#bytes.subarray(0, this.#end + 1)
    this.#end = 0
    this.#count = 0
    return Buffer.from(message)
  }
}
