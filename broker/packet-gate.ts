// Closes a connection at the fixed header of a packet that is too large, before any of it is gathered: the parser would keep up
// to 256 MiB a socket, even before sign-in. It watches what is read and never changes it.

import type { Duplex } from 'node:stream'

/** Largest packet, fixed header and all, of a client that has signed in, and of one that has not. */
export const MAX_PACKET_BYTES = 1_048_576
export const MAX_CONNECT_BYTES = 16_384

export class PacketGate {
  /** Bytes of the current packet that have not come yet. */
  #left = 0
  /** Of a fixed header that came in pieces: the remaining length so far, and how many bytes came; null between packets. */
  #header: { length: number; bytes: number } | null = null

  /** False when a packet longer than `most`, or a length that is no length, begins in `chunk`. */
  admits(chunk: Uint8Array, most: number): boolean {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at)
        this.#left -= taken
        at += taken
        continue
      }
      const header = this.#header ?? { length: 0, bytes: 0 }
      this.#header = header
      const byte = chunk[at] ?? 0
      at += 1
      header.bytes += 1
      if (header.bytes === 1) continue
      // Remaining length: seven bits a byte, least first, at most four bytes [MQTT 3.1.1, 2.2.3].
      header.length += (byte & 0x7f) * 128 ** (header.bytes - 2)
      if (header.bytes + header.length > most) return false
      if ((byte & 0x80) === 0) {
        this.#left = header.length
        this.#header = null
      } else if (header.bytes > 4) return false
    }
    return true
  }
}

/** The `read` of a stream whose chunks are looked at first: what `admits` does not let through is not read. It serves any number of them. */
export function gatedRead(admits: (stream: Duplex, chunk: Uint8Array) => boolean): Duplex['read'] {
  return function read(this: Duplex, size?: number): Buffer | null {
    const prototype = Object.getPrototypeOf(this) as Duplex
    const chunk = prototype.read.call(this, size) as Buffer | null
    return chunk === null || admits(this, chunk) ? chunk : null
  }
}
