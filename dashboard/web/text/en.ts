// What the pages say in English, the same files as in Indonesian; loaded when it is chosen.

import { air } from './en/air.ts'
import { answers } from './en/answers.ts'
import { bus } from './en/bus.ts'
import { desk } from './en/desk.ts'
import { detail } from './en/detail.ts'
import { environment } from './en/environment.ts'
import { infrastructure } from './en/infrastructure.ts'
import { map } from './en/map.ts'
import { shell } from './en/shell.ts'
import { signIn } from './en/sign-in.ts'
import { system } from './en/system.ts'
import { why } from './en/why.ts'
import type { Texts } from './id.ts'

export const en: Texts = {
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
}
