// Light, dark, or as the device has it; kept in this browser. `public/assets/theme.js` sets it before the first paint.

export type ThemeChoice = 'system' | 'light' | 'dark'

const KEY = 'pantau-theme'
const dark = window.matchMedia('(prefers-color-scheme: dark)')
const forced = window.matchMedia('(forced-colors: active)')
const listeners = new Set<() => void>()

export function themeChoice(): ThemeChoice {
  const chosen = document.documentElement.dataset['theme']
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}

/** What is seen now. */
export function shownTheme(): 'light' | 'dark' {
  const choice = themeChoice()
  if (choice !== 'system') return choice
  return dark.matches ? 'dark' : 'light'
}

export function areColoursForced(): boolean {
  return forced.matches
}

export function setTheme(choice: ThemeChoice, isKept = true): void {
  if (choice === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = choice
  if (isKept) keep(KEY, choice === 'system' ? null : choice)
  tell()
}

/** Called whenever what is seen may have changed, until what it returns is called. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function tell(): void {
  for (const listener of listeners) listener()
}

dark.addEventListener('change', tell)
forced.addEventListener('change', tell)

/** Keeps a choice in this browser; a browser that keeps nothing forgets it, no more. */
export function keep(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // Storage is closed to this page.
  }
}

export function kept(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
