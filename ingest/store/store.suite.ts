// What every store promises (`store.ts`), run against each engine; subjects stand in `suite/`. Expected values come from a plain
// model in memory, from Intl and from the definitions named beside them, never from an engine.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bucketsSuite } from './suite/buckets.suite.ts'
import { distributionsSuite } from './suite/distributions.suite.ts'
import { flagsSuite } from './suite/flags.suite.ts'
import { ledgerSuite } from './suite/ledger.suite.ts'
import { batchOf, NOW, observation, Suite, type SuiteEngine } from './suite/place.suite.ts'
import { readingsSuite } from './suite/readings.suite.ts'
import { retentionSuite } from './suite/retention.suite.ts'

export function storeSuite(engine: SuiteEngine): void {
  describe(`the store ${engine.name}`, () => {
    const suite = new Suite(engine)

    beforeEach(async () => {
      await suite.open()
    })

    afterEach(async () => {
      await suite.dispose()
    })

    readingsSuite(suite)
    bucketsSuite(suite)
    distributionsSuite(suite)
    ledgerSuite(suite)
    flagsSuite(suite)
    retentionSuite(suite)

    it('takes calls that overlap in their order, and is well', async () => {
      const results = await Promise.all(
        [1, 2, 3].map((value) =>
          suite.store.write(
            batchOf([observation('env-1', NOW - 5, { pm10: value })], {
              position: { segment: 1, offset: value },
            }),
          ),
        ),
      )
      expect(results.map(({ stored, conflicts }) => [stored, conflicts])).toEqual([
        [1, 0],
        [0, 1],
        [0, 1],
      ])
      expect((await suite.raw('env-1'))[0]?.points).toEqual([[NOW - 5, 3]])
      expect(await suite.store.position()).toEqual({ segment: 1, offset: 3 })
      expect(await suite.store.health()).toMatchObject({ ok: true })
    })
  })
}
