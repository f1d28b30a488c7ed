// Who may see a desk: says to visitors that they must sign in, and to those of another role that this page is not theirs.

import type { VillageAnswer } from '../../../contract/api.ts'
import { mayAct, type Role } from '../../../contract/device-state.ts'
import { listen } from '../dom/act.ts'
import { byId, h } from '../dom/h.ts'
import { patch } from '../dom/patch.ts'
import { onLanguage, t } from '../text/texts.ts'
import { type Session, signOut } from './session.ts'
import type { Shell } from './shell.ts'

export interface Admitted {
  readonly session: Session
  readonly village: VillageAnswer
}

/** Null when the page shows why it shows nothing. */
export function admit(shell: Shell, roles: readonly Role[]): Admitted | null {
  const gate = byId('gate')
  const { session, village } = shell
  listen(gate, { signOut: () => void signOut(), reload: () => location.reload() })
  const isRight = session !== null && roles.some((role) => mayAct(session.role, role))
  if (isRight && village.ok) {
    gate.hidden = true
    return { session, village: village.value }
  }
  const render = (): void => {
    patch(gate, session === null ? signedOut() : isRight ? failed() : noRight(session))
  }
  onLanguage(render)
  render()
  return null
}

/** The session ended while the page was open. */
export function showSignedOut(): void {
  const gate = byId('gate')
  gate.hidden = false
  patch(gate, signedOut())
}

function signedOut() {
  const next = encodeURIComponent(location.pathname + location.hash)
  return h(
    'div',
    { class: 'card' },
    h('p', {}, t('auth.needPage')),
    h(
      'div',
      { class: 'dialog-actions' },
      h('a', { class: 'button', href: '/' }, t('auth.toMap')),
      h('a', { class: 'button primary', href: `/sign-in?next=${next}` }, t('auth.signin')),
    ),
  )
}

function noRight({ name, role }: Session) {
  return h(
    'div',
    { class: 'card' },
    h('p', {}, h('strong', {}, t('auth.noright'))),
    h('p', {}, t('auth.norightMore', { name, role: t(`role.${role}` as const) })),
    h(
      'div',
      { class: 'dialog-actions' },
      h('a', { class: 'button', href: '/' }, t('auth.toMap')),
      h('button', { type: 'button', class: 'button', 'data-act': 'signOut' }, t('auth.signout')),
    ),
  )
}

function failed() {
  return h(
    'div',
    { class: 'card', role: 'status' },
    h('p', {}, t('err.load')),
    h('button', { type: 'button', class: 'button', 'data-act': 'reload' }, t('retry')),
  )
}
