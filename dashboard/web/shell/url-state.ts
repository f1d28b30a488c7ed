// The state of a page as the fragment of its address (reference/ui 2.12), so that a link shows the same view. Bad parts are
// left out one by one. Where the reader is never stands in it.

export interface View {
  readonly zoom: number
  readonly lat: number
  readonly lon: number
}

export interface Selection {
  readonly kind: 'hotspot' | 'sensor' | 'vehicle' | 'stop' | 'route'
  readonly id: string
}

export interface UrlState {
  readonly view: View | null
  readonly layers: readonly string[] | null
  readonly selection: Selection | null
  readonly language: 'id' | 'en' | null
  readonly theme: 'light' | 'dark' | null
  /** Filters of the desks. */
  readonly state: string | null
  readonly query: string | null
  /** What else a desk shows: which tab, which period, what of it; empty for what is shown at first. */
  readonly desk: Readonly<Record<string, string>>
}

const SELECTABLE = ['hotspot', 'sensor', 'vehicle', 'stop', 'route'] as const
export const LAYER_IDS = ['wifi', 'air', 'bus', 'noise', 'water'] as const
const DESK_PARTS = ['tab', 'from', 'to', 'days', 'only', 'standard', 'target'] as const
export const DEFAULT_LAYERS: readonly string[] = ['wifi', 'air', 'bus']

/** What the fragment says, and the names of the parts that could not be read. */
export function parseUrl(hash: string): { readonly state: UrlState; readonly bad: readonly string[] } {
  const params = new URLSearchParams(hash.replace(/^#/, ''))
  const bad: string[] = []
  const read = <T>(name: string, parse: (text: string) => T | null): T | null => {
    const text = params.get(name)
    if (text === null) return null
    const value = parse(text)
    if (value === null) bad.push(name)
    return value
  }
  return {
    state: {
      view: read('map', parseView),
      layers: read('layer', parseLayers),
      selection: read('sel', parseSelection),
      language: read('lang', (text) => (text === 'id' || text === 'en' ? text : null)),
      theme: read('theme', (text) => (text === 'light' || text === 'dark' ? text : null)),
      state: read('state', (text) => (/^[a-z]{1,20}$/.test(text) ? text : null)),
      query: read('q', (text) => text.slice(0, 80)),
      desk: Object.fromEntries(
        DESK_PARTS.flatMap((name) => {
          const value = read(name, (text) => (/^[\w.:+-]{1,40}$/.test(text) ? text : null))
          return value === null ? [] : [[name, value]]
        }),
      ),
    },
    bad,
  }
}

/** The fragment with `#`; empty for a state that says nothing. */
export function formatUrl(state: Partial<UrlState>): string {
  const parts: string[] = []
  const { view, layers, selection, language, theme, query } = state
  if (view != null) {
    const zoom = Math.round(view.zoom * 10) / 10
    parts.push(`map=${zoom}/${view.lat.toFixed(5)}/${view.lon.toFixed(5)}`)
  }
  if (layers != null && !isDefault(layers)) parts.push(`layer=${layers.join(',')}`)
  if (selection != null) parts.push(`sel=${selection.kind}:${encodeURIComponent(selection.id)}`)
  if (state.state != null) parts.push(`state=${state.state}`)
  if (query != null && query !== '') parts.push(`q=${encodeURIComponent(query)}`)
  for (const name of DESK_PARTS) {
    const value = state.desk?.[name]
    // Nothing else of what may stand there means something in an address.
    if (value !== undefined) parts.push(`${name}=${value.replaceAll('+', '%2B')}`)
  }
  if (language != null) parts.push(`lang=${language}`)
  if (theme != null) parts.push(`theme=${theme}`)
  return parts.length === 0 ? '' : `#${parts.join('&')}`
}

function isDefault(layers: readonly string[]): boolean {
  return layers.length === DEFAULT_LAYERS.length && DEFAULT_LAYERS.every((layer) => layers.includes(layer))
}

function parseView(text: string): View | null {
  const match = /^(\d{1,2}(?:\.\d)?)\/(-?\d{1,2}(?:\.\d+)?)\/(-?\d{1,3}(?:\.\d+)?)$/.exec(text)
  if (match === null) return null
  const [zoom, lat, lon] = match.slice(1).map(Number) as [number, number, number]
  return zoom <= 22 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180 ? { zoom, lat, lon } : null
}

function parseLayers(text: string): readonly string[] | null {
  const names: readonly string[] = LAYER_IDS
  const layers = text.split(',').filter((name) => names.includes(name))
  return text === '' || layers.length > 0 ? layers : null
}

function parseSelection(text: string): Selection | null {
  const colon = text.indexOf(':')
  const kind = SELECTABLE.find((name) => name === text.slice(0, colon))
  const id = text.slice(colon + 1)
  return kind === undefined || id === '' || id.length > 128 ? null : { kind, id }
}
