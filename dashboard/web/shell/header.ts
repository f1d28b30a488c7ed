// The head of every page: name, what is simulated, the state of the link, language, and a menu with pages and theme.

import { listen } from '../dom/act.ts'
import { h } from '../dom/h.ts'
import { type IconName, icon } from '../dom/icons.ts'
import { patch } from '../dom/patch.ts'
import type { LinkState } from '../live/connection.ts'
import { currentLanguage, type TextKey, t } from '../text/texts.ts'
import { PUBLIC_LINKS } from './public-links.ts'
import type { Session } from './session.ts'
import { type ThemeChoice, themeChoice } from './theme.ts'

export type PageName = 'map' | 'infrastructure' | 'environment' | 'system' | 'sign-in'

export interface HeaderState {
  readonly page: PageName
  readonly village: string | null
  readonly isSimulated: boolean
  /** Null on pages that follow nothing live. */
  readonly link: LinkState | null
  readonly session: Session | null
}

export interface HeaderActs {
  readonly language: (language: string) => void
  readonly theme: (choice: ThemeChoice) => void
  readonly signOut: () => void
  readonly share: () => void
}

const PAGES: readonly (readonly [PageName, string, TextKey, IconName])[] = [
  ['map', '/', 'nav.map', 'map'],
  ['infrastructure', '/infrastructure', 'nav.infrastructure', 'wifi'],
  ['environment', '/environment', 'nav.environment', 'air'],
  ['system', '/system', 'nav.system', 'list'],
]

/** Answers presses in the head; called once. */
export function startHeader(header: HTMLElement, acts: HeaderActs): void {
  listen(header, {
    language: (argument, _target, event) => {
      event.preventDefault()
      acts.language(argument)
    },
    theme: (argument) => acts.theme(argument as ThemeChoice), // written by `themeRow` below
    signOut: () => acts.signOut(),
    share: () => acts.share(),
  })
  const menuOf = (): HTMLDetailsElement | null => header.querySelector('details')
  document.addEventListener('click', (event) => {
    const menu = menuOf()
    if (menu?.open === true && event.target instanceof Node && !menu.contains(event.target)) menu.open = false
  })
  header.addEventListener('keydown', (event) => {
    const menu = menuOf()
    if (event.key !== 'Escape' || menu?.open !== true) return
    menu.open = false
    menu.querySelector('summary')?.focus()
  })
}

export function renderHeader(header: HTMLElement, state: HeaderState): void {
  const title = state.village === null ? t('app.name') : t('app.title', { village: state.village })
  patch(
    header,
    h(
      'div',
      { class: 'brand-block' },
      h(
        'a',
        { class: 'brand', href: '/' },
        h('img', { src: '/favicon.svg', alt: '', width: 24, height: 24 }),
        title,
      ),
      h(
        'span',
        { class: 'brand-notes' },
        state.isSimulated ? simulationBadge() : null,
        state.link === null ? null : linkChip(state.link),
      ),
    ),
    h('span', { class: 'spacer' }),
    pageNav(state, 'header-nav'),
    languageSwitch(),
    menu(state),
  )
}

function simulationBadge() {
  return h(
    'span',
    { class: 'sim-badge', title: t('sim.badge') },
    h('span', { class: 'wide-only' }, t('sim.badge')),
    h('span', { class: 'narrow-only', 'aria-hidden': 'true' }, t('sim.short')),
    h('span', { class: 'sr-only narrow-only' }, t('sim.badge')),
  )
}

const LINK_TEXTS: Readonly<Record<LinkState, TextKey>> = {
  connecting: 'net.connecting',
  live: 'net.live',
  reconnecting: 'net.retry',
  offline: 'net.offlineShort',
}

function linkChip(link: LinkState) {
  const state = t(LINK_TEXTS[link])
  return h(
    'span',
    { class: `chip chip-${link}`, role: 'img', 'aria-label': t('net.status', { state }) },
    h('span', { class: 'chip-dot' }),
    h('span', { class: 'chip-text' }, state),
  )
}

function languageSwitch() {
  // A link, as in the page that the server sends: there it leads to the page in that language.
  const link = (language: 'id' | 'en', label: TextKey) =>
    h(
      'a',
      {
        class: 'language',
        href: `?lang=${language}`,
        'data-act': 'language',
        'data-arg': language,
        'aria-current': currentLanguage() === language ? 'true' : null,
        'aria-label': `${language.toUpperCase()}, ${t(label)}`,
        lang: language,
      },
      language.toUpperCase(),
    )
  return h(
    'div',
    { class: 'languages', role: 'group', 'aria-label': t('lang.label') },
    link('id', 'lang.id'),
    link('en', 'lang.en'),
  )
}

/** Pages that this reader may open; a stranger has the map and the way in. */
function pageNav(state: HeaderState, className: string) {
  const link = (page: PageName, href: string, key: TextKey, name: IconName) =>
    h(
      'a',
      { href, class: 'nav-link', 'aria-current': state.page === page ? 'page' : null },
      icon(name, 18),
      t(key),
    )
  return h(
    'nav',
    { class: className, 'aria-label': className === 'header-nav' ? t('nav.label') : t('nav.menu') },
    PAGES.filter(([page]) => page === 'map' || state.session !== null).map((page) => link(...page)),
    state.session === null ? link('sign-in', '/sign-in', 'auth.signin', 'user') : null,
  )
}

function menu(state: HeaderState) {
  return h(
    'details',
    { class: 'menu' },
    h('summary', { class: 'icon-button', 'aria-label': t('nav.menu') }, icon('menu')),
    h(
      'div',
      { class: 'menu-panel' },
      pageNav(state, 'menu-nav'),
      themeRow(),
      state.page === 'map'
        ? h(
            'button',
            { type: 'button', class: 'menu-item', 'data-act': 'share' },
            icon('share', 18),
            t('share'),
          )
        : null,
      state.page === 'map' || state.page === 'sign-in' ? publicNav() : null,
      state.session === null
        ? null
        : [
            h('p', { class: 'menu-note' }, t('auth.as', { name: state.session.name })),
            h(
              'button',
              { type: 'button', class: 'menu-item', 'data-act': 'signOut' },
              icon('user', 18),
              t('auth.signout'),
            ),
          ],
    ),
  )
}

/** The pages that the server writes: without them here nobody who has script would come to know of them. */
function publicNav() {
  return h(
    'nav',
    { class: 'menu-pages', 'aria-label': t('nav.public') },
    PUBLIC_LINKS.slice(1).map(([href, text]) => h('a', { class: 'nav-link', href }, t(text))),
  )
}

function themeRow() {
  const choices: readonly (readonly [ThemeChoice, TextKey])[] = [
    ['system', 'theme.system'],
    ['light', 'theme.light'],
    ['dark', 'theme.dark'],
  ]
  return h(
    'div',
    { class: 'theme-row', role: 'group', 'aria-label': t('theme.label') },
    h('p', { class: 'menu-note', 'aria-hidden': 'true' }, t('theme.label')),
    h(
      'div',
      { class: 'segmented' },
      choices.map(([choice, key]) =>
        h(
          'button',
          {
            type: 'button',
            'data-act': 'theme',
            'data-arg': choice,
            'aria-pressed': String(themeChoice() === choice),
          },
          t(key),
        ),
      ),
    ),
  )
}
