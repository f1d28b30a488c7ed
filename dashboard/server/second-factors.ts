// Codes of the second factor at sign-in: which were taken, so that one that was looked at over a shoulder is worth nothing.

import type { Account } from '../../contract/registry.ts'
import type { Clock } from '../../contract/time.ts'
import { matchingStep } from '../../runtime/second-factor.ts'

export type Passed = 'yes' | 'no' | 'code-missing'

export interface SecondFactors {
  /** Whether the account may come in with this code, its password having been right. A code passes once. */
  passes(account: Account, code: string | undefined): Passed
}

export function createSecondFactors(clock: Clock): SecondFactors {
  /** Step of the last code that passed, by account; a restart within a code's minute and a half forgets one. */
  const lastSteps = new Map<string, number>()

  return {
    passes({ name, secondFactor }, code) {
      if (secondFactor === undefined) return 'yes'
      if (code === undefined) return 'code-missing'
      const step = matchingStep(secondFactor, code, clock.now(), lastSteps.get(name) ?? 0)
      if (step === null) return 'no'
      lastSteps.set(name, step)
      return 'yes'
    },
  }
}
