// Distributions of many devices' readings out of DuckDB. Rows lie in the order of their arrival, so that a pass over a stretch of time costs
// much the same for one device as for a thousand: each metric is one question for all of them.

import type { DeviceDistributions, Distribution, DistributionForm } from '../../contract/feed.ts'
import { LOG_GAMMA, SMALLEST, ZERO_BUCKET } from '../../domain/connectivity/quantile-sketch.ts'
import { CLOCK_STEP } from '../flag-shown.ts'
import { columnOf } from './columns.ts'
import { type DuckDbSession, whole } from './duckdb-connection.ts'
import type { DeviceState } from './duckdb-devices.ts'
import { plausible } from './duckdb-hours.ts'
import type { DistributionQuestion } from './store.ts'

/** See `Store.distributions`; `states`: of the question's devices, in their order. */
export async function readDistributions(
  session: DuckDbSession,
  states: readonly (DeviceState | undefined)[],
  question: DistributionQuestion,
): Promise<DeviceDistributions[]> {
  const ids = states.flatMap((state) => (state?.kind === question.kind ? [state.id] : []))
  const found = new Map<string, ReadonlyMap<number, Distribution>>()
  for (const [metric, form] of Object.entries(question.metrics))
    found.set(metric, await readMetric(session, ids, question, metric, form))
  return question.devices.map((device, index) => {
    const id = states[index]?.id ?? -1
    const metrics = [...found].map(([metric, byId]) => [metric, byId.get(id) ?? NONE] as const)
    return { device, metrics: Object.fromEntries(metrics) }
  })
}

const NONE: Distribution = { count: 0, mean: null }

async function readMetric(
  session: DuckDbSession,
  ids: readonly number[],
  { kind, from, to }: DistributionQuestion,
  metric: string,
  form: DistributionForm,
): Promise<ReadonlyMap<number, Distribution>> {
  if (columnOf(kind, metric) === undefined) throw new RangeError(`${metric} is no known metric of a ${kind}`)
  if (ids.length === 0) return new Map()
  const among = `device IN (${ids.join(', ')})`
  const period = [whole(from), whole(to)]
  const flags = `FROM quality_flag f JOIN device d ON d.device = f.device
    WHERE d.id IN (${ids.join(', ')}) AND f.metric = '${metric}' AND f.rule <> '${CLOCK_STEP}' AND f.retired IS NULL`
  const [flagged] = await session.rows(`SELECT count(*) ${flags} AND f.stop > ? AND f.start < ?`, period)
  // Hardly ever is there one, and a join with the readings costs as much as all else.
  const unflagged =
    Number(flagged?.[0]) === 0
      ? 'true'
      : `NOT EXISTS (SELECT 1 ${flags} AND d.id = r.device AND f.start <= r.time AND r.time < f.stop)`
  const sound = `SELECT device, ${plausible(kind, metric)} AS v FROM ${kind} r
    WHERE ${among} AND time >= ? AND time < ? AND v IS NOT NULL AND time_is_arrival IS NOT TRUE AND ${unflagged}`
  const rows = await session.rows(OF_FORM[form](sound), period)
  return new Map(rows.map(([id, ...cells]) => [Number(id), distributionOf(form, cells)]))
}

/** Logarithms of two libraries may differ in the last place: a value on the edge of a bucket is within the error of either. */
const BUCKET = `CASE WHEN v < ${SMALLEST} THEN ${ZERO_BUCKET} ELSE ceil(ln(v) / ${LOG_GAMMA})::INTEGER END`

/** Device, count, mean, and what else is asked for as JSON. */
const OF_FORM: Readonly<Record<DistributionForm, (sound: string) => string>> = {
  mean: (sound) => `SELECT device, count(*), avg(v) FROM (${sound}) GROUP BY device`,
  values: (sound) => `SELECT device, count(*), avg(v), list(v)::VARCHAR FROM (${sound}) GROUP BY device`,
  sketch: (sound) =>
    `SELECT device, sum(n), sum(total) / sum(n), list([bucket, n])::VARCHAR FROM (
       SELECT device, ${BUCKET} AS bucket, count(*) AS n, sum(v) AS total FROM (${sound}) GROUP BY device, bucket
     ) GROUP BY device`,
}

function distributionOf(form: DistributionForm, [count, mean, more]: readonly unknown[]): Distribution {
  const both = { count: Number(count), mean: Number(mean) }
  if (form === 'mean') return both
  const parsed: unknown = JSON.parse(String(more))
  return form === 'values'
    ? { ...both, values: parsed as number[] }
    : { ...both, buckets: parsed as [number, number][] }
}
