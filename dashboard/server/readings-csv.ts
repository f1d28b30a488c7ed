// Readings as CSV (RFC 4180), one row each in order of time: `time,device,metric,value,unit,flag`. Never localised; every
// text in it is an id, a metric, a unit or a flag of ours, none of which a spreadsheet takes for a formula.

import type { Point, Series } from '../../contract/feed.ts'
import { formatTime } from '../../contract/time.ts'

export const READINGS_CSV_HEADER = 'time,device,metric,value,unit,flag'

/** The text in chunks, one a page. */
export async function* readingsCsv(
  device: string,
  pages: AsyncIterable<readonly Series[]>,
): AsyncGenerator<string> {
  yield `${READINGS_CSV_HEADER}\r\n`
  for await (const page of pages) {
    const rows = rowsInOrder(page)
    if (rows.length > 0) yield rows.map(({ series, point }) => csvRow(device, series, point)).join('')
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

function csvRow(device: string, { metric, unit }: Series, [time, value, flag]: Point): string {
  return `${formatTime(time)},${device},${metric},${value},${unit ?? ''},${flag ?? ''}\r\n`
}
