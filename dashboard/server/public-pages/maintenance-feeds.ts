// Planned work for those who do not open the page: an Atom feed (RFC 4287) and a calendar (RFC 5545). Which devices and when; never who
// announced it, nor the note that was written for colleagues.

import { DAY, formatTime, type TimeMs } from '../../../contract/time.ts'
import type { Language } from '../../web/format.ts'
import type { Words } from '../../web/text/words.ts'
import type { Context } from '../context.ts'
import type { Window } from '../maintenance.ts'
import { isPrivate } from '../shown-devices.ts'
import { escapeHtml } from './html.ts'
import { pageText } from './page-texts.ts'

/** Windows that ended longer ago are of no interest to anybody. */
const FORGOTTEN_MS = 30 * DAY
/** A longer list of names is counted. */
const MOST_NAMES = 5

export interface FeedOptions {
  readonly context: Context
  readonly words: Words
  readonly language: Language
  /** `https://host` of the one who asked. */
  readonly origin: string
}

interface Work {
  readonly id: string
  readonly from: TimeMs
  readonly to: TimeMs
  readonly title: string
  readonly text: string
}

function plannedWork({ context, words: { fmt }, language }: FeedOptions): readonly Work[] {
  const now = context.clock.now()
  return context.maintenance
    .windows()
    .filter(({ to }) => to > now - FORGOTTEN_MS)
    .flatMap((window) => {
      const names = namesOf(context, language, window)
      if (names === null) return []
      const { id, from, to } = window
      const title = pageText(language, 'work.one', { names })
      const text = pageText(language, 'work.text', { from: fmt.dateTime(from), to: fmt.dateTime(to) })
      return [{ id, from, to, title, text }]
    })
}

/** Null when it is about devices alone of which the public is not told. */
function namesOf(context: Context, language: Language, { devices }: Window): string | null {
  if (devices === 'all') return pageText(language, 'work.all')
  const told = devices.filter((device) => !isPrivate(context, device))
  if (told.length === 0) return null
  const names = told.map((device) => context.mirror.device(device)?.name ?? device)
  const shown = names.slice(0, MOST_NAMES).join(', ')
  return names.length > MOST_NAMES
    ? pageText(language, 'work.more', { names: shown, n: String(names.length - MOST_NAMES) })
    : shown
}

/** An Atom document. A window is never changed, so an entry is of the time at which it begins, or of the feed's while that is ahead. */
export function atomFeed(options: FeedOptions): string {
  const { context, language, origin } = options
  const { village } = context.village
  const now = context.clock.now()
  const work = plannedWork(options)
  const tag = (id: string): string => `urn:pantau:${escapeHtml(village.id)}:${escapeHtml(id)}`
  const today = Math.floor(now / DAY) * DAY
  const entries = work.map(
    ({ id, from, title, text }) =>
      `<entry><id>${tag(id)}</id><title>${escapeHtml(title)}</title><updated>${formatTime(Math.min(from, today))}</updated>` +
      `<link href="${escapeHtml(origin)}/"/><content type="text">${escapeHtml(text)}</content></entry>`,
  )
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${language}"><id>${tag('maintenance')}</id>`,
    `<title>${escapeHtml(pageText(language, 'work.feed', { village: village.name }))}</title>`,
    `<updated>${formatTime(Math.min(now, Math.max(today, ...work.map(({ from }) => Math.min(from, now)))))}</updated>`,
    `<author><name>${escapeHtml(`Pantau ${village.name}`)}</name></author>`,
    `<link rel="self" href="${escapeHtml(origin)}/feeds/maintenance.atom"/>`,
    ...entries,
    '</feed>\n',
  ].join('\n')
}

/** A calendar of the same. */
export function icalFeed(options: FeedOptions): string {
  const { context, language } = options
  const { village } = context.village
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    `PRODID:-//Pantau//${icalText(context.version)}//${language.toUpperCase()}`,
    `X-WR-CALNAME:${icalText(pageText(language, 'work.feed', { village: village.name }))}`,
    ...plannedWork(options).flatMap(({ id, from, to, title, text }) => [
      'BEGIN:VEVENT',
      `UID:${icalText(id)}@${icalText(village.id)}.pantau`,
      `DTSTAMP:${icalTime(context.clock.now())}`,
      `DTSTART:${icalTime(from)}`,
      `DTEND:${icalTime(to)}`,
      `SUMMARY:${icalText(title)}`,
      `DESCRIPTION:${icalText(text)}`,
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ]
  return `${lines.flatMap(folded).join('\r\n')}\r\n`
}

/** `20261124T080000Z`. */
function icalTime(time: TimeMs): string {
  return `${formatTime(time).slice(0, 19).replace(/[-:]/g, '')}Z`
}

/** TEXT of section 3.3.11. */
function icalText(text: string): string {
  return text.replace(/[\\;,]/g, '\\$&').replace(/\r?\n|\r/g, '\\n')
}

const LONGEST_LINE_BYTES = 75

/** A line and what is folded of it: at most 75 bytes each, never within a letter (section 3.1). */
export function folded(line: string): readonly string[] {
  const rows: string[] = []
  let row = ''
  let bytes = 0
  for (const letter of line) {
    const size = Buffer.byteLength(letter)
    if (bytes + size > LONGEST_LINE_BYTES) {
      rows.push(row)
      row = ' '
      bytes = 1
    }
    row += letter
    bytes += size
  }
  return [...rows, row]
}
