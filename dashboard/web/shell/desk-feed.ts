// The live feed of a desk: one kind of device, the state of the link in the head, and a banner when what is shown is old.

import type { LiveAlert } from '../../../contract/live.ts'
import type { Kind } from '../../../contract/topics.ts'
import { byId, h } from '../dom/h.ts'
import { icon } from '../dom/icons.ts'
import { patch } from '../dom/patch.ts'
import { fmt } from '../format.ts'
import type { LinkState } from '../live/connection.ts'
import { DeviceStore } from '../live/device-store.ts'
import { LiveLink } from '../live/link.ts'
import { t } from '../text/texts.ts'
import { offlineText } from './offline-text.ts'
import type { Shell } from './shell.ts'

export interface DeskFeed {
  readonly store: DeviceStore
  /** Draws the banner; called with every drawing of the desk. */
  renderBanner(): void
}

export function followDevices(
  shell: Shell,
  kind: Kind,
  onChange: () => void,
  onAlert?: (alert: LiveAlert) => void,
): DeskFeed {
  const store = new DeviceStore()
  let link: LinkState = 'connecting'
  store.onChange(onChange)
  shell.setLink('connecting')
  const live = new LiveLink(
    { layers: [kind] },
    {
      store,
      clock: shell.clock,
      serverClock: shell.serverClock,
      onState: ({ state }) => {
        link = state
        shell.setLink(state)
        onChange()
      },
      ...(onAlert === undefined ? {} : { onAlert }),
    },
  )
  void live.start()
  return {
    store,
    renderBanner() {
      const time = store.feedTime === null ? null : fmt().clock(store.feedTime)
      const text =
        link === 'offline'
          ? offlineText(time)
          : !store.isFeedFresh && time !== null
            ? t('net.server', { time })
            : null
      const className = link === 'offline' ? 'banner is-bad' : 'banner'
      patch(byId('banner'), text === null ? null : h('p', { class: className }, icon('warn', 18), text))
    },
  }
}
