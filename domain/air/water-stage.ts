// Flood stages of Jakarta's posts, Siaga 4 (normal) to Siaga 1 (disaster), from centimetres on the post's own gauge: levels of two
// posts are never compared (domain A12).

import { MINUTE, type TimeMs } from '../../contract/time.ts'

export type WaterStage = 4 | 3 | 2 | 1

/** Where Siaga 3, 2 and 1 begin, cm; rising. */
export type StageThresholds = readonly [siaga3: number, siaga2: number, siaga1: number]

export const WATER_STAGE_NAMES = {
  4: 'normal',
  3: 'waspada',
  2: 'kritis',
  1: 'bencana',
} as const satisfies Record<WaterStage, string>

/** Thresholds as press and BNPB reported them 2013 to 2021; a village's own sensors have theirs in its `devices.json`. */
export const POST_THRESHOLDS_CM = {
  manggarai: [750, 850, 950],
  karet: [450, 550, 600],
  angke_hulu: [150, 250, 300],
  katulampa: [80, 150, 200],
  depok: [200, 270, 350],
  pulogadung: [550, 700, 770],
  pasar_ikan: [170, 200, 250],
  krukut_hulu: [150, 250, 300],
  pesanggrahan: [150, 250, 350],
  sunter_hulu: [140, 200, 250],
  cipinang_hulu: [150, 200, 250],
} as const satisfies Record<string, StageThresholds>

/** The stage of a level; a level at a threshold has reached it (disagreement D-8: safer, and as BPBD reported Katulampa's 150 cm). */
export function waterStage(levelCm: number, thresholds: StageThresholds): WaterStage {
  const [siaga3, siaga2, siaga1] = thresholds
  if (levelCm >= siaga1) return 1
  if (levelCm >= siaga2) return 2
  return levelCm >= siaga3 ? 3 : 4
}

/** A fall takes effect after so long below the threshold. [rule] */
const FALL_AFTER_MS = 15 * MINUTE

/** What is kept of a gauge between readings. */
export interface StageState {
  /** As shown; null before the first reading. */
  readonly stage: WaterStage | null
  /** The stage of the reading before, where it was worse than the one shown: a second in a row makes it so. */
  readonly rising: WaterStage | null
  /** Since when each reading has been of a milder stage than the one shown, and the worst of those. */
  readonly falling: { readonly since: TimeMs; readonly worst: WaterStage } | null
}

export const NO_STAGE: StageState = { stage: null, rising: null, falling: null }

/**
 * The gauge after a reading; readings come in the order of time. The first stands at once; a worse stage takes effect with the second
 * reading in a row that is worse, a milder one after 15 minutes of milder ones, so that a wave or a twig raises no alarm. [rule]
 */
export function afterLevel(state: StageState, stage: WaterStage, time: TimeMs): StageState {
  const shown = state.stage
  if (shown === null || stage === shown) return { stage, rising: null, falling: null }
  if (stage < shown) {
    // The milder of two readings in a row is what both reached.
    const reached = state.rising === null ? shown : (Math.max(stage, state.rising) as WaterStage)
    return { stage: reached, rising: stage < reached ? stage : null, falling: null }
  }
  const since = state.falling?.since ?? time
  const worst = Math.min(stage, state.falling?.worst ?? stage) as WaterStage
  return time - since >= FALL_AFTER_MS
    ? { stage: worst, rising: null, falling: null }
    : { stage: shown, rising: null, falling: { since, worst } }
}
