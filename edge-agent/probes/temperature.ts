// How warm the hotspot's board is, from the kernel's thermal zones, or its hwmon chips where there are none. The zone that
// says it is the processor's goes first; else the warmest.

import type { System } from '../system.ts'
import { type Probe, rounded } from './probe.ts'

export const temperature: Probe = {
  name: 'temperature',
  async measure({ system }) {
    const celsius = pickTemperature(await readZones(system)) ?? pickTemperature(await readChips(system))
    return celsius === null ? {} : { temperature: rounded(celsius) }
  },
}

export interface Zone {
  /** As the kernel names it, such as `cpu-thermal`. */
  readonly type: string
  /** The file's text: thousandths of a degree Celsius. */
  readonly text: string | null
}

/** Degrees Celsius; null when no zone gives a plausible one (-40 to 125, what such parts are made for). */
export function pickTemperature(zones: readonly Zone[]): number | null {
  const plausible = zones.flatMap(({ type, text }) => {
    const celsius = /^-?\d+\s*$/.test(text ?? '') ? Number(text) / 1_000 : Number.NaN
    return celsius >= -40 && celsius <= 125 ? [{ type, celsius }] : []
  })
  const ofProcessor = plausible.filter(({ type }) => /cpu|soc|pkg|core/i.test(type))
  const candidates = ofProcessor.length > 0 ? ofProcessor : plausible
  return candidates.length === 0 ? null : Math.max(...candidates.map(({ celsius }) => celsius))
}

async function readZones(system: System): Promise<Zone[]> {
  const folder = '/sys/class/thermal'
  const zones: Zone[] = []
  for (const name of (await system.list(folder)).filter((one) => /^thermal_zone\d+$/.test(one))) {
    const type = (await system.readText(`${folder}/${name}/type`)) ?? ''
    zones.push({ type, text: await system.readText(`${folder}/${name}/temp`) })
  }
  return zones
}

async function readChips(system: System): Promise<Zone[]> {
  const folder = '/sys/class/hwmon'
  const zones: Zone[] = []
  for (const chip of await system.list(folder)) {
    const type = (await system.readText(`${folder}/${chip}/name`)) ?? ''
    const inputs = (await system.list(`${folder}/${chip}`)).filter((name) => /^temp\d+_input$/.test(name))
    for (const input of inputs) {
      zones.push({ type, text: await system.readText(`${folder}/${chip}/${input}`) })
    }
  }
  return zones
}
