import { timingSafeEqual } from 'node:crypto'
import type { ScramAttempt, ScramVerifier } from '../../../ports/credentials.ts'
import type { Directory } from '../directory/directory.ts'
import { orLater } from '../directory/trouble.ts'
import { type Attempt, type Credentials, secretlessProblem } from './credentials.ts'
import {
  madeUpSalt,
  readVerifiers,
  type ScramVerifiers,
  scramIterations,
  serverSignature,
  storedKeyOf,
} from './scram-verifiers.ts'
import type { SignInThrottle } from './throttle.ts'

interface Parts {
  readonly directory: Directory
  readonly credentials: Credentials
  readonly throttle: SignInThrottle
  readonly saltKey: () => Buffer
}

const proofBytes = 32

/** SCRAM-SHA-256, on the same terms as passwords: same locks, same counting, same refusals. RFC 5802 §5. */
export function createScram({ directory, credentials, throttle, saltKey }: Parts): ScramVerifier {
  const look = async (attempt: ScramAttempt) => {
    const known = credentials.known(await directory.snapshot(), attempt)
    const locked = throttle.lockOn(known.origin)
    return { known, verifiers: verifiersOf(known, saltKey()), locked }
  }
  return {
    begin: (attempt) =>
      orLater(async () => {
        const { verifiers, locked } = await look(attempt)
        if (locked) return credentials.throttled(attempt, locked)
        const { salt, iterations } = verifiers
        return { kind: 'offer' as const, salt: salt.toString('base64'), iterations }
      }),
    finish: async (attempt) => {
      const verdict = await orLater(async () => {
        const { known, verifiers, locked } = await look(attempt)
        if (locked) return credentials.throttled(attempt, locked)
        return judge(known, verifiers, attempt)
      })
      credentials.count(attempt, verdict)
      return verdict
    },
  }

  function judge(
    known: Attempt,
    verifiers: ScramVerifiers,
    { authMessage, proof: proof64 }: Parameters<ScramVerifier['finish']>[0],
  ) {
    const proof = Buffer.from(proof64, 'base64')
    const claimed = storedKeyOf(proof, verifiers.storedKey, authMessage)
    const isRight = proof.length === proofBytes && timingSafeEqual(claimed, verifiers.storedKey)
    const guess = `scram ${claimed.toString('base64')}`
    const { user } = known
    if (!user) return credentials.refused(known, 'unknown', guess)
    const wrong = readVerifiers(user.scram) ? 'wrong-secret' : 'scram-not-yet'
    const problem = isRight ? (secretlessProblem(known) ?? credentials.passwordProblem(known, user)) : wrong
    if (problem) return credentials.refused(known, problem, guess)
    const accepted = credentials.accepted(known, user, { with: 'password' })
    return { ...accepted, serverSignature: serverSignature(verifiers, authMessage).toString('base64') }
  }
}

/** Those of a user who has none yet are made up like those of nobody: his next sign-in with the password itself makes them. */
function verifiersOf({ user, origin }: Attempt, key: Buffer): ScramVerifiers {
  const none = Buffer.alloc(proofBytes)
  return (
    readVerifiers(user?.scram ?? '') ?? {
      iterations: scramIterations,
      salt: madeUpSalt(key, origin.login),
      storedKey: none,
      serverKey: none,
    }
  )
}
