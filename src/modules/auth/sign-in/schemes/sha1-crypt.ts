import { createHmac } from 'node:crypto'
import { hash64, picked } from './hash64.ts'

export interface Sha1CryptSettings {
  readonly rounds: number
  readonly salt: string
}

const order = [2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9, 14, 13, 12, 17, 16, 15, 0, 19, 18]

/** `$sha1$` of NetBSD. */
export function sha1Crypt(password: Buffer, { rounds, salt }: Sha1CryptSettings): string {
  let digest: Buffer = Buffer.from(`${salt}$sha1$${rounds}`)
  for (let round = 0; round < rounds; round++) digest = createHmac('sha1', password).update(digest).digest()
  return hash64(picked(digest, order))
}
