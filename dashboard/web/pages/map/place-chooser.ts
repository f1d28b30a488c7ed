// The place that the answers are for, and the ways to it: the dialog, a tap on the map, where the reader is, what was kept.

import { byId } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { centerOf, keepPlace, keptPlaceId, locate, type Place, placeOfId } from '../../places.ts'
import type { Findable } from '../../search.ts'
import { toast } from '../../shell/toast.ts'
import { t } from '../../text/texts.ts'
import type { MapState } from './map-state.ts'
import { PlaceDialog } from './place-dialog.ts'
import type { Stage } from './stage.ts'

const CLOSEST_ZOOM = 15.5
const INACCURATE_M = 200

interface PlaceChooserOptions {
  readonly state: MapState
  readonly stage: Stage
  readonly findables: () => Iterable<Findable>
  readonly onChange: () => void
  /** The map is to be tapped: what lies over it goes away. */
  readonly onTapping: () => void
}

export class PlaceChooser {
  readonly #options: PlaceChooserOptions
  readonly #dialog: PlaceDialog
  #isTapping = false

  constructor(options: PlaceChooserOptions) {
    const { state } = options
    this.#options = options
    this.#dialog = new PlaceDialog({
      findables: options.findables,
      centerName: () => t('place.center', { village: state.village.name }),
      onCenter: () => this.#set(centerOf(state.village)),
      onLocate: () => void this.locate(),
      onTap: () => this.#startTapping(),
      onChoose: (target) => this.#choose(target),
    })
    options.stage.showPlace(state.place)
  }

  get isTapping(): boolean {
    return this.#isTapping
  }

  open(): void {
    this.#dialog.open()
  }

  /** The map was tapped there. */
  tapped(lat: number, lon: number): void {
    this.stopTapping()
    this.#set({ type: 'point', id: null, lat, lon })
  }

  stopTapping(): void {
    this.#isTapping = false
    byId('map').classList.remove('is-tapping')
  }

  /** The place of an earlier visit, once what it was is known. */
  takeKept(): void {
    const { state } = this.#options
    const id = keptPlaceId()
    if (id === null || state.place.type !== 'center') return
    const place = placeOfId(id, state.store.devices)
    if (place === null) return
    state.place = place
    this.#options.stage.showPlace(place)
  }

  /** Asks where the reader is; what goes wrong is said, and the other ways are offered. */
  async locate(): Promise<void> {
    const { village } = this.#options.state
    toast(t('place.locating'))
    const located = await locate()
    if (!located.ok) {
      this.#dialog.open(t(`place.${located.reason}` as const))
      return
    }
    const [west = 0, south = 0, east = 0, north = 0] = village.bounds
    const { lat, lon } = located.place
    if (lat < south || lat > north || lon < west || lon > east) {
      this.#dialog.open(t('place.outside', { village: village.name }))
      return
    }
    if (located.accuracyM > INACCURATE_M)
      toast(t('place.inaccurate', { d: fmt().distance(located.accuracyM) }))
    this.#set(located.place)
  }

  #startTapping(): void {
    this.#isTapping = true
    byId('map').classList.add('is-tapping')
    toast(t('place.tapping'))
    this.#options.onTapping()
  }

  #choose(target: string): void {
    if (target.startsWith('at:')) {
      const [lat = 0, lon = 0] = target.slice(3).split(',').map(Number)
      this.#set({ type: 'point', id: null, lat, lon })
      return
    }
    const id = target.startsWith('stop:') ? target : target.slice(target.indexOf(':') + 1)
    const place = placeOfId(id, this.#options.state.store.devices)
    if (place !== null) this.#set(place)
  }

  #set(place: Place): void {
    const { state, stage, onChange } = this.#options
    state.place = place
    keepPlace(place)
    stage.showPlace(place)
    // The middle of the view stands in the page's address, and where the reader is must not.
    const middle = place.type === 'mine' ? coarse(place) : place
    stage.goTo(middle.lat, middle.lon, Math.max(CLOSEST_ZOOM, stage.map.getZoom()))
    onChange()
  }
}

/** Near the place, on a grid of about 300 m. */
function coarse({ lat, lon }: Place): { readonly lat: number; readonly lon: number } {
  const round = (degrees: number): number => Math.round(degrees / 0.003) * 0.003
  return { lat: round(lat), lon: round(lon) }
}
