// A crowd of browsers on the live map, as frames of socket.io on WebSockets, in a process of its own. Arguments: URL, how many, seconds.
// Prints a line once all have their first state, counts from the first line of standard input on, and prints one of JSON at the end: how many
// deltas came, and ages of a sample, in ms.

import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { LiveDelta } from '../contract/live.ts'
import { parseTime, systemClock } from '../contract/time.ts'

export interface BrowsersSeen {
  readonly deltas: number
  readonly bytes: number
  /** From the time that the server writes in a delta to when it is here. */
  readonly agesMs: readonly number[]
  /** How often one was dropped and came back. */
  readonly returns: number
  /** The last delta, as it came. */
  readonly frame: string
}

/** Every so many browsers one reads what it gets; the others only count. */
const SAMPLE_EVERY = 50
const AT_ONCE = 100
const RETURN_MS = 1_000
const DELTA = '42/live,["delta",'

if (process.argv[1]?.endsWith('browsers.js') === true) {
  const [url = '', count = '1', seconds = '1'] = process.argv.slice(2)
  let deltas = 0
  let bytes = 0
  let returns = 0
  let frame = ''
  let isCounting = false
  const agesMs: number[] = []
  const onDelta = (text: string, isSampled: boolean): void => {
    if (!isCounting) return
    deltas += 1
    bytes += text.length
    if (!isSampled) return
    frame = text
    const [, delta] = JSON.parse(text.slice(text.indexOf('['))) as ['delta', LiveDelta]
    const time = parseTime(delta.time)
    if (time.ok) agesMs.push(systemClock.now() - time.time)
  }
  for (let index = 0; index < Number(count); index += AT_ONCE) {
    const some = Math.min(AT_ONCE, Number(count) - index)
    await Promise.all(
      Array.from({ length: some }, (_, own) =>
        look(
          url,
          (text) => onDelta(text, (index + own) % SAMPLE_EVERY === 0),
          () => {
            returns += 1
          },
        ),
      ),
    )
  }
  process.stdout.write('watching\n')
  await once(process.stdin, 'data')
  isCounting = true
  await sleep(Number(seconds) * 1_000)
  isCounting = false
  const seen: BrowsersSeen = { deltas, bytes, agesMs, returns, frame }
  process.stdout.write(`${JSON.stringify(seen)}\n`, () => process.exit(0))
}

/** Opens the map's live part, and again when it is closed, as a browser does; resolves with the first state. */
function look(url: string, onDelta: (text: string) => void, onReturn: () => void): Promise<void> {
  return new Promise((done) => {
    const open = (): void => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
        perMessageDeflate: false,
      })
      socket.on('message', (data) => {
        const text = String(data)
        if (text.startsWith(DELTA)) onDelta(text)
        else if (text === '2') socket.send('3')
        else if (text.startsWith('0{')) socket.send('40/live,')
        else if (text.startsWith('40/live,')) socket.send('42/live,["watch",{}]')
        else if (text.startsWith('42/live,["snapshot"')) done()
      })
      // It is closed after an error too.
      socket.on('error', () => undefined)
      socket.once('close', () => {
        onReturn()
        setTimeout(open, RETURN_MS)
      })
    }
    open()
  })
}
