import type { Refusal } from '../../../../ports/directory-writer.ts'
import { newPasswordProblem, preparePassword } from '../../sign-in/password.ts'
import { isTokenShaped, newTokenSecret, tokenHash } from '../../sign-in/tokens.ts'
import { checkHash } from '../checks.ts'
import { refusal } from '../refusals.ts'
import { type Asked, isRefusal, type Parts, type Prepared } from '../rules.ts'

type Outcome = Promise<Prepared | Refusal>

/**
 * A user's password becomes its hash; SCRAM verifiers are of the old one and go. A password that is the old one changes
 * nothing, so that an import that is made twice changes nothing the second time.
 */
export async function prepareUser(parts: Parts, asked: Asked): Outcome {
  const { password, passwordHash, ...rest } = asked.values
  const old = parts.oldHash(asked.key)
  if (typeof password === 'string' && old !== undefined && (await isSame(parts, old, password))) {
    return { values: rest }
  }
  const hash = await hashOf(parts, password, passwordHash)
  if (isRefusal(hash)) return hash
  return { values: hash === undefined ? rest : { ...rest, ...hash, scram: '' } }
}

/** A new token without a secret gets one: 32 hexadecimal digits, as Mailu's look. */
export async function prepareToken(parts: Parts, asked: Asked): Outcome {
  const { password, passwordHash, ...rest } = asked.values
  const isGiven = password !== undefined || passwordHash !== undefined
  const isNew = asked.do === 'add' || (asked.do === 'put' && asked.key === undefined)
  const secret = isNew && !isGiven ? newTokenSecret() : undefined
  const hash = await hashOf(parts, secret ?? password, passwordHash)
  if (isRefusal(hash)) return hash
  const values = { ...rest, ...hash }
  return secret === undefined ? { values } : { values, secret }
}

export async function prepareFetch({ secrets }: Parts, { values }: Asked): Promise<Prepared> {
  const { password, ...rest } = values
  return typeof password === 'string'
    ? { values: { ...rest, sealedPassword: secrets.seal(password) } }
    : { values: rest }
}

async function isSame({ hasher }: Parts, old: string, password: string): Promise<boolean> {
  return (await hasher.check(old, [preparePassword(password) ?? password], 'known')) === 'right'
}

async function hashOf(
  { hasher, dryRun }: Parts,
  password: unknown,
  given: unknown,
): Promise<{ readonly passwordHash: string } | Refusal | undefined> {
  const hash = typeof given === 'string' ? withoutMark(given) : undefined
  if (hash !== undefined) return checkHash(hash) ?? { passwordHash: hash }
  if (typeof password !== 'string') return undefined
  const problem = newPasswordProblem(password)
  if (problem !== undefined) return refusal('invalid', problem)
  if (isTokenShaped(password)) return { passwordHash: tokenHash(password) }
  return { passwordHash: dryRun ? 'of a dry run' : await hasher.hashNew(password) }
}

/** Mailu keeps what other servers put in front of a hash: `{SHA512-CRYPT}$6$…`. LDAP's `{SSHA}` is part of it, and stays. */
function withoutMark(hash: string): string {
  const bare = hash.replace(/^\{[\w.-]+\}/, '')
  return checkHash(bare) === undefined ? bare : hash
}
