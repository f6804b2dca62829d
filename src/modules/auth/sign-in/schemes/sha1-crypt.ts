import { createHmac, hash } from 'node:crypto'
import { hash64, picked } from './hash64.ts'

export interface Sha1CryptSettings {
  readonly rounds: number
  readonly salt: string
}

const blockBytes = 64
const digestBytes = 20
const order = [2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9, 14, 13, 12, 17, 16, 15, 0, 19, 18]

/** `$sha1$` of NetBSD: HMAC, over and over. After the first by hand: an Hmac object for each round takes five times as long. */
export function sha1Crypt(password: Buffer, { rounds, salt }: Sha1CryptSettings): string {
  const key = password.length > blockBytes ? hash('sha1', password, 'buffer') : password
  const [inner, outer] = [padded(key, 0x36), padded(key, 0x5c)]
  let digest = createHmac('sha1', key).update(`${salt}$sha1$${rounds}`).digest()
  for (let round = 1; round < rounds; round++) {
    inner.set(digest, blockBytes)
    outer.set(hash('sha1', inner, 'buffer'), blockBytes)
    digest = hash('sha1', outer, 'buffer')
  }
  return hash64(picked(digest, order))
}

/** The key's block, each octet turned, and room for a digest behind it. */
function padded(key: Buffer, turned: number): Buffer {
  const block = Buffer.alloc(blockBytes + digestBytes)
  key.copy(block)
  for (let at = 0; at < blockBytes; at++) block[at] = (block[at] ?? 0) ^ turned
  return block
}
