// Where there is no coverage: a map of what is reached, what may be and what is not, now or as planned, with the holes by size, and the same by
// RW where the village's base map has them. An estimate from circles, and it says so (reference/ui 4; domain B12).

import type { DeviceFeature, VillageAnswer } from '../../../../contract/api.ts'
import {
  type CoverageGrid,
  type Hole,
  holesOf,
  type ReachingPlace,
} from '../../../../domain/connectivity/coverage-grid.ts'
import { haversineM } from '../../../../domain/geo/geodesy.ts'
import { groupBy } from '../../../../domain/transit/feed-tables.ts'
import { cell, deskTable, loadingNotice, numberCell, segmented, smallButton } from '../../desk/cells.ts'
import type { NameOf, Panel, PanelChange, Settings } from '../../desk/panel.ts'
import type { Acts } from '../../dom/act.ts'
import { type Child, h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { stateWord } from '../../layers/wifi.ts'
import { t } from '../../text/texts.ts'
import type { Areas } from './areas.ts'
import { COVERAGE_MODES, type Coverage, type CoverageMode, placesOf } from './coverage.ts'
import type { CoverageMap, CoverageShown } from './coverage-map.ts'

/** Smaller ones are the gaps between circles. */
const LEAST_HOLE_M2 = 400
const MOST_HOLES = 10
const SLOT = 'coverage-map'

export interface CoverageSources extends PanelChange {
  readonly village: VillageAnswer
  readonly coverage: Coverage
  readonly areas: Areas
  readonly hotspots: () => readonly DeviceFeature[]
  readonly nameOf: NameOf
}

export class CoveragePanel implements Panel {
  readonly #sources: CoverageSources
  #mode: CoverageMode = 'now'
  /** The map's own element, which outlives the view. */
  readonly #element = h('div', { class: 'coverage-canvas' })
  #maps: typeof import('./coverage-map.ts') | null = null
  #map: CoverageMap | null = null
  #holes: { readonly grid: CoverageGrid; readonly list: readonly Hole[] } | null = null

  constructor(sources: CoverageSources) {
    this.#sources = sources
  }

  readonly acts: Acts = {
    coverageMode: (mode) => {
      this.#mode = modeOf(mode)
      this.#sources.onSettings()
      this.#sources.onChange()
    },
    holeShow: (place) => this.#map?.goTo(Number(place)),
    coverageZoom: (step) => this.#map?.zoom(step === '1' ? 1 : -1),
  }

  open(): void {
    void this.#startMap()
  }

  settings(): Settings {
    return this.#mode === 'now' ? {} : { only: this.#mode }
  }

  follow(settings: Settings): void {
    this.#mode = modeOf(settings['only'])
  }

  async #startMap(): Promise<void> {
    this.#maps ??= await import('./coverage-map.ts')
    this.#sources.onChange()
  }

  /** Once the slot stands in the page: a map is made where it has a size. */
  #showMap(shown: CoverageShown): void {
    const slot = document.getElementById(SLOT)
    if (slot === null || this.#maps === null) return
    if (this.#element.parentElement !== slot) slot.append(this.#element)
    this.#map ??= new this.#maps.CoverageMap(this.#element, this.#sources.village)
    this.#map.show(shown)
  }

  view(): Child {
    const { coverage, hotspots } = this.#sources
    const all = hotspots()
    const grid = coverage.of(all, this.#mode)
    const places = placesOf(all, this.#mode)
    if (grid !== null) {
      const holes = this.#holesOf(grid)
      requestAnimationFrame(() => this.#showMap({ grid, places, holes }))
    }
    return [
      h(
        'div',
        { class: 'desk-bar', 'data-key': 'coverage-bar' },
        segmented(
          'coverage.show',
          'coverageMode',
          COVERAGE_MODES.map((mode) => [mode, t(`coverage.${mode}` as const)]),
          this.#mode,
        ),
        h('p', { class: 'hint' }, h('strong', {}, t('coverage.estimate'))),
      ),
      grid === null
        ? all.length === 0
          ? loadingNotice('loading')
          : h('p', { class: 'notice' }, t('coverage.none'))
        : this.#body(grid, places, all),
    ]
  }

  #holesOf(grid: CoverageGrid): readonly Hole[] {
    if (this.#holes?.grid !== grid)
      this.#holes = { grid, list: holesOf(grid, LEAST_HOLE_M2).slice(0, MOST_HOLES) }
    return this.#holes.list
  }

  #body(grid: CoverageGrid, places: readonly ReachingPlace[], all: readonly DeviceFeature[]): Child {
    const silent = all.length - places.length
    return h(
      'div',
      { class: 'coverage', 'data-key': 'coverage' },
      h(
        'div',
        { class: 'coverage-frame' },
        h('div', {
          id: SLOT,
          class: 'coverage-map',
          'data-key': SLOT,
          'data-keep': true,
          role: 'group',
          'aria-label': t('coverage.map'),
        }),
        h(
          'div',
          { class: 'coverage-zoom' },
          (['1', '-1'] as const).map((step) =>
            h(
              'button',
              {
                type: 'button',
                class: 'icon-button',
                'data-act': 'coverageZoom',
                'data-arg': step,
                'aria-label': t(step === '1' ? 'map.zoomin' : 'map.zoomout'),
              },
              step === '1' ? '+' : '−',
            ),
          ),
        ),
      ),
      h(
        'div',
        { class: 'coverage-words' },
        sharesList(grid),
        h('p', {}, h('a', { href: '/cara-hitung#coverage' }, t('coverage.how'))),
        silent === 0 ? null : h('p', { class: 'hint' }, t('coverage.silent', { n: silent })),
        this.#holesSection(grid, places),
        this.#areasSection(all),
        h('p', { class: 'hint' }, this.#sources.village.attributions.map(({ text }) => text).join(' · ')),
      ),
    )
  }

  #holesSection(grid: CoverageGrid, places: readonly ReachingPlace[]): Child {
    const holes = this.#holesOf(grid)
    return h(
      'section',
      { class: 'desk-section', 'data-key': 'holes' },
      h('h2', {}, t('coverage.holes')),
      holes.length === 0
        ? h('p', { class: 'hint' }, t('coverage.noHoles'))
        : deskTable(
            'holes',
            [
              'coverage.number',
              ['coverage.size', 'number'],
              ['coverage.far', 'number'],
              'coverage.nearest',
              'maintenance.actions',
            ],
            holes.map((hole, place) => this.#holeRow(hole, place, places)),
          ),
    )
  }

  #holeRow({ areaM2, deepest }: Hole, place: number, places: readonly ReachingPlace[]) {
    const near = places
      .map((one) => ({ ...one, distanceM: haversineM(deepest, one) }))
      .sort((a, b) => a.distanceM - a.radiusM - (b.distanceM - b.radiusM))
    const reaching = near.find(({ isUp }) => isUp === true)
    const [nearest] = near
    const state = this.#sources.hotspots().find(({ id }) => id === nearest?.id)?.properties.state
    return h(
      'tr',
      { 'data-key': `hole ${place}` },
      h('th', { scope: 'row' }, h('span', { class: 'hole-mark' }, String(place + 1))),
      numberCell('coverage.size', areaText(areaM2)),
      numberCell(
        'coverage.far',
        reaching === undefined ? '–' : fmt().distance(Math.max(0, reaching.distanceM - reaching.radiusM)),
      ),
      cell(
        'coverage.nearest',
        nearest === undefined ? '–' : this.#sources.nameOf(nearest.id),
        nearest === undefined || state === undefined
          ? null
          : h('span', { class: 'hint block' }, `${stateWord(state)}, ${fmt().distance(nearest.distanceM)}`),
      ),
      cell('maintenance.actions', smallButton('holeShow', String(place), t('coverage.go'))),
    )
  }

  #areasSection(all: readonly DeviceFeature[]): Child {
    const { areas, coverage } = this.#sources
    const list = areas.list()
    if (list === null) return null
    const counts = groupBy(all, (one) => areas.of(one)?.name ?? '')
    const share = (grid: CoverageGrid | null, kind: 'covered' | 'unknown'): string =>
      grid?.shares == null ? '–' : fmt().percent(grid.shares[kind])
    return h(
      'section',
      { class: 'desk-section', 'data-key': 'areas' },
      h('h2', {}, t('coverage.byArea')),
      list.length === 0
        ? h('p', { class: 'hint' }, t('coverage.noAreas'))
        : deskTable(
            'areas',
            [
              'coverage.area',
              ['coverage.hotspots', 'number'],
              ['coverage.covered', 'number'],
              ['coverage.unknown', 'number'],
              ['coverage.planned', 'number'],
            ],
            list.map((area) => {
              const grids = COVERAGE_MODES.map((mode) => coverage.ofArea(area.name, area.geometry, all, mode))
              const [now = null, planned = null] = grids
              return h(
                'tr',
                { 'data-key': area.name },
                h('th', { scope: 'row' }, area.name),
                numberCell('coverage.hotspots', fmt().whole(counts.get(area.name)?.length ?? 0)),
                numberCell('coverage.covered', share(now, 'covered')),
                numberCell('coverage.unknown', share(now, 'unknown')),
                numberCell('coverage.planned', share(planned, 'covered')),
              )
            }),
          ),
    )
  }
}

/** The legend, with how much of the village each is. */
function sharesList({ shares }: CoverageGrid): Child {
  if (shares === null) return null
  return h(
    'dl',
    { class: 'coverage-shares' },
    (['covered', 'unknown', 'hole'] as const).map((kind) =>
      h(
        'div',
        {},
        h(
          'dt',
          {},
          h('span', { class: `swatch is-${kind}`, 'aria-hidden': 'true' }),
          t(`coverage.${kind}` as const),
        ),
        h('dd', {}, fmt().percent(shares[kind], 1)),
      ),
    ),
  )
}

const HECTARE_M2 = 10_000

function areaText(m2: number): string {
  return m2 < HECTARE_M2 ? `${fmt().whole(m2)} m²` : `${fmt().number(m2 / HECTARE_M2, 1)} ha`
}

function modeOf(text: string | undefined): CoverageMode {
  return COVERAGE_MODES.find((one) => one === text) ?? 'now'
}
