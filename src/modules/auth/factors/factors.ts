import type { Passkeys } from '../../../ports/passkeys.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import type { SecondFactors } from '../../../ports/second-factors.ts'
import type { Directory } from '../directory/directory.ts'
import type { Secrets } from '../secrets.ts'
import type { SignInThrottle } from '../sign-in/throttle.ts'
import type { Tickets } from '../sign-in/tickets.ts'
import { Challenges } from './challenges.ts'
import { createPasskeys } from './passkeys.ts'
import { createSecondFactors } from './second-factors.ts'

interface FactorParts {
  readonly directory: Directory
  readonly secrets: Secrets
  readonly signIn: { readonly throttle: SignInThrottle; readonly tickets: Tickets }
  readonly siteName: string
  readonly clock: Clock
  readonly log: Log
}

/** All that is asked for beside the password, or instead of it. */
export function createFactors({ secrets, signIn: { throttle, tickets }, siteName, ...others }: FactorParts): {
  readonly factors: SecondFactors
  readonly passkeys: Passkeys
} {
  const challenges = new Challenges(() => secrets.derive('PASSKEY_CHALLENGE_KEY'), others.clock)
  return {
    factors: createSecondFactors({ secrets, throttle, tickets, issuer: siteName, ...others }),
    passkeys: createPasskeys({ challenges, throttle, tickets, siteName, ...others }),
  }
}
