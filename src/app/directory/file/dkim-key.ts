import { createPrivateKey } from 'node:crypto'
import { hidden } from './hidden.ts'
import { type Mistakes, within } from './mistakes.ts'
import { type Entry, isNull, isScalar } from './node.ts'
import type { Said } from './read-object.ts'

/** What a file says of a key. `keep`: nothing, or that it hides it. */
type KeyWish = { readonly pem: string } | 'generate' | 'remove' | 'keep'

export function readDkimKey({ others, place }: Said, mistakes: Mistakes): KeyWish {
  const entry = others.get('dkim_key')
  if (!entry) return 'keep'
  const text = textOf(entry)
  if (text === '') return 'remove'
  if (text === hidden) return 'keep'
  if (text?.toLowerCase() === '-generate-') return 'generate'
  const pem = text === undefined ? undefined : asPem(text)
  if (pem !== undefined) return { pem }
  const expected = 'expected a private key as PEM, -generate-, <hidden>, or nothing'
  mistakes.add(within(place, 'dkim_key', entry.line), `${expected}, found something else`)
  return 'keep'
}

/** Lines may be the items of a list. */
function textOf({ value }: Entry): string | undefined {
  if (isNull(value)) return ''
  if (isScalar(value)) return value.text.trim()
  if (value.kind !== 'list' || !value.items.every(isScalar)) return undefined
  return value.items.map((item) => (isScalar(item) ? item.text : '')).join('\n')
}

/** Takes it with or without its first and last line, in any wrapping. RFC 7468 §10. */
function asPem(text: string): string | undefined {
  const [, label = 'PRIVATE KEY'] = /-----BEGIN ([A-Z ]+)-----/.exec(text) ?? []
  const body = text.replaceAll(/-----(?:BEGIN|END) [A-Z ]+-----/g, '').replaceAll(/\s+/g, '')
  const lines = body.match(/.{1,64}/g) ?? []
  try {
    const key = createPrivateKey(
      [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n'),
    )
    if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'ed25519') return undefined
    return key.export({ type: 'pkcs8', format: 'pem' }).toString()
  } catch {
    return undefined
  }
}
