import { pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import { withoutMapping } from '../../../lib/network-of.ts'
import { parseNetworks } from '../../../lib/networks.ts'
import type { LoginAttempt, Refused } from '../../../ports/credentials.ts'
import type { Token } from '../directory/rows.ts'
import type { PasswordHasher } from './hasher.ts'
import { toPasslib64 } from './schemes/base64.ts'
import { readStoredHash } from './schemes/stored-hash.ts'

/** 128 bits from the machine: no number of rounds would add anything. Mailu: pbkdf2_sha256 of one round. */
const rounds = 1
const quickRounds = 16
const digestBytes = 32

/** What app tokens look like; nothing else is tried as one. */
export const isTokenShaped = (text: string): boolean => /^[\da-f]{32}$/.test(text)

/** A new one. It is shown once; only its hash is kept. */
export const newTokenSecret = (): string => randomBytes(16).toString('hex')

export function tokenHash(secret: string): string {
  const salt = randomBytes(16)
  const digest = pbkdf2Sync(secret, salt, rounds, digestBytes, 'sha256')
  return `$pbkdf2-sha256$${rounds}$${toPasslib64(salt)}$${toPasslib64(digest)}`
}

/** The token that this is, of those stored as today. Takes microseconds. */
export function findToken(tokens: readonly Token[], secret: string): Token | undefined {
  return tokens.find(({ passwordHash }) => {
    const hash = readStoredHash(passwordHash)
    if (hash.kind !== 'pbkdf2' || hash.rounds > quickRounds) return false
    return timingSafeEqual(pbkdf2Sync(secret, hash.salt, hash.rounds, hash.key.length, hash.digest), hash.key)
  })
}

/** The token that this is, of those that an earlier Mailu stored: a slow hash each. */
export async function findOldToken(
  tokens: readonly Token[],
  secret: string,
  hasher: PasswordHasher,
): Promise<Token | 'busy' | undefined> {
  for (const token of tokens) {
    if (isCurrent(token)) continue
    const checked = await hasher.check(token.passwordHash, [secret])
    if (checked === 'busy') return 'busy'
    if (checked === 'right') return token
  }
  return undefined
}

export function isCurrent({ passwordHash }: Token): boolean {
  const hash = readStoredHash(passwordHash)
  return hash.kind === 'pbkdf2' && hash.rounds <= quickRounds
}

/** Why the right token does not open this door; undefined where it does. */
export function tokenProblem(
  { networks, expires, services }: Token,
  { ip, service }: LoginAttempt,
  now: number,
): Refused['reason'] | undefined {
  if (expires !== 'never' && expires <= now) return 'token-expired'
  if (services.length > 0 && !services.includes(service)) return 'token-service'
  return worksFrom(networks, ip) ? undefined : 'token-network'
}

/** No network at all is anywhere. A list with something in it that means nothing matches nobody, as in Mailu: it was meant to keep somebody out. */
export function worksFrom(entries: readonly string[], ip: string): boolean {
  const { networks, wrong } = parseNetworks(entries)
  return entries.length === 0 || (wrong.length === 0 && networks.has(withoutMapping(ip)))
}
