// Walks what programs read: the feeds of planned work, whose numbers stand in sentences, and GTFS-realtime as it is sent, in bytes.

import bindings from 'gtfs-realtime-bindings'
import { expect, it } from 'vitest'
import { DAY, HOUR } from '../../contract/time.ts'
import type { TestVillage } from '../village.ts'
import { faultsOf } from './api.suite.ts'
import { knownOf } from './known.ts'
import { numbersIn } from './numbers.ts'
import { bareText, type Replacing } from './shown-classes.ts'

const { FeedMessage } = bindings.transit_realtime

const GTFS_REALTIME = ['vehicle-positions', 'trip-updates', 'alerts'] as const

/** So many devices are more than a title names. */
const MANY = 8

export function walksTheFeeds(village: () => TestVillage): void {
  it('finds time and meaning at every number of GTFS-realtime, as it is sent', async () => {
    let numbers = 0
    for (const name of GTFS_REALTIME) {
      const answer = await fetch(`${village().http}/api/v1/transit/gtfs-rt/${name}.pb`)
      const message = FeedMessage.decode(new Uint8Array(await answer.arrayBuffer()))
      const read: unknown = FeedMessage.toObject(message, { longs: Number, enums: String })
      expect(faultsOf(read), name).toEqual([])
      numbers += numbersIn(read).length
    }
    expect(numbers).toBeGreaterThan(50)
  })

  it.each(['id', 'en'])(
    'finds times with their zone, and no number without its noun, in the feeds of planned work, %s',
    async (language) => {
      await planWork(village())
      const { withoutNames } = await knownOf(village())
      const read = async (path: string): Promise<string> =>
        (await fetch(village().http + path, { headers: { 'accept-language': language } })).text()
      const atom = await read('/feeds/maintenance.atom')
      const entries = [...atom.matchAll(/<entry>(.*?)<\/entry>/gs)].map(([entry]) => entry)
      expect(entries.length).toBeGreaterThan(0)
      for (const entry of entries) {
        expect(entry).toMatch(/<updated>\d{4}-\d\d-\d\dT[\d:.]+Z<\/updated>/)
        const texts = [...entry.matchAll(/<(title|content)[^>]*>(.*?)<\/\1>/gs)].map(
          ([, , text = '']) => text,
        )
        expect(texts.flatMap((text) => faultsOfSentence(text, withoutNames))).toEqual([])
      }
      const calendar = (await read('/feeds/maintenance.ics')).replaceAll('\r\n ', '')
      const events = [...calendar.matchAll(/BEGIN:VEVENT(.*?)END:VEVENT/gs)].map(([event]) => event)
      expect(events.length).toBe(entries.length)
      for (const event of events) {
        for (const line of ['DTSTAMP', 'DTSTART', 'DTEND'])
          expect(event).toMatch(new RegExp(`^${line}:\\d{8}T\\d{6}Z\\r$`, 'm'))
        const texts = [...event.matchAll(/^(?:SUMMARY|DESCRIPTION):(.*)\r$/gm)].map(([, text = '']) =>
          text.replaceAll('\\', ''),
        )
        expect(texts).toHaveLength(2)
        expect(texts.flatMap((text) => faultsOfSentence(text, withoutNames))).toEqual([])
      }
    },
  )
}

/** Numbers of a sentence that no noun follows; names and times are none. */
export function faultsOfSentence(text: string, withoutNames: Replacing): readonly string[] {
  const numbers = [...bareText(text, withoutNames).matchAll(/\d[\d.,]*(?! \p{L}{2,})/gu)]
  return numbers.map(([number]) => `"${text}": ${number} is followed by no noun`)
}

/** For tomorrow, so that nothing is in maintenance meanwhile. */
async function planWork(village: TestVillage): Promise<void> {
  const { features } = await village.get<{ features: readonly { id: string }[] }>(
    `/api/v1/devices?kind=hotspot&limit=${MANY}`,
  )
  const answer = await fetch(`${village.http}/api/v1/maintenance`, {
    method: 'POST',
    headers: { cookie: await village.signIn(), 'content-type': 'application/json' },
    body: JSON.stringify({
      devices: features.map(({ id }) => id),
      from: new Date(Date.now() + DAY).toISOString(),
      to: new Date(Date.now() + DAY + HOUR).toISOString(),
      reason: 'uji',
    }),
  })
  expect(answer.ok).toBe(true)
}
