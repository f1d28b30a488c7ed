// The payload formats that are understood, the first that accepts a topic first. A new one is a file beside this and a line here.

import type { Topic } from '../../contract/topics.ts'
import type { Decoder } from './decoder.ts'
import { pantau } from './pantau.ts'

export const decoders: readonly Decoder[] = [pantau]

/** The decoder of a topic: the last one takes whatever no other does. */
export function decoderOf(topic: Topic): Decoder {
  return decoders.find((decoder) => decoder.accepts(topic)) ?? pantau
}
