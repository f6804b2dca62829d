import { hash } from 'node:crypto'
import { hash64, picked } from './hash64.ts'

export interface ShaCryptSettings {
  readonly digest: 'sha256' | 'sha512'
  readonly rounds: number
  readonly salt: string
}

/** In which order the octets of the last digest are written. */
const order = {
  sha256: [
    20, 10, 0, 11, 1, 21, 2, 22, 12, 23, 13, 3, 14, 4, 24, 5, 25, 15, 26, 16, 6, 17, 7, 27, 8, 28, 18, 29, 19,
    9, 30, 31,
  ],
  sha512: [
    42, 21, 0, 1, 43, 22, 23, 2, 44, 45, 24, 3, 4, 46, 25, 26, 5, 47, 48, 27, 6, 7, 49, 28, 29, 8, 50, 51, 30,
    9, 10, 52, 31, 32, 11, 53, 54, 33, 12, 13, 55, 34, 35, 14, 56, 57, 36, 15, 16, 58, 37, 38, 17, 59, 60, 39,
    18, 19, 61, 40, 41, 20, 62, 63,
  ],
}

/** `$5$` and `$6$`: Ulrich Drepper, “Unix crypt using SHA-256 and SHA-512”, steps 1 to 21. */
export function shaCrypt(password: Buffer, { digest, rounds, salt: saltText }: ShaCryptSettings): string {
  const sha = (...parts: readonly Uint8Array[]): Buffer => hash(digest, Buffer.concat(parts), 'buffer')
  const salt = Buffer.from(saltText)
  const b = sha(password, salt, password)
  let a = sha(
    password,
    salt,
    stretched(b, password.length),
    ...bitsOf(password.length).map((bit) => (bit ? b : password)),
  )
  const p = stretched(sha(...Array.from({ length: password.length }, () => password)), password.length)
  const s = stretched(sha(...Array.from({ length: 16 + (a[0] ?? 0) }, () => salt)), salt.length)
  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1
    const parts: Buffer[] = [odd ? p : a]
    if (round % 3 !== 0) parts.push(s)
    if (round % 7 !== 0) parts.push(p)
    parts.push(odd ? a : p)
    a = sha(...parts)
  }
  return hash64(picked(a, order[digest]))
}

/** Lowest first. */
function bitsOf(value: number): boolean[] {
  return value
    .toString(2)
    .split('')
    .reverse()
    .map((bit) => bit === '1')
}

function stretched(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes)
}
