// The drawn chart: uPlot, fetched when the first chart is opened. Colours come from the page's custom properties, times are the
// village's, and the picture is hidden from screen readers, who get the sentence and the table beside it.

import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { fmt } from '../format.ts'
import type { Plotted } from './series.ts'

export interface Plot {
  setSize(width: number): void
  destroy(): void
}

export interface PlotSeries {
  readonly label: string
  readonly plotted: Plotted
  /** A second series is dashed: never told apart by colour alone. */
  readonly isDashed?: boolean
}

interface PlotOptions {
  readonly element: HTMLElement
  readonly series: readonly PlotSeries[]
  readonly unit: string
  readonly from: number
  readonly to: number
  /** How ticks are written. */
  readonly ticks: 'days' | 'minutes' | 'seconds'
}

const HEIGHT = 190

export function drawPlot({ element, series, unit, from, to, ticks }: PlotOptions): Plot {
  const style = getComputedStyle(element)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  const formats = fmt()
  const font = `11px ${style.fontFamily}`
  const axis = {
    stroke: colour('--muted'),
    font,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--border'), width: 1, size: 4 },
  }
  const colours = [colour('--accent'), colour('--chart-2')]
  const plot = new UPlot(
    {
      width: Math.max(200, element.clientWidth),
      height: HEIGHT,
      tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1_000), formats.timezone),
      legend: { show: false },
      cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
      padding: [10, 10, 0, 0],
      scales: { x: { time: true, range: [from / 1_000, to / 1_000] }, y: { range: rangeOf } },
      axes: [
        {
          ...axis,
          space: 64,
          values: (_plot, times) => times.map((time) => tickText(time * 1_000, ticks)),
        },
        { ...axis, size: 52, values: (_plot, values) => values.map((value) => formats.number(value, 1)) },
      ],
      series: [
        {},
        ...series.map(({ label, isDashed }, place) => ({
          label,
          stroke: colours[place] ?? colour('--accent'),
          width: 2,
          spanGaps: false,
          ...(isDashed === true ? { dash: [6, 4] } : {}),
          points: { size: 4 },
        })),
      ],
      hooks: { setCursor: [(self) => showReading(element, self, unit)] },
    },
    [[...(series[0]?.plotted.times ?? [])], ...series.map(({ plotted }) => [...plotted.values])],
    element,
  )
  plot.root.setAttribute('aria-hidden', 'true')
  return {
    setSize: (width) => plot.setSize({ width: Math.max(200, width), height: HEIGHT }),
    destroy: () => plot.destroy(),
  }
}

function tickText(time: number, ticks: PlotOptions['ticks']): string {
  if (ticks === 'days') return fmt().day(time)
  return ticks === 'minutes' ? fmt().clockShort(time) : fmt().clockSeconds(time).replace(/ \S+$/, '')
}

/** From zero where zero is near, else around the values, with room above. */
function rangeOf(_plot: UPlot, min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, 1]
  const span = max - min
  if (span === 0) return min === 0 ? [0, 1] : [min - Math.abs(min) * 0.1, max + Math.abs(max) * 0.1]
  const low = min >= 0 && min < span ? 0 : min - span * 0.08
  return [low, max + span * 0.12]
}

function showReading(element: HTMLElement, plot: UPlot, unit: string): void {
  const readout = element.parentElement?.querySelector('.plot-readout')
  if (!(readout instanceof HTMLElement)) return
  const index = plot.cursor.idx
  const time = index == null ? undefined : plot.data[0][index]
  const values = index == null ? [] : plot.data.slice(1).map((series) => series[index])
  const shown = values.flatMap((value) => (value == null ? [] : [fmt().value(value, unit)]))
  readout.textContent =
    time === undefined || shown.length === 0 ? '' : `${fmt().dateTime(time * 1_000)}: ${shown.join(' / ')}`
}
