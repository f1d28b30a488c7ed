import { expect, it } from 'vitest'
import { openLogger } from '../runtime/logger.ts'
import { openSpanKeeper } from './span-keeper.ts'
import { StoreAwayError, type StoredSpan } from './store/store.ts'

const span = (from: number, to?: number): StoredSpan => ({
  device: 'a',
  kind: 'hotspot',
  from,
  ...(to === undefined ? {} : { to }),
  state: 'up',
  cause: null,
})

it('spans that the store could not take are written when it is back, each in its newest form', async () => {
  let isAway = true
  const written: StoredSpan[][] = []
  const store = {
    async putStates(spans: readonly StoredSpan[]) {
      if (isAway) throw new StoreAwayError('gone')
      written.push([...spans])
    },
  }
  const logger = openLogger('ingest', { PANTAU_LOG_LEVEL: 'error', PANTAU_LOG: 'json' })
  const keeper = openSpanKeeper(store, logger, (error) => {
    throw error
  })
  keeper.keep([span(1)])
  await keeper.finish()
  keeper.keep([span(1, 5), span(5)])
  await keeper.finish()
  expect(written).toEqual([])
  isAway = false
  await keeper.finish()
  expect(written).toEqual([[span(1, 5), span(5)]])
  await keeper.finish()
  expect(written).toHaveLength(1)
})
