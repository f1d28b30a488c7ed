// `/manifest.webmanifest`: what a phone needs to put the map on its home screen, in the village's name.

import type { Words } from '../../web/text/words.ts'

export function manifestOf(words: Words, language: string, villageName: string): object {
  const { t } = words
  const icon = (src: string, sizes: string, purpose: string): object => ({
    src,
    sizes,
    type: 'image/png',
    purpose,
  })
  const shortcut = (name: string, layer: string): object => ({ name, url: `/#layer=${layer}` })
  return {
    id: '/',
    name: t('app.title', { village: villageName }),
    short_name: t('app.name'),
    lang: language,
    dir: 'ltr',
    start_url: '/',
    scope: '/',
    display: 'standalone',
    background_color: '#ffffff',
    theme_color: '#ffffff',
    icons: [
      icon('/icon-192.png', '192x192', 'any'),
      icon('/icon-512.png', '512x512', 'any'),
      icon('/icon-maskable-512.png', '512x512', 'maskable'),
      { src: '/favicon.svg', sizes: 'any', type: 'image/svg+xml' },
    ],
    shortcuts: [
      shortcut(t('wifi.title'), 'wifi'),
      shortcut(t('air.title'), 'air'),
      shortcut(t('bus.title'), 'bus'),
    ],
  }
}
