import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../contract/log.ts'
import { DAY, MINUTE } from '../contract/time.ts'
import { Clones, isOpen, readClones, suspicionIn } from './clones.ts'
import { decodeRecord } from './collector.ts'
import { at, known, LiveRig, T0 } from './test/live-rig.ts'
import { message } from './test/log.ts'

const TOPIC = 'pantau/cideng/hotspot/hs-1/event'
const LIMITS = { maxAgeMs: DAY, maxAheadMs: MINUTE, maxPayloadBytes: 65_536 }
const SAID = { event: 'clone_suspected', detail: { client: 'hs-1', takeovers: 6 } }

const saidBy = (record: LogRecord) => suspicionIn(record, decodeRecord(record, LIMITS)?.decoded.event ?? null)

describe('a suspicion that two use the credentials of one device', () => {
  it('is the broker’s word: what a device says itself, by a last will too, is none', () => {
    expect(saidBy(message(TOPIC, SAID, T0, { client: null }))).toEqual({ time: T0, takeovers: 6 })
    expect(saidBy(message(TOPIC, SAID, T0))).toBeNull()
    expect(saidBy(message(TOPIC, SAID, T0, { client: null, will: true }))).toBeNull()
    expect(saidBy(message(TOPIC, { event: 'boot' }, T0, { client: null }))).toBeNull()
    expect(saidBy(message(TOPIC, { event: 'clone_suspected' }, T0, { client: null }))).toBeNull()
  })

  it('lasts a week, or until the credentials are made anew', () => {
    const suspicion = { time: T0, takeovers: 6 }
    expect(isOpen(suspicion, null, T0 + 7 * DAY - 1)).toBe(true)
    expect(isOpen(suspicion, null, T0 + 7 * DAY)).toBe(false)
    expect(isOpen(suspicion, T0 - 1, T0)).toBe(true)
    expect(isOpen(suspicion, T0 + 1, T0 + 2)).toBe(false)
  })

  it('is kept once a device, the newest, however often it is read, and no more than a thousand', () => {
    const clones = new Clones()
    for (const time of [1, 3, 2, 3]) clones.add('hs-1', { time: T0 + time, takeovers: time })
    const again = readClones(clones.save())
    expect([...again.entries()]).toEqual([['hs-1', { time: T0 + 3, takeovers: 3 }]])
    for (let index = 0; index < 1_000; index += 1) again.add(`d-${index}`, { time: T0 + 4, takeovers: 6 })
    const devices = [...again.entries()].map(([device]) => device)
    expect([devices.length, devices[0]]).toEqual([1_000, 'd-0'])
    again.add('late', { time: T0 + 7 * DAY + 4, takeovers: 6 })
    expect([...again.entries()]).toHaveLength(1)
    expect([...readClones(undefined).entries()]).toEqual([])
  })

  it('is shown at the device until its credentials are made anew, and makes no device known', () => {
    const device = known('hs-1', { secretSince: at(0) })
    const rig = new LiveRig([device], true)
    rig.collect(0)
    rig.live.applyClone('hs-1', 'hotspot', { time: at(10), takeovers: 6 })
    rig.live.applyClone('gone', null, { time: at(10), takeovers: 6 })
    expect(rig.collect(11).changed.map(({ id, cloneSuspected }) => [id, cloneSuspected])).toEqual([
      ['hs-1', { time: at(10), takeovers: 6 }],
    ])
    rig.live.setKnown(new Map([['hs-1', { ...device, secretSince: at(20) }]]), new Set())
    expect(rig.collect(21).changed[0]).not.toHaveProperty('cloneSuspected')
  })
})
