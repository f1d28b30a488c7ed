// What a part's process says of itself: the memory it holds, and how long its event loop kept what was due waiting, which is the delay of
// every answer that it gives (docs/faults.md, row 36).

export interface Vitals {
  readonly residentBytes: number
  /** 99 of 100 looks at the loop in the last minute found it this late, ms, or less; in the worst ten seconds of it. */
  readonly loopP99Ms: number
  /** The longest that it was blocked in the last minute, ms. */
  readonly loopMaxMs: number
}
