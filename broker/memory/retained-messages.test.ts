import { describe, expect, it } from 'vitest'
import { filterMatches, RetainedMessages } from './retained-messages.ts'

// MQTT 3.1.1, 4.7.1.2, 4.7.1.3 and 4.7.2, the non-normative examples.
const EXAMPLES: readonly (readonly [filter: string, topic: string, matches: boolean])[] = [
  ['sport/tennis/player1/#', 'sport/tennis/player1', true],
  ['sport/tennis/player1/#', 'sport/tennis/player1/ranking', true],
  ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
  ['sport/#', 'sport', true],
  ['#', 'sport/tennis', true],
  ['sport/tennis/+', 'sport/tennis/player1', true],
  ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
  ['sport/+', 'sport', false],
  ['sport/+', 'sport/', true],
  ['+/+', '/finance', true],
  ['/+', '/finance', true],
  ['+', '/finance', false],
  ['#', '$SYS/monitor', false],
  ['+/monitor/Clients', '$SYS/monitor/Clients', false],
  ['$SYS/#', '$SYS/monitor', true],
  ['$SYS/monitor/+', '$SYS/monitor/Clients', true],
]

describe('a filter', () => {
  it.each(EXAMPLES)('%s for %s: %j', (filter, topic, expected) => {
    expect(filterMatches(filter.split('/'), topic.split('/'))).toBe(expected)
  })
})

describe('retained messages', () => {
  const set = (messages: RetainedMessages, topic: string, text: string): boolean =>
    messages.set({ topic, payload: Buffer.from(text), qos: 1 })
  const topics = (messages: RetainedMessages, ...filters: readonly string[]): string[] =>
    [...messages.matching(filters)].map(({ topic }) => topic)

  it('are the last of each topic, gone with an empty one', () => {
    const messages = new RetainedMessages()
    expect(set(messages, 'a', '1')).toBe(true)
    expect(set(messages, 'a', '1')).toBe(false)
    expect(set(messages, 'a', '2')).toBe(true)
    expect(messages.all().map(({ payload }) => Buffer.from(payload).toString())).toEqual(['2'])
    expect(set(messages, 'a', '')).toBe(true)
    expect(set(messages, 'a', '')).toBe(false)
    expect(messages.all()).toEqual([])
  })

  it('are given once each, whichever filters match', () => {
    const messages = new RetainedMessages()
    for (const topic of ['a/b', 'a/c', 'd']) set(messages, topic, 'x')
    expect(topics(messages, 'a/b', 'a/b', 'x')).toEqual(['a/b'])
    expect(topics(messages, 'a/+', 'a/b', '#')).toEqual(['a/b', 'a/c', 'd'])
  })

  it('do not hold on to the buffer that they came in', () => {
    const messages = new RetainedMessages()
    const large = Buffer.from('online....')
    messages.set({ topic: 'a', payload: large.subarray(0, 6), qos: 1 })
    large.fill(0)
    expect(messages.all().map(({ payload }) => Buffer.from(payload).toString())).toEqual(['online'])
  })
})
