// What the pages that the server writes share: the document around them, the switch of language, the ways to the other pages.

import type { Piece } from '../../web/dom/markup.ts'
import { iconOf } from '../../web/dom/markup.ts'
import type { Language } from '../../web/format.ts'
import { PUBLIC_LINKS } from '../../web/shell/public-links.ts'
import type { TextKey } from '../../web/text/id.ts'
import type { Words } from '../../web/text/words.ts'
import { escapeHtml, type Html, html, textOf } from './html.ts'

export interface PageOptions {
  readonly words: Words
  readonly language: Language
  readonly title: string
  /** The one style sheet of these pages, inlined. */
  readonly style: string
  /** Path of the page, for the switch of language; null without one. */
  readonly path: string | null
  readonly villageName: string
  readonly isSimulated: boolean
  readonly className?: string
  /** Without the ways to other pages: a screen, a card, a sheet. */
  readonly isBare?: boolean
  readonly head?: Piece<Html>
  readonly main: Piece<Html>
}

/** A whole document, without script. */
export function pageDocument(options: PageOptions): string {
  const { words, language, title, style, path, villageName, isSimulated } = options
  const { t } = words
  const app = t('app.title', { village: villageName })
  return [
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title === app ? app : `${title} · ${app}`)}</title>`,
    '<link rel="icon" href="/favicon.svg" type="image/svg+xml">',
    textOf(options.head ?? null),
    `<style>${style}</style></head><body class="${options.className ?? 'plain'}">`,
    textOf([
      html(
        'header',
        { class: 'top' },
        options.isBare === true
          ? html('span', { class: 'top-name' }, app)
          : html('a', { class: 'top-name', href: '/' }, app),
        // What is put on a wall or into another page says it whole.
        !isSimulated
          ? null
          : options.isBare === true
            ? html('strong', { class: 'sim-badge' }, t('sim.badge'))
            : simulationMark(words),
        path === null ? null : languageLinks(words, language, path),
      ),
      html('main', { id: 'content' }, options.main),
      options.isBare === true ? null : footer(words),
    ]),
    '</body></html>',
  ].join('')
}

function footer(words: Words): Html {
  const links = pageLinks(words).map(({ href, text }) => html('a', { href }, text))
  return html('footer', { class: 'foot' }, html('nav', { 'aria-label': words.t('nav.label') }, links))
}

/** `SIMULASI`, whole where there is room. */
export function simulationMark({ t }: Words): Html {
  return html(
    'span',
    { class: 'sim-badge', title: t('sim.badge') },
    html('span', { class: 'wide-only' }, t('sim.badge')),
    html('span', { class: 'narrow-only', 'aria-hidden': 'true' }, t('sim.short')),
    html('span', { class: 'sr-only narrow-only' }, t('sim.badge')),
  )
}

export function languageLinks({ t }: Words, current: Language, path: string): Html {
  const link = (language: Language, label: TextKey): Html =>
    html(
      'a',
      {
        class: 'language',
        href: `${path}${path.includes('?') ? '&' : '?'}lang=${language}`,
        'aria-current': current === language ? 'true' : null,
        'aria-label': `${language.toUpperCase()}, ${t(label)}`,
        lang: language,
      },
      language.toUpperCase(),
    )
  return html(
    'div',
    { class: 'languages', role: 'group', 'aria-label': t('lang.label') },
    link('id', 'lang.id'),
    link('en', 'lang.en'),
  )
}

/** The pages for everybody. */
export function pageLinks({ t }: Words): readonly { readonly href: string; readonly text: string }[] {
  return PUBLIC_LINKS.map(([href, text]) => ({ href, text: t(text) }))
}

/** Whether an origin such as `http://127.0.0.1:8080` leads every other machine to itself (RFC 6761 6.3, RFC 1122 3.2.1.3). */
export function isOfThisMachine(origin: string): boolean {
  return /^https?:\/\/(localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])(:\d+)?$/i.test(origin)
}

export function warning(text: string): Html {
  return html('p', { class: 'warning', role: 'status' }, iconOf(html, 'warn', 18), text)
}
