// Readings as CSV (RFC 4180), one row each in order of time: `time,device,metric,value,unit,flag`; of buckets the step, the function and
// the rule with its version beside them. Never localised; every text in it is an id, a metric, a unit, a flag or a rule of ours, none of
// which a spreadsheet takes for a formula.

import type { Aggregate, Every, Point, Series } from '../../contract/feed.ts'
import { formatTime } from '../../contract/time.ts'
import { RULES } from './explain/rules.ts'

export const READINGS_CSV_HEADER = 'time,device,metric,value,unit,flag'
const BUCKET_COLUMNS = ',every,fn,rule,rule_version'

/** The text in chunks, one a page. */
export async function* readingsCsv(
  device: string,
  pages: AsyncIterable<readonly Series[]>,
  { every, fn }: { readonly every: Every | null; readonly fn: Aggregate },
): AsyncGenerator<string> {
  const { name, version } = RULES.bucket
  const made = every === null ? '' : `,${every},${fn},${name},${version}`
  yield `${READINGS_CSV_HEADER}${every === null ? '' : BUCKET_COLUMNS}\r\n`
  for await (const page of pages) {
    const rows = rowsInOrder(page)
    if (rows.length > 0) yield rows.map(({ series, point }) => csvRow(device, series, point, made)).join('')
  }
}

interface Row {
  readonly series: Series
  readonly point: Point
}

function rowsInOrder(page: readonly Series[]): readonly Row[] {
  const rows = page.flatMap((series) => series.points.map((point) => ({ series, point })))
  return rows.sort((a, b) => a.point[0] - b.point[0])
}

/** `made`: the cells that say how a bucket came to be. */
function csvRow(device: string, { metric, unit }: Series, [time, value, flag]: Point, made: string): string {
  return `${formatTime(time)},${device},${metric},${value},${unit ?? ''},${flag ?? ''}${made}\r\n`
}
