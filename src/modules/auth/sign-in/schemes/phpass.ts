import { hash } from 'node:crypto'
import { hash64 } from './hash64.ts'

export interface PhpassSettings {
  /** Of two: 2^n digests. */
  readonly exponent: number
  readonly salt: string
}

/** `$P$` and `$H$` of PHP’s portable hashes (WordPress, phpBB). */
export function phpass(password: Buffer, { exponent, salt }: PhpassSettings): string {
  let digest: Buffer = hash('md5', Buffer.concat([Buffer.from(salt), password]), 'buffer')
  for (let left = 2 ** exponent; left > 0; left--)
    digest = hash('md5', Buffer.concat([digest, password]), 'buffer')
  return hash64(digest)
}
