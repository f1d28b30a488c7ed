// Signing in: name and password, a code where the account asks for one, and back to the page that asked for it.

import '../../style/desk-page.css'
import type { Fault } from '../../api.ts'
import { sendJson } from '../../api.ts'
import { listen } from '../../dom/act.ts'
import { byId, h } from '../../dom/h.ts'
import { patch } from '../../dom/patch.ts'
import { nextPath, signOut } from '../../shell/session.ts'
import { startShell } from '../../shell/shell.ts'
import { onLanguage, t } from '../../text/texts.ts'

const shell = await startShell('sign-in')
const form = byId('form')
/** Said in the page's language, also when that changes. */
let problem: (() => string) | null = null
let isBusy = false
let isPasswordShown = false
/** The account has a second factor: its password was right. */
let isCodeAsked = false

function render(): void {
  patch(form, shell.session === null ? signInForm() : alreadyIn(shell.session.name))
}

function alreadyIn(name: string) {
  return h(
    'div',
    { class: 'card', 'data-key': 'in' },
    h('p', {}, t('auth.already', { name })),
    h(
      'div',
      { class: 'dialog-actions' },
      h('button', { type: 'button', class: 'button', 'data-act': 'signOut' }, t('auth.signout')),
      h('a', { class: 'button primary', href: nextPath(location.search) ?? '/' }, t('auth.continue')),
    ),
  )
}

function signInForm() {
  const input = (name: 'name' | 'password' | 'code', type: string, complete: string) =>
    h(
      'div',
      { class: 'field' },
      h('label', { for: name }, t(`auth.${name}` as const)),
      h('input', {
        id: name,
        name,
        type,
        required: true,
        autocomplete: complete,
        autocapitalize: 'none',
        inputmode: name === 'code' ? 'numeric' : null,
        spellcheck: 'false',
        'aria-invalid': problem === null ? null : 'true',
        'aria-describedby': problem === null ? null : 'sign-in-problem',
      }),
    )
  return h(
    'form',
    { class: 'card', novalidate: true, 'data-key': 'form', method: 'post', action: '/sign-in' },
    h('p', { class: 'hint' }, t(nextPath(location.search) === null ? 'auth.lead' : 'auth.needPage')),
    h(
      'p',
      { id: 'sign-in-problem', class: problem === null ? 'sr-only' : 'problem', role: 'alert' },
      problem?.() ?? '',
    ),
    input('name', 'text', 'username'),
    input('password', isPasswordShown ? 'text' : 'password', 'current-password'),
    h(
      'label',
      { class: 'check' },
      h('input', { type: 'checkbox', checked: isPasswordShown, 'data-change': 'show' }),
      t('auth.show'),
    ),
    isCodeAsked ? input('code', 'text', 'one-time-code') : null,
    h(
      'button',
      { type: 'submit', class: 'button primary wide', disabled: isBusy },
      t(isBusy ? 'auth.busy' : 'auth.signin'),
    ),
    h('p', { class: 'hint' }, t(isCodeAsked ? 'auth.noCode' : 'auth.forgot')),
  )
}

async function submit(): Promise<void> {
  const value = (id: string): string => form.querySelector<HTMLInputElement>(`#${id}`)?.value ?? ''
  const [name, password] = [value('name').trim(), value('password')]
  problem = name === '' || password === '' ? () => t('auth.needed') : null
  if (problem !== null) {
    render()
    form.querySelector<HTMLInputElement>(name === '' ? '#name' : '#password')?.focus()
    return
  }
  isBusy = true
  render()
  const code = value('code').replaceAll(' ', '')
  const answer = await sendJson('POST', '/api/v1/session', {
    ...{ name, password },
    ...(code === '' ? {} : { code }),
  })
  if (answer.ok) {
    location.assign(nextPath(location.search) ?? '/')
    return
  }
  isBusy = false
  isCodeAsked ||= answer.fault.parameter === 'code'
  problem = () => problemText(answer.fault)
  render()
  form.querySelector<HTMLInputElement>(isCodeAsked ? '#code' : '#password')?.select()
}

function problemText({ status, parameter, retryAfterS }: Fault): string {
  if (parameter === 'code') return t('auth.codeNeeded')
  if (status === 429) return t('auth.wait', { min: Math.max(1, Math.ceil((retryAfterS ?? 60) / 60)) })
  // A name of the wrong form is no name of anybody's: the same words.
  return status === 401 || status === 400 ? t('auth.denied') : t('auth.failed')
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  if (!isBusy) void submit()
})
listen(form, {
  signOut: () => void signOut(),
  show: (_argument, target) => {
    isPasswordShown = target instanceof HTMLInputElement && target.checked
    render()
  },
})
onLanguage(render)
render()
if (shell.session === null) form.querySelector<HTMLInputElement>('#name')?.focus()
