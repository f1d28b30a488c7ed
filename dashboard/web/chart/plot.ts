// The drawn chart: uPlot, fetched when the first chart is opened. Colours come from the page's custom properties, times are the
// village's, and the picture is hidden from screen readers, who get the sentence and the table beside it.

import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { fmt, shownUnit } from '../format.ts'
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
  /** Points that stand apart: hollow, without a line. */
  readonly isApart?: boolean
}

/** A level that is drawn across, with its name. */
export interface PlotLevel {
  readonly value: number
  readonly name: string
}

interface PlotOptions {
  readonly element: HTMLElement
  readonly series: readonly PlotSeries[]
  readonly unit: string
  readonly from: number
  readonly to: number
  /** How ticks are written. */
  readonly ticks: 'days' | 'minutes' | 'seconds'
  readonly levels?: readonly PlotLevel[]
}

const HEIGHT = 190

export function drawPlot({ element, series, unit, from, to, ticks, levels = [] }: PlotOptions): Plot {
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
      padding: [UNIT_HEIGHT, 10, 0, 0],
      scales: { x: { time: true, range: [from / 1_000, to / 1_000] }, y: { range: rangeOf } },
      axes: [
        {
          ...axis,
          space: 64,
          size: 28,
          values: (_plot, times) => times.map((time) => tickText(time * 1_000, ticks)),
        },
        { ...axis, size: 52, values: (_plot, values) => values.map((value) => formats.number(value, 1)) },
      ],
      series: [
        {},
        ...series.map(({ label, isDashed, isApart }, place) => ({
          label,
          stroke: isApart === true ? colour('--degraded-text') : (colours[place] ?? colour('--accent')),
          width: 2,
          ...(isApart === true ? { paths: () => null } : {}),
          spanGaps: false,
          ...(isDashed === true ? { dash: [6, 4] } : {}),
          points: isApart === true ? hollowPoints(colour('--degraded-text'), colour('--page')) : { size: 4 },
        })),
      ],
      hooks: {
        draw: [
          (self) => drawLevels(self, levels, colour('--muted'), font),
          (self) => drawUnit(self, axisName(unit, series), colour('--muted'), font),
        ],
        setCursor: [(self) => showReading(element, self, unit)],
      },
    },
    alignedData(series),
    element,
  )
  plot.root.setAttribute('aria-hidden', 'true')
  return {
    setSize: (width) => plot.setSize({ width: Math.max(200, width), height: HEIGHT }),
    destroy: () => plot.destroy(),
  }
}

const hollowPoints = (stroke: string, fill: string) => ({ show: true, size: 8, width: 2, stroke, fill })

/** All series on one axis of times. */
function alignedData(series: readonly PlotSeries[]): UPlot.AlignedData {
  const [first] = series
  if (first === undefined) return [[]]
  if (series.length === 1) return [[...first.plotted.times], [...first.plotted.values]]
  // What one series lacks at the other's time is no break in its line.
  return UPlot.join(
    series.map(({ plotted }) => [[...plotted.times], [...plotted.values]] as UPlot.AlignedData),
  )
}

/** What the numbers at the left are: their unit, or of counts what is counted. */
function axisName(unit: string, series: readonly PlotSeries[]): string {
  const shown = shownUnit(unit)
  return shown === '' ? (series[0]?.label ?? '') : shown
}

/** Room above the picture for the name of the axis. */
const UNIT_HEIGHT = 18

function drawUnit({ ctx }: UPlot, name: string, ink: string, font: string): void {
  ctx.save()
  ctx.fillStyle = ink
  ctx.font = font.replace('11px', `${11 * devicePixelRatio}px`)
  ctx.textAlign = 'left'
  ctx.textBaseline = 'top'
  ctx.fillText(name, 0, 0)
  ctx.restore()
}

const NAME_HEIGHT = 11

/** Lines across at the levels that lie within the picture, each with its name at the right. */
function drawLevels(plot: UPlot, levels: readonly PlotLevel[], ink: string, font: string): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.strokeStyle = ink
  ctx.fillStyle = ink
  ctx.font = font.replace('11px', `${10 * devicePixelRatio}px`)
  ctx.textAlign = 'right'
  ctx.textBaseline = 'bottom'
  ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio])
  let lastNameAt = Number.POSITIVE_INFINITY
  for (const { value, name } of levels) {
    const y = Math.round(plot.valToPos(value, 'y', true))
    if (y < bbox.top || y > bbox.top + bbox.height) continue
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    // Where two lines lie close together the lower one is named.
    if (lastNameAt - y < NAME_HEIGHT * devicePixelRatio) continue
    lastNameAt = y
    ctx.fillText(name, bbox.left + bbox.width - 2, y - 1)
  }
  ctx.restore()
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
