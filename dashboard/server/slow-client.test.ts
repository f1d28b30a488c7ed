import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { systemClock } from '../../contract/time.ts'
import { sampleDevice, startVillage } from './harness/village.ts'

it('a client that takes nothing for more than ten seconds is dropped, and nobody waits for it', async () => {
  const time = { offset: 0 }
  const village = await startVillage({
    clock: { now: systemClock.now, monotonicMs: () => systemClock.monotonicMs() + time.offset },
  })
  try {
    // engine.io's and socket.io's own packets: 0 open, 40 connect, 42 event.
    const slow = await watching(village.url)
    const quick = await watching(village.url)
    let deltas = 0
    quick.on('message', (data) => {
      if (String(data).startsWith('42/live,["delta"')) deltas += 1
    })
    slow.pause()
    const large = Array.from({ length: 1_000 }, (_, index) =>
      sampleDevice({ id: `d${index}`, kind: 'sensor', name: 'x'.repeat(100) }),
    )
    // More than the kernel's buffers hold of it.
    for (let count = 0; count < 60; count += 1) {
      village.feed.change(large.map((device) => ({ ...device, conflicts: count })))
      await new Promise((done) => setTimeout(done, 5))
    }
    await expect.poll(() => deltas, { timeout: 10_000 }).toBe(60)
    const gone = new Promise((done) => slow.once('close', done))
    await new Promise((done) => setTimeout(done, 1_500))
    time.offset += 11_000
    await new Promise((done) => setTimeout(done, 1_500))
    slow.resume()
    await gone
    expect(quick.readyState).toBe(WebSocket.OPEN)
    quick.close()
  } finally {
    await village.stop()
  }
}, 30_000)

async function watching(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
  await new Promise<void>((done) => {
    socket.on('message', (data) => {
      const text = String(data)
      if (text.startsWith('0')) socket.send('40/live,')
      if (text.startsWith('40/live')) socket.send('42/live,["watch",{}]')
      if (text.startsWith('42/live,["snapshot"')) done()
    })
  })
  return socket
}
