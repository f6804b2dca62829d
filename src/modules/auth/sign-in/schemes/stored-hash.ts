import { fromBase64, fromPasslib64 } from './base64.ts'
import { hash64Number } from './hash64.ts'
import type { QuickHash } from './quick-hash.ts'
import type { SlowHash } from './slow-hash.ts'

/** What a stored hash asks for, as plain data. */
export type StoredHash = QuickHash | SlowHash | Unusable

type Digest = Extract<QuickHash, { kind: 'salted-digest' }>['digest']

/** `unknown`: no scheme of ours, plaintext and scrypt among them. `too-costly`: made to keep the machine busy. */
interface Unusable {
  readonly kind: 'unusable'
  readonly why: 'unknown' | 'too-costly'
}

interface Scheme {
  readonly pattern: RegExp
  /** Gets the groups of the pattern, and the whole. */
  read(groups: Readonly<Record<string, string>>, text: string): StoredHash
}

const unknown: Unusable = { kind: 'unusable', why: 'unknown' }
const tooCostly: Unusable = { kind: 'unusable', why: 'too-costly' }
const longestHash = 512

/** Seconds of work at most, and the memory of a small machine. Somebody may import a hash that was made to hurt. */
const most = {
  argon2KiB: 262_144,
  argon2Passes: 64,
  argon2Lanes: 64,
  pbkdf2Rounds: 5_000_000,
  bcryptCost: 15,
  shaCryptRounds: 2_000_000,
  sha1CryptRounds: 2_000_000,
  sunMd5Rounds: 200_000,
  bsdiRounds: 50_000,
  phpassExponent: 20,
}

/** Every scheme that is verified. Read this first. All patterns match the whole text and none can backtrack far. */
const schemes: readonly Scheme[] = [
  {
    pattern:
      /^\$argon2(?:id|i|d)\$(?:v=\d\d\$)?(?<costs>(?:[mtp]=\d{1,10},?){3})\$[0-9A-Za-z+/]{11,86}\$[0-9A-Za-z+/]{6,172}$/,
    read: ({ costs = '' }, text) => readArgon2(text, costs),
  },
  {
    pattern:
      /^\$bcrypt-sha256\$v=2,t=2[aby],r=(?<cost>\d{1,2})\$(?<salt>[./0-9A-Za-z]{22})\$(?<key>[./0-9A-Za-z]{31})$/,
    read: (groups) => readBcrypt(groups, 'hmac-sha256'),
  },
  {
    pattern:
      /^\$bcrypt-sha256\$2[aby],(?<cost>\d{1,2})\$(?<salt>[./0-9A-Za-z]{22})\$(?<key>[./0-9A-Za-z]{31})$/,
    read: (groups) => readBcrypt(groups, 'sha256'),
  },
  {
    pattern: /^\$2[aby]\$(?<cost>\d\d)\$(?<salt>[./0-9A-Za-z]{22})(?<key>[./0-9A-Za-z]{31})$/,
    read: (groups) => readBcrypt(groups, 'none'),
  },
  {
    pattern:
      /^\$(?<which>[56])\$(?:rounds=(?<rounds>\d{1,9})\$)?(?<salt>[^$:\s]{0,16})\$(?<key>[./0-9A-Za-z]{43}|[./0-9A-Za-z]{86})$/,
    read: readShaCrypt,
  },
  {
    pattern: /^(?<ident>\$1\$|\$apr1\$)(?<salt>[^$:\s]{0,8})\$(?<key>[./0-9A-Za-z]{22})$/,
    read: ({ ident, salt = '', key = '' }) => ({
      kind: 'md5-crypt',
      ident: ident === '$1$' ? '$1$' : '$apr1$',
      salt,
      key,
    }),
  },
  {
    pattern:
      /^\$pbkdf2(?:-(?<digest>sha1|sha256|sha512))?\$(?<rounds>\d{1,10})\$(?<salt>[\w./+]{0,172})\$(?<key>[\w./+]{27,86})$/,
    read: readPbkdf2,
  },
  {
    pattern: /^\$[PH]\$(?<exponent>[./0-9A-Za-z])(?<salt>[./0-9A-Za-z]{8})(?<key>[./0-9A-Za-z]{22})$/,
    read: ({ exponent = '', salt = '', key = '' }) =>
      bounded(String(hash64Number(exponent)), most.phpassExponent, (n) => ({
        kind: 'phpass',
        exponent: n,
        salt,
        key,
      })),
  },
  {
    pattern:
      /^(?<config>\$md5(?:,rounds=(?<rounds>\d{1,10}))?\$[./0-9A-Za-z]{0,64}\$?)\$(?<key>[./0-9A-Za-z]{22})$/,
    read: ({ rounds = '0', config = '', key = '' }) =>
      bounded(rounds, most.sunMd5Rounds, (n) => ({ kind: 'sun-md5', rounds: n, config, key })),
  },
  {
    pattern: /^\$sha1\$(?<rounds>\d{1,10})\$(?<salt>[./0-9A-Za-z]{0,64})\$(?<key>[./0-9A-Za-z]{28})$/,
    read: ({ rounds, salt = '', key = '' }) =>
      bounded(rounds, most.sha1CryptRounds, (n) => ({ kind: 'sha1-crypt', rounds: n, salt, key })),
  },
  {
    pattern: /^_(?<rounds>[./0-9A-Za-z]{4})(?<salt>[./0-9A-Za-z]{4})(?<key>[./0-9A-Za-z]{11})$/,
    read: ({ rounds = '', salt = '', key = '' }) =>
      bounded(String(hash64Number(rounds)), most.bsdiRounds, (n) => ({
        kind: 'bsdi-crypt',
        rounds: n,
        salt,
        key,
      })),
  },
  {
    pattern: /^(?<salt>[./0-9A-Za-z]{2})(?<key>[./0-9A-Za-z]{11})$/,
    read: ({ salt = '', key = '' }) => ({ kind: 'des-crypt', salt, key }),
  },
  {
    pattern: /^\{(?<name>S?(?:MD5|SHA|SHA256|SHA512))\}(?<octets>[\w+/]{22,120}={0,2})$/i,
    read: readSaltedDigest,
  },
  {
    pattern: /^(?:[\da-f]{32}|[\da-f]{40}|[\da-f]{64}|[\da-f]{128})$/i,
    read: (_, text) => readHexDigest(text),
  },
]

/** Dovecot's and Mailu's names in front of what says itself what it is. LDAP's PBKDF2 only lacks its first word. */
const prefix =
  /^\{(?:CRYPT|(?:BLF|SHA256|SHA512|MD5|DES|SHA1)-CRYPT|ARGON2(?:ID|I|D)?|BCRYPT|PBKDF2)\}(?=[$_./\w])/i
const ldapPbkdf2 = /^\{PBKDF2(?<digest>-SHA256|-SHA512)?\}(?=\d)/i

/** Reads any text in a short time. A wrong one, or one of which the check would take too long, is unusable. */
export function readStoredHash(text: string): StoredHash {
  if (text.length > longestHash) return unknown
  const plain = text
    .replace(ldapPbkdf2, (_, digest: string | undefined) => `$pbkdf2${(digest ?? '').toLowerCase()}$`)
    .replace(prefix, '')
  for (const scheme of schemes) {
    const found = scheme.pattern.exec(plain)
    if (found) return scheme.read(found.groups ?? {}, plain)
  }
  return unknown
}

function bounded(text: string | undefined, limit: number, hash: (value: number) => StoredHash): StoredHash {
  const value = Number(text)
  return value > limit ? tooCostly : hash(value)
}

function readArgon2(text: string, costs: string): StoredHash {
  const [kibibytes, passes, lanes] = ['m', 't', 'p'].map((name) =>
    Number(new RegExp(`${name}=(\\d+)`).exec(costs)?.[1] ?? 0),
  ) as [number, number, number]
  // RFC 9106 §3.1: eight blocks of 1 KiB for each lane.
  if (passes < 1 || lanes < 1 || kibibytes < 8 * lanes) return unknown
  const { argon2KiB, argon2Passes, argon2Lanes } = most
  const isCheap = kibibytes <= argon2KiB && passes <= argon2Passes && lanes <= argon2Lanes
  return isCheap ? { kind: 'argon2', text } : tooCostly
}

const leastBcryptCost = 4

function readBcrypt(
  { cost, salt = '', key = '' }: Readonly<Record<string, string>>,
  wrap: 'none' | 'sha256' | 'hmac-sha256',
): StoredHash {
  if (Number(cost) < leastBcryptCost) return unknown
  return bounded(cost, most.bcryptCost, (n) => ({ kind: 'bcrypt', wrap, cost: n, salt, key }))
}

function readShaCrypt({ which, rounds, salt = '', key = '' }: Readonly<Record<string, string>>): StoredHash {
  const digest = which === '5' ? 'sha256' : 'sha512'
  if (key.length !== (digest === 'sha256' ? 43 : 86)) return unknown
  // Fewer than a thousand are a thousand, says the specification; 5000 where nothing is said.
  return bounded(rounds ?? '5000', most.shaCryptRounds, (n) => ({
    kind: 'sha-crypt',
    digest,
    rounds: Math.max(1_000, n),
    salt,
    key,
  }))
}

const keyBytes = { sha1: 20, sha256: 32, sha512: 64 }

function readPbkdf2(groups: Readonly<Record<string, string>>): StoredHash {
  const digest = digestOf(groups['digest'] ?? 'sha1')
  const [salt, key] = [fromPasslib64(groups['salt'] ?? ''), fromPasslib64(groups['key'] ?? '')]
  if (digest === 'md5' || key?.length !== keyBytes[digest] || !salt) return unknown
  if (Number(groups['rounds']) < 1) return unknown
  return bounded(groups['rounds'], most.pbkdf2Rounds, (rounds) => ({
    kind: 'pbkdf2',
    digest,
    rounds,
    salt,
    key,
  }))
}

function readSaltedDigest({ name = '', octets = '' }: Readonly<Record<string, string>>): StoredHash {
  const salted = /^S(?!HA)/i.test(name)
  const digest = digestOf((salted ? name.slice(1) : name).toLowerCase())
  const bytes = fromBase64(octets)
  const length = digest === 'md5' ? 16 : keyBytes[digest]
  if (!bytes || bytes.length < length || bytes.length > length + (salted ? 16 : 0)) return unknown
  return { kind: 'salted-digest', digest, key: bytes.subarray(0, length), salt: bytes.subarray(length) }
}

const hexDigests: Readonly<Record<number, Digest>> = { 32: 'md5', 40: 'sha1', 64: 'sha256', 128: 'sha512' }

function readHexDigest(text: string): StoredHash {
  const digest = hexDigests[text.length]
  return digest
    ? { kind: 'salted-digest', digest, key: Buffer.from(text, 'hex'), salt: Buffer.of() }
    : unknown
}

function digestOf(name: string): Digest {
  if (name === 'md5' || name === 'sha256' || name === 'sha512') return name
  return 'sha1'
}
