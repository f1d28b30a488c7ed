// `npm run bench -- truth-village`: the same question asked of the whole product. A fresh village is given a week of its simulators' past
// by the import path, judges it, and is asked over HTTP which readings it doubts and which outages it lists; the models say what was so.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FlagAnswer, FlagsAnswer, OutageAnswer, OutagesAnswer } from '../contract/api-staff.ts'
import { DAY, formatTime, MINUTE, SECOND, systemClock, type TimeMs } from '../contract/time.ts'
import { patienceMs } from '../domain/connectivity/device-state.ts'
import { openFeed } from '../runtime/feed-client.ts'
import { loadVillage } from '../runtime/village.ts'
import { SENSOR_FAULTS } from '../simulators/device-model.ts'
import { truthOf, underWay } from '../simulators/truth-file.ts'
import { root, startVillage, type TestVillage } from '../test/village.ts'
import { runSimulators } from './run-simulators.ts'
import { type Notice, scoreFaults } from './truth/faults.ts'
import { worldOf } from './truth/measure.ts'
import { type Out, scoreOutages } from './truth/outages.ts'
import { printFaults, printOutages } from './truth/report.ts'

const SEED = 1
const PAST_MS = 7 * DAY
const PATIENCE_MS = 600 * SECOND
const LOOK_MS = 2 * SECOND
/** Hotspots report once a minute. */
const EVERY_MS = MINUTE

export async function benchTruthVillage(): Promise<void> {
  const loaded = loadVillage(`${root}/villages/cideng`)
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'))
  const village = await startVillage({ PANTAU_LOG_LEVEL: 'warn' })
  const simulators = runSimulators(village, { seed: SEED, 'history-days': PAST_MS / DAY })
  try {
    const to = await pastOf(village)
    const from = to - PAST_MS
    await judged(village)
    const cookie = await village.signIn()
    const period = `from=${formatTime(from)}&to=${formatTime(to)}&limit=1000`
    const flags = await all<FlagAnswer>(village, `/api/v1/flags?${period}`, cookie, 'flags')
    const outages = await all<OutageAnswer>(
      village,
      `/api/v1/connectivity/outages?${period}`,
      cookie,
      'outages',
    )
    print(
      `the week to ${formatTime(to)}, seed ${SEED}; asked over HTTP: ${flags.length} flags, ${outages.length} outages`,
    )
    const plan = {
      village: loaded.village,
      series: new URL(`file://${root}/simulators/series/`),
      seed: SEED,
      from,
      to,
    }
    const counts = { hotspots: null, sensors: null, vehicles: 0 }
    const faulty = worldOf(plan, counts, false).models
    const sound = worldOf(plan, counts, true).models
    const truths = [...underWay(faulty, from), ...truthOf(faulty, from, to)]
    printOutages(scoreOutages(truths, outages.map(asOut), from, to, canBeListed), 'listed as from')
    const notices = flags.map(asNotice)
    // A drop-out is a silence, and a past that was imported tells of no clock: neither is a flag.
    const kinds = SENSOR_FAULTS.filter((kind) => kind !== 'drop_out' && kind !== 'clock')
    printFaults(scoreFaults({ truths, faulty, sound, notices, from, to, kinds }))
  } finally {
    simulators.child.kill('SIGKILL')
    await village.dispose()
  }
}

/**
 * A hotspot below one that is out is shown as unknown and stands in no list of outages (domain B7). A past that was imported has no last
 * wills, so a device that is dark for less than silence is borne is dark for nobody (B2).
 */
function canBeListed({ from, to, causes }: Out): boolean {
  const all = [...causes]
  if (all.some((cause) => cause.startsWith('upstream'))) return false
  return all.includes('uplink') || to - from > patienceMs(EVERY_MS) + EVERY_MS
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** The end of the past that the village was given, once it has it. */
async function pastOf({ dataFolder }: TestVillage): Promise<TimeMs> {
  const marker = join(dataFolder, 'simulated-past.json')
  await until(() => Promise.resolve(existsSync(marker)), 'the village was given no past')
  return Date.parse(String(JSON.parse(readFileSync(marker, 'utf8')).until))
}

async function judged({ dataFolder }: TestVillage): Promise<void> {
  const feed = openFeed(dataFolder)
  await until(async () => {
    const { left, judged: done } = await feed.call('derivation', {})
    return done > 0 && left === 0
  }, 'the past was not judged')
}

async function until(isSo: () => Promise<boolean>, fault: string): Promise<void> {
  const deadline = systemClock.monotonicMs() + PATIENCE_MS
  while (!(await isSo())) {
    if (systemClock.monotonicMs() > deadline) throw new Error(`${fault} in ${PATIENCE_MS / SECOND} s`)
    await sleep(LOOK_MS)
  }
}

/** All pages of a list. */
async function all<Row>(
  village: TestVillage,
  path: string,
  cookie: string,
  member: keyof FlagsAnswer | keyof OutagesAnswer,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const page: Record<string, unknown> = await village.get(
      `${path}${cursor === '' ? '' : `&cursor=${cursor}`}`,
      cookie,
    )
    rows.push(...(page[member] as readonly Row[])) // as the route's own schema says
    cursor = page['next'] as string | undefined
  }
  return rows
}

function asOut({ hotspot, from, to, cause }: OutageAnswer): Out {
  const begin = Date.parse(from)
  const end = to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to)
  return { device: hotspot, from: begin, to: end, seen: begin, causes: new Set([cause ?? '']) }
}

function asNotice({ device, metric, from, to, rule }: FlagAnswer): Notice {
  const [begin, end] = [Date.parse(from), Date.parse(to)]
  return { device, metric, by: rule.name, from: begin, until: end, known: end }
}
