// Rates since the page was opened, drawn once there are some: messages and readings a second.

import type { Plot } from '../../chart/plot.ts'
import { onTheme } from '../../shell/theme.ts'
import { t } from '../../text/texts.ts'

const MOST_POINTS = 600

export class RateChart {
  readonly #times: number[] = []
  readonly #messages: (number | null)[] = []
  readonly #readings: (number | null)[] = []
  #element: HTMLElement | null = null
  #plot: Plot | null = null
  #isDrawing = false

  constructor() {
    onTheme(() => this.redraw())
  }

  /** Null: not known at that time, a gap. */
  add(time: number, messagesPerS: number | null, readingsPerS: number | null): void {
    this.#times.push(time / 1_000)
    this.#messages.push(messagesPerS)
    this.#readings.push(readingsPerS)
    if (this.#times.length > MOST_POINTS)
      for (const list of [this.#times, this.#messages, this.#readings]) list.shift()
    this.redraw()
  }

  mount(element: HTMLElement | null): void {
    if (element === this.#element) return
    this.#element = element
    this.redraw()
  }

  redraw(): void {
    void this.#draw()
  }

  async #draw(): Promise<void> {
    const [first] = this.#times
    const last = this.#times.at(-1)
    if (
      this.#isDrawing ||
      this.#element === null ||
      first === undefined ||
      last === undefined ||
      first === last
    )
      return
    this.#isDrawing = true
    const { drawPlot } = await import('../../chart/plot.ts')
    this.#isDrawing = false
    this.#plot?.destroy()
    const series = (label: string, values: readonly (number | null)[], isDashed: boolean) => ({
      label,
      isDashed,
      plotted: { times: this.#times, values, gaps: 0 },
    })
    this.#plot = drawPlot({
      element: this.#element,
      series: [
        series(t('sys.readings'), this.#readings, false),
        series(t('sys.messages'), this.#messages, true),
      ],
      unit: '/s',
      from: first * 1_000,
      to: last * 1_000,
      ticks: last - first < 600 ? 'seconds' : 'minutes',
    })
  }
}
