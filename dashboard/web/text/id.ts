// What the pages say in Indonesian: the first and default language, and the list of keys, a file a subject. `{name}` is filled
// in. Wording of reference/ui 6; terms as the Jakarta press and the ministry use them.

import { air } from './id/air.ts'
import { answers } from './id/answers.ts'
import { bus } from './id/bus.ts'
import { desk } from './id/desk.ts'
import { detail } from './id/detail.ts'
import { environment } from './id/environment.ts'
import { infrastructure } from './id/infrastructure.ts'
import { map } from './id/map.ts'
import { shell } from './id/shell.ts'
import { signIn } from './id/sign-in.ts'
import { system } from './id/system.ts'
import { why } from './id/why.ts'
import type { Translation } from './message.ts'

export const id = {
  ...shell,
  ...answers,
  ...air,
  ...bus,
  ...map,
  ...detail,
  ...why,
  ...signIn,
  ...desk,
  ...infrastructure,
  ...environment,
  ...system,
} as const

export type TextKey = keyof typeof id
export type Texts = Translation<typeof id>
