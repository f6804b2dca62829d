import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { hashSync } from 'bcryptjs'
import { type BsdiCryptSettings, bsdiCrypt, type DesCryptSettings, desCrypt } from './des-crypt.ts'
import { type Md5CryptSettings, md5Crypt } from './md5-crypt.ts'
import { type PhpassSettings, phpass } from './phpass.ts'
import { type ShaCryptSettings, shaCrypt } from './sha-crypt.ts'
import { type Sha1CryptSettings, sha1Crypt } from './sha1-crypt.ts'
import { type SunMd5Settings, sunMd5Crypt } from './sun-md5-crypt.ts'

interface BcryptSettings {
  /** What is done to the password before: nothing, or passlib's bcrypt_sha256 of version 1 and 2. */
  readonly wrap: 'none' | 'sha256' | 'hmac-sha256'
  readonly cost: number
  readonly salt: string
}

/** Those without native code: they keep a thread busy for milliseconds to seconds. `key` is the digest as it is written. */
export type SlowHash = { readonly key: string } & (
  | ({ readonly kind: 'bcrypt' } & BcryptSettings)
  | ({ readonly kind: 'sha-crypt' } & ShaCryptSettings)
  | ({ readonly kind: 'md5-crypt' } & Md5CryptSettings)
  | ({ readonly kind: 'phpass' } & PhpassSettings)
  | ({ readonly kind: 'sun-md5' } & SunMd5Settings)
  | ({ readonly kind: 'sha1-crypt' } & Sha1CryptSettings)
  | ({ readonly kind: 'des-crypt' } & DesCryptSettings)
  | ({ readonly kind: 'bsdi-crypt' } & BsdiCryptSettings)
)

/** Of one hash, as it goes to a thread of its own. */
export interface SlowCheck {
  readonly hash: SlowHash
  readonly passwords: readonly string[]
}

/** True where one of the passwords is the right one. */
export function isRight(hash: SlowHash, passwords: readonly string[]): boolean {
  const key = Buffer.from(hash.key)
  return passwords.some((password) => {
    // C ends a password at a zero, and so did whoever made the hash.
    if (password.includes('\0')) return false
    const made = Buffer.from(digestOf(hash, Buffer.from(password)))
    return made.length === key.length && timingSafeEqual(made, key)
  })
}

function digestOf(hash: SlowHash, password: Buffer): string {
  switch (hash.kind) {
    case 'bcrypt':
      return bcrypt(password, hash)
    case 'sha-crypt':
      return shaCrypt(password, hash)
    case 'md5-crypt':
      return md5Crypt(password, hash)
    case 'phpass':
      return phpass(password, hash)
    case 'sun-md5':
      return sunMd5Crypt(password, hash)
    case 'sha1-crypt':
      return sha1Crypt(password, hash)
    case 'des-crypt':
      return desCrypt(password, hash)
    case 'bsdi-crypt':
      return bsdiCrypt(password, hash)
  }
}

function bcrypt(password: Buffer, { wrap, cost, salt }: BcryptSettings): string {
  const cost2 = String(cost).padStart(2, '0')
  return hashSync(wrapped(password, wrap, salt), `$2b$${cost2}$${salt}`).slice(-31)
}

function wrapped(password: Buffer, wrap: BcryptSettings['wrap'], salt: string): string {
  switch (wrap) {
    case 'none':
      return password.toString()
    case 'sha256':
      return createHash('sha256').update(password).digest('base64')
    case 'hmac-sha256':
      return createHmac('sha256', salt).update(password).digest('base64')
  }
}
