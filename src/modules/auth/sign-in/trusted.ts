import type { TrustedSignIn } from '../../../ports/credentials.ts'
import type { Directory } from '../directory/directory.ts'
import { orLater } from '../directory/trouble.ts'
import type { Credentials } from './credentials.ts'

/** Who it is has been found out elsewhere; whether the account is there and on, only here. */
export function createTrusted({
  directory,
  credentials,
}: {
  readonly directory: Directory
  readonly credentials: Credentials
}): TrustedSignIn {
  return {
    accept: (attempt) =>
      orLater(async () => {
        const known = credentials.known(await directory.snapshot(), { ...attempt, service: 'web' })
        const { user } = known
        if (!user) return credentials.told(known, 'unknown')
        if (!user.enabled) return credentials.told(known, 'disabled')
        return credentials.accepted(known, user, { with: 'proxy' })
      }),
  }
}
