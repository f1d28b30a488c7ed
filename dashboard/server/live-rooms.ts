// Who watches what: clients of the same audience, layers and box share a room, which has one count of frames and gets
// each frame serialised once (design D6: a separate emit for each client costs nine times as much).

import type { LiveDevice } from '../../contract/feed.ts'
import type { LiveDelta, LiveSnapshot } from '../../contract/live.ts'
import { formatTime, type TimeMs } from '../../contract/time.ts'
import { KINDS, type Kind } from '../../contract/topics.ts'
import { aboutDevices } from './about-numbers.ts'
import type { LiveChange } from './live-mirror.ts'
import { type Bounds, isInside } from './parameters.ts'
import { type Audience, featureOnce } from './public-view.ts'

export interface View {
  readonly audience: Audience
  readonly layers: readonly Kind[]
  readonly bounds: Bounds | null
}

export interface Room {
  readonly key: string
  readonly view: View
  seq: number
  /** Ids that its clients have. */
  readonly members: Set<string>
}

export interface LiveRooms {
  /** The room of that view; null when there are too many different boxes. */
  enter(view: View): Room | null
  snapshot(room: Room, time: TimeMs, fresh: boolean): LiveSnapshot
  /** What each room must be told of a change; rooms that it does not concern are left out. */
  deltas(change: LiveChange): readonly { readonly room: Room; readonly delta: LiveDelta }[]
  /** Forgets rooms that nobody is in. */
  prune(isEmpty: (key: string) => boolean): void
}

/** Each box costs a frame of its own; without a box there are fourteen rooms at most. */
const MOST_ROOMS = 256

interface Source {
  devices(): readonly LiveDevice[]
  isShown(device: LiveDevice, audience: Audience): boolean
}

export function createLiveRooms(source: Source): LiveRooms {
  const rooms = new Map<string, Room>()

  const belongs = (view: View, device: LiveDevice): boolean =>
    view.layers.includes(device.kind) &&
    source.isShown(device, view.audience) &&
    (view.bounds === null || isInside(view.bounds, device.position))

  return {
    enter(view) {
      const key = keyOf(view)
      const known = rooms.get(key)
      if (known !== undefined) return known
      if (rooms.size >= MOST_ROOMS) return null
      const members = source.devices().filter((device) => belongs(view, device))
      const room: Room = { key, view, seq: 0, members: new Set(members.map((device) => device.id)) }
      rooms.set(key, room)
      return room
    },
    snapshot(room, time, fresh) {
      const devices = source.devices().filter((device) => room.members.has(device.id))
      return {
        seq: room.seq,
        time: formatTime(time),
        devices: devices.map((device) => featureOnce(device, room.view.audience)),
        fresh,
        ...aboutDevices(room.view.audience),
      }
    },
    deltas(change) {
      return [...rooms.values()].flatMap((room) => {
        const delta = deltaFor(room, change, belongs)
        return delta === null ? [] : [{ room, delta }]
      })
    },
    prune(isEmpty) {
      for (const key of rooms.keys()) if (isEmpty(key)) rooms.delete(key)
    },
  }
}

function deltaFor(
  room: Room,
  change: LiveChange,
  belongs: (view: View, device: LiveDevice) => boolean,
): LiveDelta | null {
  const changed: LiveDevice[] = []
  const removed: string[] = change.removed.filter((id) => room.members.delete(id))
  for (const device of change.changed) {
    if (belongs(room.view, device)) {
      room.members.add(device.id)
      changed.push(device)
    } else if (room.members.delete(device.id)) {
      // It left the box, or is no longer for this audience.
      removed.push(device.id)
    }
  }
  if (changed.length === 0 && removed.length === 0) return null
  room.seq += 1
  return {
    seq: room.seq,
    time: formatTime(change.time),
    changed: changed.map((device) => featureOnce(device, room.view.audience)),
    removed,
  }
}

function keyOf({ audience, layers, bounds }: View): string {
  const box = bounds === null ? '' : [bounds.west, bounds.south, bounds.east, bounds.north].join(',')
  return `${audience}|${KINDS.filter((kind) => layers.includes(kind)).join(',')}|${box}`
}
