// The pages for everybody, as the menu of the live page and the foot of those that the server writes name them.

import type { TextKey } from '../text/id.ts'

export const PUBLIC_LINKS: readonly (readonly [href: string, text: TextKey])[] = [
  ['/', 'nav.map'],
  ['/ringan', 'light.title'],
  ['/cara-hitung', 'methods.title'],
  ['/privasi', 'privacy.title'],
  ['/bagikan', 'share.elsewhere'],
]
