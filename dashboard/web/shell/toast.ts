// Short messages that go by themselves, spoken politely. One at a time; the last one stands.

import { byId } from '../dom/h.ts'

const SHOWN_MS = 6_000
let timer: number | null = null

export function toast(text: string): void {
  const box = byId('toast')
  box.textContent = text
  box.hidden = false
  if (timer !== null) clearTimeout(timer)
  timer = window.setTimeout(() => {
    box.hidden = true
    box.textContent = ''
  }, SHOWN_MS)
}
