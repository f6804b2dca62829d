import { createHash, randomInt } from 'node:crypto'
import type { AccountId } from '../../../ports/accounts.ts'

const howMany = 10
/** Without those that are mistaken for others on paper: Crockford's base 32. */
const letters = '0123456789abcdefghjkmnpqrstvwxyz'
/** 80 bits: never guessed, however often somebody tries, so that their digest needs no slow hash. */
const length = 16

export function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: howMany }, () => {
    const text = Array.from({ length }, () => letters[randomInt(letters.length)]).join('')
    return text.replaceAll(/.{4}(?=.)/g, '$&-')
  })
}

/** What is stored of a code, however it was typed; undefined where it looks like none. */
export function recoveryDigest(account: AccountId, typed: string): string | undefined {
  const code = typed.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1')
  if (!/^[0-9a-hjkmnp-tv-z]{16}$/.test(code)) return undefined
  return createHash('sha256').update(`${account} ${code}`).digest('hex')
}
