import { filled } from '../../../lib/filled-text.ts'
import type { SaidTrouble } from '../../../ports/certificate-care.ts'
import type { ChallengeKind, Problem } from './errand.ts'
import { todoTexts, troubleTexts } from './trouble-texts.ts'

export interface Trouble {
  readonly text: string
  readonly todo: string
  readonly said: SaidTrouble
}

type Values = SaidTrouble['values']

/** What the authority said, in plain words, with what to do about it. RFC 8555 §6.7 lists its words. */
export function nameTrouble(name: string, { type, text }: Problem, challenge: ChallengeKind): Trouble {
  const port = challenge === 'tls-alpn-01' ? '443' : '80'
  const values = { name, said: text, port }
  switch (type) {
    case 'dns':
      return trouble('not-found', challenge === 'dns-01' ? 'spread' : 'point', values)
    case 'connection':
      return trouble('not-reached', 'let-through', values)
    case 'tls':
    case 'unauthorized':
    case 'incorrectResponse':
      return trouble('something-else', challenge === 'dns-01' ? 'spread' : 'ours-alone', values)
    case 'dns-update':
      return trouble('not-written', 'may-write', values)
    case 'caa':
      return trouble('forbidden', 'allow', values)
    default:
      return trouble('none', todoOf(type), values)
  }
}

/** What is in the way of all names. */
export function orderTrouble({ type, text }: Problem, directory: string): Trouble {
  return type === ''
    ? trouble('not-asked', 'reach', { directory, said: text })
    : trouble('refused', todoOf(type), { said: text })
}

function todoOf(type: string): keyof typeof todoTexts {
  switch (type) {
    case 'rateLimited':
      return 'limited'
    case 'externalAccountRequired':
      return 'account'
    case 'rejectedIdentifier':
    case 'malformed':
      return 'names'
    case 'invalidContact':
    case 'unsupportedContact':
      return 'contact'
    case 'caa':
      return 'allow-domain'
    case 'serverInternal':
      return 'their-side'
    default:
      return 'later'
  }
}

const trouble = (what: keyof typeof troubleTexts, todo: keyof typeof todoTexts, values: Values): Trouble => ({
  text: filled(troubleTexts[what], values),
  todo: filled(todoTexts[todo], values),
  said: { what, todo, values },
})
