import { hash } from 'node:crypto'
import { hash64, picked } from './hash64.ts'

export interface Md5CryptSettings {
  readonly ident: '$1$' | '$apr1$'
  readonly salt: string
}

const rounds = 1_000
const order = [12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11]
const nul = Buffer.of(0)

/** `$1$` of FreeBSD (Poul-Henning Kamp), and `$apr1$`, the same with Apache's mark in it. */
export function md5Crypt(password: Buffer, { ident, salt: saltText }: Md5CryptSettings): string {
  const md5 = (...parts: readonly Uint8Array[]): Buffer => hash('md5', Buffer.concat(parts), 'buffer')
  const salt = Buffer.from(saltText)
  const first = password.subarray(0, 1)
  const tail: Buffer[] = []
  for (let left = password.length; left > 0; left >>>= 1) tail.push(left % 2 === 1 ? nul : first)
  const stretched = Buffer.alloc(password.length, md5(password, salt, password))
  let digest = md5(password, Buffer.from(ident), salt, stretched, ...tail)
  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1
    const parts: Buffer[] = [odd ? password : digest]
    if (round % 3 !== 0) parts.push(salt)
    if (round % 7 !== 0) parts.push(password)
    parts.push(odd ? digest : password)
    digest = md5(...parts)
  }
  return hash64(picked(digest, order))
}
