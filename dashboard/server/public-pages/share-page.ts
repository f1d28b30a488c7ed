// `/bagikan`: the ways to show how things are elsewhere, for the place that is chosen: a screen, a card, a poster, feeds.

import { html } from './html.ts'
import { isOfThisMachine, pageDocument, warning } from './page-parts.ts'
import { pageText } from './page-texts.ts'
import type { Situation } from './situation.ts'

/** Height in which the three answers stand whole, in either language. */
const CARD_PX = 600

export function sharePage(situation: Situation, origin: string, style: string): string {
  const { context, words, language, isSimulated, place, stop } = situation
  const villageName = context.village.village.name
  const say = (key: Parameters<typeof pageText>[1], fill: Record<string, string> = {}): string =>
    pageText(language, key, fill)
  const id = place.id === null ? '' : `?place=${encodeURIComponent(place.id)}`
  const title = say('share.title')
  const card = `<iframe src="${origin}/embed${id}" title="${words.t('app.title', { village: villageName })}" width="340" height="${CARD_PX}" loading="lazy"></iframe>`
  const link = (href: string, text: string) => html('li', {}, html('a', { href }, text))
  return pageDocument({
    words,
    language,
    style,
    villageName,
    isSimulated,
    title,
    path: '/bagikan',
    main: [
      html('h1', {}, title),
      html(
        'p',
        {},
        say('share.lead', { village: villageName, place: place.name }),
        ' ',
        html('a', { href: '/ringan#tempat' }, words.t('place.change')),
      ),
      section(say('share.kiosk'), [
        html(
          'ul',
          {},
          link(`/kiosk${id}`, say('share.kioskVillage')),
          stop === null
            ? null
            : link(
                `/kiosk?stop=${encodeURIComponent(stop.stop.id)}`,
                say('share.kioskStop', { name: stop.stop.name }),
              ),
        ),
      ]),
      section(say('share.embed'), [
        html('p', {}, say('share.embedHow')),
        html('pre', { class: 'code', tabindex: 0 }, html('code', {}, card)),
        isOfThisMachine(origin) ? warning(say('address.local', { address: origin })) : null,
      ]),
      section(say('share.poster'), [
        place.id === null
          ? html(
              'p',
              {},
              say('share.noPlace'),
              ' ',
              html('a', { href: '/ringan#tempat' }, words.t('light.title')),
            )
          : html('ul', {}, link(`/poster${id}`, say('share.posterOf', { name: place.name }))),
      ]),
      section(say('share.feeds'), [
        html(
          'ul',
          {},
          link('/feeds/maintenance.atom', say('share.atom')),
          link('/feeds/maintenance.ics', say('share.ical')),
        ),
      ]),
    ],
  })
}

function section(title: string, inside: readonly (ReturnType<typeof html> | null)[]) {
  return html('section', { class: 'part' }, html('h2', {}, title), inside)
}
