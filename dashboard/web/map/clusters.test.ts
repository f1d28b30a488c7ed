import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { FromWorker, ToWorker } from './cluster-message.ts'
import { type Cluster, Clusters } from './clusters.ts'

/** A worker whose answers the test gives. */
class HeldWorker extends EventTarget {
  static last: HeldWorker
  readonly sent: ToWorker[] = []

  constructor() {
    super()
    HeldWorker.last = this
  }

  postMessage(message: ToWorker): void {
    this.sent.push(message)
  }

  terminate(): void {}

  answer(layers: FromWorker['layers']): void {
    const ask = this.sent.findLast(({ type }) => type === 'ask')
    const index = this.sent.findLast(({ type }) => type === 'index')
    if (ask?.type !== 'ask' || index?.type !== 'index') throw new Error('nothing was asked')
    this.dispatchEvent(
      new MessageEvent('message', { data: { token: ask.token, version: index.version, layers } }),
    )
  }
}

const VIEW = [106.8, -6.2, 106.9, -6.1] as const
const PLACES = [
  { id: 'a', layer: 'wifi', lat: -6.17, lon: 106.81 },
  { id: 'b', layer: 'wifi', lat: -6.17, lon: 106.81 },
]
let places: typeof PLACES = []
let heard: (readonly Cluster[])[] = []
let clusters: Clusters

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('Worker', HeldWorker)
  vi.stubGlobal('window', globalThis)
  ;[places, heard] = [[], []]
  clusters = new Clusters(
    () => places,
    (found) => heard.push(found),
  )
  clusters.start()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('passes on who is in which cluster, and not an answer from before anybody was known', () => {
  clusters.ask(VIEW, 14)
  places = PLACES
  clusters.changed()
  HeldWorker.last.answer([])
  expect(heard).toEqual([])
  clusters.ask(VIEW, 14)
  HeldWorker.last.answer([{ id: 'wifi', clusters: [{ lat: -6.17, lon: 106.81, members: [0, 1] }] }])
  expect(heard).toEqual([[{ layer: 'wifi', lat: -6.17, lon: 106.81, members: ['a', 'b'] }]])
})

it('lets every marker stand for itself when the worker does not answer, or cannot be had', () => {
  places = PLACES
  clusters.ask(VIEW, 14)
  vi.advanceTimersByTime(10_000)
  expect(heard).toEqual([[]])
  HeldWorker.last.dispatchEvent(new Event('error'))
  expect(heard).toEqual([[], []])
  clusters.ask(VIEW, 14)
  expect(heard).toEqual([[], [], []])
})

it('starts the worker again that could not be had, and tells it all', () => {
  places = PLACES
  clusters.ask(VIEW, 14)
  const first = HeldWorker.last
  first.dispatchEvent(new Event('error'))
  vi.advanceTimersByTime(20_000)
  expect(HeldWorker.last).not.toBe(first)
  HeldWorker.last.answer([{ id: 'wifi', clusters: [{ lat: -6.17, lon: 106.81, members: [0, 1] }] }])
  expect(heard.at(-1)).toEqual([{ layer: 'wifi', lat: -6.17, lon: 106.81, members: ['a', 'b'] }])
})
