import { yesNo } from '../../settings/kinds.ts'
import { hidden } from './hidden.ts'
import { type Mistakes, within } from './mistakes.ts'
import { isNull, isScalar } from './node.ts'
import { readScalar, type Said } from './read-object.ts'

/** With `hash_password: true` it is the password itself. */
export type Secret =
  | { readonly password: string; readonly passwordHash?: never }
  | { readonly passwordHash: string; readonly password?: never }

type ReadSecret =
  | { readonly kind: 'secret'; readonly secret: Secret }
  /** `none`: not said, or hidden. */
  | { readonly kind: 'none' | 'mistake' }

/** The attribute `password` of a user or token. What it says is never repeated in a message. */
export function readSecret(said: Said, mistakes: Mistakes): ReadSecret {
  const entry = said.others.get('password')
  const asked = said.others.get('hash_password')
  const at = within(said.place, 'password', entry?.line ?? said.place.line)
  const plain =
    asked && readScalar(yesNo, asked.value, within(said.place, 'hash_password', asked.line), { mistakes })
  if (!entry) {
    if (!plain?.value) return { kind: 'none' }
    mistakes.add(at, 'hash_password has nothing to hash: password is missing')
    return { kind: 'mistake' }
  }
  const { value } = entry
  if (!isScalar(value) || isNull(value) || value.text === '') {
    mistakes.add(at, 'expected a hash, or with "hash_password: true" a password')
    return { kind: 'mistake' }
  }
  if (value.text === hidden) return { kind: 'none' }
  if (plain?.value) return { kind: 'secret', secret: { password: value.text } }
  return { kind: 'secret', secret: { passwordHash: withoutScheme(value.text) } }
}

/** Mailu's older hashes carry the name that Dovecot knew them by. */
export const withoutScheme = (hash: string): string => hash.replace(/^\{[A-Z\d-]+\}/, '')
