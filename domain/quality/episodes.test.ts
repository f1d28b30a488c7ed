import { expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../contract/time.ts'
import { episodesOf } from './episodes.ts'

const T0 = Date.UTC(2026, 10, 24)
const span = (fromMinute: number, toMinute: number, rule = 'stuck', quality = 3) => ({
  device: 's',
  metric: 'pm2_5',
  from: T0 + fromMinute * MINUTE,
  to: T0 + toMinute * MINUTE + 1,
  rule,
  quality,
})

it('spans in hour after hour are one trouble, as bad as its worst', () => {
  const found = episodesOf([span(10, 59), span(60, 119, 'stuck', 4), span(120, 130), span(300, 310)], 'hand')
  expect(
    found.map(({ from, to, worst }) => [(from - T0) / HOUR, (to - 1 - T0) / MINUTE, worst.quality]),
  ).toEqual([
    [5, 310, 3],
    [10 / 60, 130, 4],
  ])
})

it('what people set stays as they set it, and tests are told apart', () => {
  expect(episodesOf([span(0, 5, 'hand'), span(6, 9, 'hand'), span(6, 9, 'spike')], 'hand')).toHaveLength(3)
})
