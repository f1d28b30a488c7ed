// What the desk may ask of a hotspot on its `command` topic: `{"do":"measure"}` or `{"do":"throughput"}`, with an `id` of its own
// that comes back with the answer.

import { parseObject } from './json.ts'

export type Command =
  | { readonly ok: true; readonly do: 'measure' | 'throughput'; readonly id: string | null }
  | { readonly ok: false; readonly detail: string; readonly id: string | null }

/** A command that is retained would be done again at every connection, so that it is refused. */
export function parseCommand(payload: string, retained: boolean): Command {
  const object = parseObject(payload)
  const id = typeof object?.['id'] === 'string' ? object['id'].slice(0, 64) : null
  if (object === null) return { ok: false, detail: 'the message is not a JSON object', id }
  if (retained) return { ok: false, detail: 'the command is retained; send it without the retain flag', id }
  const wanted = object['do']
  if (wanted === 'measure' || wanted === 'throughput') return { ok: true, do: wanted, id }
  return {
    ok: false,
    detail: `do is ${JSON.stringify(wanted) ?? 'missing'}; measure or throughput is taken`,
    id,
  }
}
