import { type Bits, desEncrypt } from './des.ts'
import { bits64, hash64Number } from './hash64.ts'

export interface DesCryptSettings {
  readonly salt: string
}

export interface BsdiCryptSettings extends DesCryptSettings {
  readonly rounds: number
}

const noBits: Bits = new Uint8Array(64)

/** Two characters of salt, of the password the first eight. */
export function desCrypt(password: Buffer, { salt }: DesCryptSettings): string {
  return bits64(desEncrypt(noBits, keyBits(password, 0), { rounds: 25, salt: hash64Number(salt) }))
}

/** `_` of BSD/OS: all of the password, four characters of salt. */
export function bsdiCrypt(password: Buffer, { rounds, salt }: BsdiCryptSettings): string {
  let key = keyBits(password, 0)
  for (let at = 8; at < password.length; at += 8) {
    const more = keyBits(password, at)
    key = desEncrypt(key, key, { rounds: 1, salt: 0 }).map((bit, place) => bit ^ (more[place] ?? 0))
  }
  return bits64(desEncrypt(noBits, key, { rounds, salt: hash64Number(salt) }))
}

/** Seven bits of each character; the eighth of the key is parity and does not count. */
function keyBits(password: Buffer, from: number): Bits {
  return Uint8Array.from({ length: 64 }, (_, at) => {
    const octet = password[from + Math.floor(at / 8)] ?? 0
    return at % 8 === 7 ? 0 : (octet >> (6 - (at % 8))) & 1
  })
}
