import { createHash, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type * as Argon2 from 'argon2'

/** Those with native code, on the thread pool of the runtime, and those that are nothing but one digest. */
export type QuickHash =
  /** As it is stored. */
  | { readonly kind: 'argon2'; readonly text: string }
  | {
      readonly kind: 'pbkdf2'
      readonly digest: 'sha1' | 'sha256' | 'sha512'
      readonly rounds: number
      readonly salt: Uint8Array
      readonly key: Uint8Array
    }
  | {
      readonly kind: 'salted-digest'
      readonly digest: 'md5' | 'sha1' | 'sha256' | 'sha512'
      readonly salt: Uint8Array
      readonly key: Uint8Array
    }

const derive = promisify(pbkdf2)

/** True where one of the passwords is the right one. */
export async function isRightQuickly(hash: QuickHash, passwords: readonly string[]): Promise<boolean> {
  for (const password of passwords) {
    if (await isThis(hash, password)) return true
  }
  return false
}

async function isThis(hash: QuickHash, password: string): Promise<boolean> {
  switch (hash.kind) {
    case 'argon2':
      return (await loadArgon2()).verify(hash.text, password)
    case 'pbkdf2':
      return timingSafeEqual(
        await derive(password, hash.salt, hash.rounds, hash.key.length, hash.digest),
        hash.key,
      )
    case 'salted-digest':
      return timingSafeEqual(createHash(hash.digest).update(password).update(hash.salt).digest(), hash.key)
  }
}

// On first use: a server nobody signs in to does not need it.
export async function loadArgon2(): Promise<typeof Argon2> {
  return await import('argon2')
}
