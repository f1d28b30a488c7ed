// Quality flags of the last week, asked for each minute and after each change: the list of the desk, and what is said beside a station.

import type { FlagAnswer, FlagsAnswer } from '../../../../contract/api-staff.ts'
import { DAY, formatTime, HOUR, MINUTE, SECOND, type TimeMs } from '../../../../contract/time.ts'
import { episodesOf } from '../../../../domain/quality/episodes.ts'
import { BY_HAND } from '../../../../domain/quality/rules.ts'
import { groupBy } from '../../../../domain/transit/feed-tables.ts'
import { type Answer, type Fault, sendJson } from '../../api.ts'
import { wholeList } from '../../desk/whole-list.ts'

/** One trouble: a test's findings in hour after hour, or what a person set. */
export interface Episode {
  readonly id: string
  readonly device: string
  readonly metric: string
  readonly from: TimeMs
  readonly to: TimeMs
  /** The worst of it. */
  readonly flag: FlagAnswer
  readonly isByHand: boolean
}

const KEPT_MS = 7 * DAY
const EVERY_MS = MINUTE
const MOST_PAGES = 10
/** A trouble that ended so lately may still be on: a sensor reports now and then. */
const STILL_MS = HOUR

export class FlagStore {
  episodes: readonly Episode[] | null = null
  fault: Fault | null = null
  readonly #now: () => TimeMs
  readonly #onChange: () => void
  #asked = 0
  #ofDevice: ReadonlyMap<string, readonly Episode[]> = new Map()

  constructor(now: () => TimeMs, onChange: () => void) {
    this.#now = now
    this.#onChange = onChange
  }

  start(): void {
    void this.load()
    setInterval(() => {
      if (!document.hidden) void this.load()
    }, EVERY_MS)
  }

  async load(): Promise<void> {
    this.#asked += 1
    const asked = this.#asked
    const to = this.#now() + SECOND
    const answer = await wholeList(
      '/api/v1/flags',
      { from: formatTime(to - KEPT_MS), to: formatTime(to) },
      ({ flags }: FlagsAnswer) => flags,
      MOST_PAGES,
      () => asked === this.#asked,
    )
    if (answer === null) return
    this.fault = answer.ok ? null : answer.fault
    if (answer.ok) {
      this.episodes = episodes(answer.value)
      this.#ofDevice = groupBy(this.episodes, ({ device }) => device)
    }
    this.#onChange()
  }

  /** Troubles of a station that last, the newest first. */
  lastingOf(device: string): readonly Episode[] {
    const now = this.#now()
    return (this.#ofDevice.get(device) ?? []).filter(({ to }) => to > now - STILL_MS)
  }

  /** What went wrong, or null once the flag is gone. */
  async remove(id: string): Promise<Fault | null> {
    const answer = await sendJson<undefined>('DELETE', `/api/v1/flags/${encodeURIComponent(id)}`)
    await this.load()
    return answer.ok || answer.fault.status === 404 ? null : answer.fault
  }

  /** Sets again what was taken back: a flag of its own, with who set it again. */
  async restore({ device, metric, from, to, flag, note }: FlagAnswer): Promise<Answer<FlagAnswer>> {
    const body = { device, metric, from, to, flag, ...(note === undefined ? {} : { note }) }
    const answer = await sendJson<FlagAnswer>('POST', '/api/v1/flags', body)
    await this.load()
    return answer
  }
}

function episodes(flags: readonly FlagAnswer[]): Episode[] {
  const spans = flags.map((flag) => ({
    device: flag.device,
    metric: flag.metric,
    from: Date.parse(flag.from),
    to: Date.parse(flag.to),
    rule: flag.rule.name,
    quality: flag.quality === 'bad' ? 4 : 3,
    flag,
  }))
  return episodesOf(spans, BY_HAND).map(({ worst, from, to }) => ({
    id: worst.flag.id,
    device: worst.device,
    metric: worst.metric,
    from,
    to,
    flag: worst.flag,
    isByHand: worst.rule === BY_HAND,
  }))
}
