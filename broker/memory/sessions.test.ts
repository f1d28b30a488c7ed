import { describe, expect, it } from 'vitest'
import { DAY } from '../../contract/time.ts'
import { ABSENT_MOST_MS, QUEUE_MOST, type QueuedPacket, SESSIONS_MOST, Sessions } from './sessions.ts'

const config = (device: string): string => `pantau/cideng/sensor/${device}/config`
const message = (number: number): QueuedPacket => ({
  cmd: 'publish',
  topic: config('a'),
  payload: Buffer.from(String(number)),
  qos: 1,
  brokerId: 'b',
  brokerCounter: number,
})
const numbers = (packets: readonly QueuedPacket[]): (number | undefined)[] =>
  packets.map(({ brokerCounter }) => brokerCounter)

function open(client = 'a'): Sessions {
  const sessions = new Sessions()
  sessions.subscribe(client, [{ topic: config('a'), qos: 1 }])
  return sessions
}

describe('a session', () => {
  it('holds topics to its own device alone, all of a packet or none', () => {
    const sessions = new Sessions()
    for (const stranger of [config('b'), 'pantau/cideng/#', 'pantau/cideng/sensor/a/reading', '#']) {
      for (const topics of [
        [config('a'), stranger],
        [stranger, config('a')],
      ]) {
        const subscriptions = topics.map((topic) => ({ topic, qos: 1 }))
        expect(() => sessions.subscribe('a:x', subscriptions)).toThrow(`${stranger} is not for a:x`)
      }
    }
    expect(sessions.all()).toEqual([])
  })

  it('is changed only by what changes it', () => {
    const sessions = open()
    expect(sessions.subscribe('a', [{ topic: config('a'), qos: 1 }])).toBe(false)
    expect(sessions.subscribe('a', [{ topic: config('a'), qos: 0 }])).toBe(true)
    expect(sessions.subscribersOf(config('a'))).toEqual([])
    expect(sessions.unsubscribe('a', [config('a')])).toBe(true)
    expect(sessions.unsubscribe('a', [config('a')])).toBe(false)
    expect(sessions.end('a')).toBe(true)
    expect(sessions.end('a')).toBe(false)
  })

  it('of a device makes room for its ninth by ending the one that is longest away', () => {
    const sessions = new Sessions()
    for (let index = 0; index < SESSIONS_MOST; index += 1) {
      sessions.subscribe(`a:${index}`, [{ topic: config('a'), qos: 1 }])
    }
    expect(() => sessions.subscribe('a:new', [{ topic: config('a'), qos: 1 }])).toThrow('session 9')
    sessions.setAbsent('a:5', 2_000)
    sessions.setAbsent('a:3', 1_000)
    sessions.subscribe('a:new', [{ topic: config('a'), qos: 1 }])
    expect(sessions.get('a:3')).toBeUndefined()
    expect(sessions.ofDevice('a')).toHaveLength(SESSIONS_MOST)
  })

  it('ends when its client stays away for more than seven days, and not while it is there', () => {
    expect(ABSENT_MOST_MS).toBe(7 * DAY)
    const sessions = open()
    expect(sessions.endAbsent(100 * DAY)).toBe(0)
    sessions.setAbsent('a', 0)
    expect(sessions.endAbsent(7 * DAY)).toBe(0)
    expect(sessions.endAbsent(7 * DAY + 1)).toBe(1)
    expect(sessions.subscribersOf(config('a'))).toEqual([])
  })
})

describe('a queue', () => {
  it('holds a thousand messages; the oldest give way and are counted', () => {
    const sessions = open()
    let dropped = 0
    for (let number = 1; number <= QUEUE_MOST + 3; number += 1) {
      dropped += sessions.enqueue('a', message(number), 0)
    }
    expect(dropped).toBe(3)
    const waiting = numbers(sessions.waiting('a', 0))
    expect(waiting).toHaveLength(1_000)
    expect(waiting[0]).toBe(4)
    expect(waiting.at(-1)).toBe(1_003)
  })

  it('forgets what is older than seven days', () => {
    const sessions = open()
    sessions.enqueue('a', message(1), 0)
    sessions.enqueue('a', message(2), DAY)
    expect(numbers(sessions.waiting('a', 7 * DAY + 1))).toEqual([2])
  })

  it('of a client without a session takes nothing', () => {
    const sessions = new Sessions()
    expect(sessions.enqueue('a', message(1), 0)).toBe(0)
    expect(sessions.waiting('a', 0)).toEqual([])
  })

  it('gives a message its id, then holds its PUBREL in its place, then lets it go', () => {
    const sessions = open()
    for (const number of [1, 2]) sessions.enqueue('a', message(number), 0)
    expect(sessions.update('a', { ...message(2), messageId: 77 })).toBe(true)
    expect(sessions.update('a', { cmd: 'pubrel', messageId: 77 })).toBe(true)
    expect(sessions.waiting('a', 0).map(({ cmd }) => cmd)).toEqual(['publish', 'pubrel'])
    expect(sessions.acknowledge('a', 78)).toBeUndefined()
    expect(sessions.acknowledge('a', 77)?.cmd).toBe('pubrel')
    expect(numbers(sessions.waiting('a', 0))).toEqual([1])
    expect(sessions.update('a', message(9))).toBe(false)
  })
})
