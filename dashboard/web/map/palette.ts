// Colours that are drawn on canvas, by theme (reference/ui 2.5 and 2.7); the same as the custom properties of tokens.css.
// With forced colours the system's own are taken: letter and border stay, fills go.

import type { DeviceState } from '../../../contract/device-state.ts'

export interface Palette {
  readonly name: 'light' | 'dark' | 'forced'
  readonly ground: string
  readonly land: string
  readonly surface: string
  readonly ink: string
  readonly muted: string
  readonly accent: string
  readonly roadMinor: string
  readonly roadMajor: string
  readonly roadCasing: string
  readonly water: string
  readonly park: string
  readonly building: string
  readonly label: string
  readonly labelHalo: string
  readonly border: string
  /** Inner and outer ring of every marker. */
  readonly ring: string
  readonly halo: string
  readonly unknown: string
}

const LIGHT: Palette = {
  name: 'light',
  ground: '#EEF1F3',
  land: '#F7F8F9',
  surface: '#FFFFFF',
  ink: '#15202B',
  muted: '#55616E',
  accent: '#1B4FB5',
  roadMinor: '#FFFFFF',
  roadMajor: '#D5DBE0',
  roadCasing: '#CBD3DA',
  water: '#BFD7E6',
  park: '#D8E6D2',
  building: '#E2E6E9',
  label: '#3B4752',
  labelHalo: '#F7F8F9',
  border: '#7A8794',
  ring: '#15202B',
  halo: '#FFFFFF',
  unknown: '#6B7280',
}

const DARK: Palette = {
  name: 'dark',
  ground: '#1B2229',
  land: '#1F272F',
  surface: '#12181F',
  ink: '#E8EDF2',
  muted: '#A9B5C1',
  accent: '#8AB4F8',
  roadMinor: '#2F3943',
  roadMajor: '#3A4651',
  roadCasing: '#161C22',
  water: '#16324A',
  park: '#1F3328',
  building: '#232C35',
  label: '#C3CCD5',
  labelHalo: '#1B2229',
  border: '#76838F',
  ring: '#15202B',
  halo: '#FFFFFF',
  unknown: '#6B7280',
}

const FORCED: Palette = {
  ...LIGHT,
  name: 'forced',
  ground: 'Canvas',
  land: 'Canvas',
  surface: 'Canvas',
  ink: 'CanvasText',
  muted: 'CanvasText',
  accent: 'Highlight',
  roadMinor: 'GrayText',
  roadMajor: 'GrayText',
  roadCasing: 'Canvas',
  water: 'GrayText',
  park: 'Canvas',
  building: 'Canvas',
  label: 'CanvasText',
  labelHalo: 'Canvas',
  border: 'CanvasText',
  ring: 'CanvasText',
  halo: 'Canvas',
  unknown: 'CanvasText',
}

export const STATE_FILLS: Readonly<Record<DeviceState, string>> = {
  up: '#0B7A55',
  degraded: '#F0A500',
  down: '#C4320A',
  unknown: '#6B7280',
  maintenance: '#2563EB',
}

export function palette(theme: 'light' | 'dark', isForced: boolean): Palette {
  return isForced ? FORCED : theme === 'dark' ? DARK : LIGHT
}

/** Black or white, whichever is read better on the colour; one of the two has at least 4.5:1 on any. */
export function inkOn(fill: string): '#111111' | '#FFFFFF' {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(fill.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
  return (luminance + 0.05) / 0.056 > 1.05 / (luminance + 0.05) ? '#111111' : '#FFFFFF'
}
