// What a person calls one trouble: spans that a test found in hour after hour are one (flags are cut at full hours, so that each hour can
// be judged on its own).

import { HOUR, type TimeMs } from '../../contract/time.ts'

export interface FlaggedSpan {
  readonly device: string
  readonly metric: string
  readonly from: TimeMs
  readonly to: TimeMs
  readonly rule: string
  readonly quality: number
}

/**
 * Joins spans of one test on one metric that lie in the same or in neighbouring hours, whatever their quality; the worst one counts.
 * Those set by hand stay as they are. Result by begin, newest first.
 */
export function episodesOf<Span extends FlaggedSpan>(
  spans: readonly Span[],
  hand: string,
): { readonly worst: Span; readonly from: TimeMs; readonly to: TimeMs; readonly spans: readonly Span[] }[] {
  const open = new Map<string, { worst: Span; from: TimeMs; to: TimeMs; spans: Span[] }>()
  const all: { worst: Span; from: TimeMs; to: TimeMs; spans: Span[] }[] = []
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const key = `${span.device} ${span.metric} ${span.rule}`
    const last = open.get(key)
    const goesOn = last !== undefined && span.rule !== hand && hourOf(span.from) - hourOf(last.to - 1) <= HOUR
    if (last === undefined || !goesOn) {
      const begun = { worst: span, from: span.from, to: span.to, spans: [span] }
      open.set(key, begun)
      all.push(begun)
      continue
    }
    last.to = Math.max(last.to, span.to)
    if (span.quality > last.worst.quality) last.worst = span
    last.spans.push(span)
  }
  return all.sort((a, b) => b.from - a.from)
}

const hourOf = (time: TimeMs): TimeMs => Math.floor(time / HOUR) * HOUR
