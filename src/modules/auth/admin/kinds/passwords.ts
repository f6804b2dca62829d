import type { Refusal } from '../../../../ports/directory-writer.ts'
import { notKnownYet } from '../../elsewhere.ts'
import { newPasswordProblem, preparePassword } from '../../sign-in/password.ts'
import { scramOf } from '../../sign-in/scram-verifiers.ts'
import { isTokenShaped, newTokenSecret, tokenHash } from '../../sign-in/tokens.ts'
import { checkHash } from '../checks.ts'
import { refusal } from '../refusals.ts'
import { type Asked, isRefusal, type Parts, type Prepared } from '../rules.ts'

type Outcome = Promise<Prepared | Refusal>

/**
 * A user's password becomes its hash; SCRAM verifiers are made of it too, and those of the old one go. A password that is the old one changes
 * nothing, so that an import that is made twice changes nothing the second time.
 */
export async function prepareUser(parts: Parts, asked: Asked): Outcome {
  const { password, passwordHash, ...rest } = asked.values
  const old = parts.oldHash(asked.key)
  const isPerhapsSame = asked.do !== 'add' && typeof password === 'string' && old !== undefined
  if (isPerhapsSame && (await isSame(parts, old, password))) {
    return { values: rest }
  }
  const isKnown = typeof password === 'string' && password !== notKnownYet
  const [hash, scram] = await Promise.all([
    hashOf(parts, { password, given: passwordHash, make: (text) => parts.hasher.hashNew(text) }),
    passwordHash === undefined && isKnown && !parts.dryRun ? scramOf(password) : '',
  ])
  if (isRefusal(hash)) return hash
  return { values: hash === undefined ? rest : { ...rest, ...hash, scram } }
}

/** A new token without a secret gets one: 32 hexadecimal digits, as Mailu's look. */
export async function prepareToken(parts: Parts, asked: Asked): Outcome {
  const { password, passwordHash, ...rest } = asked.values
  const isGiven = password !== undefined || passwordHash !== undefined
  const isNew = asked.do === 'add' || (asked.do === 'put' && asked.key === undefined)
  const secret = isNew && !isGiven ? newTokenSecret() : undefined
  const hash = await hashOf(parts, {
    password: secret ?? password,
    given: passwordHash,
    make: async (text) => (isTokenShaped(text) ? tokenHash(text) : parts.hasher.hashNew(text)),
  })
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

interface Hashing {
  readonly password: unknown
  readonly given: unknown
  readonly make: (password: string) => Promise<string>
}

async function hashOf(
  { dryRun }: Parts,
  { password, given, make }: Hashing,
): Promise<{ readonly passwordHash: string } | Refusal | undefined> {
  // Mailu keeps what other servers put in front of a hash: `{SHA512-CRYPT}$6$…`. LDAP's `{SSHA}…` says nothing without it.
  const hash = typeof given === 'string' ? given.replace(/^\{[\w.-]+\}(?=[$_])/, '') : undefined
  if (hash !== undefined) return checkHash(hash) ?? { passwordHash: hash }
  if (typeof password !== 'string') return undefined
  if (password === notKnownYet) return { passwordHash: notKnownYet }
  const problem = newPasswordProblem(password)
  if (problem !== undefined) return refusal('invalid', problem)
  return { passwordHash: dryRun ? 'of a dry run' : await make(password) }
}
