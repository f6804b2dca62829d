import type { HeaderField } from '../../../lib/mime/header.ts'
import { readSignature, type Signature } from '../signature/field.ts'
import { type IndexedHeader, rawField } from '../signature/header-input.ts'
import { base64Of, parseTags } from '../signature/tags.ts'

/** What one relay added: what it found, what it signed, and its seal over all seals before. RFC 8617 §4.2. */
export interface ArcSet {
  readonly instance: number
  /** The three fields as they stand. */
  readonly results: string
  readonly messageSignature: string
  readonly seal: string
  readonly signature: Signature
  readonly sealed: Seal
}

interface Seal {
  readonly domain: string
  readonly selector: string
  readonly chain: 'none' | 'pass' | 'fail'
  readonly signature: Buffer
}

export type ArcChain =
  | { readonly kind: 'none' }
  | { readonly kind: 'broken'; readonly why: string; readonly length: number }
  /** In the order of their making. */
  | { readonly kind: 'chain'; readonly sets: readonly ArcSet[] }

/** RFC 8617 §4.2.1. */
const mostInstances = 50
/** Of all their fields: each is hashed as often as there are seals behind it. */
const mostOctets = 256 * 1024

const names = ['arc-authentication-results', 'arc-message-signature', 'arc-seal'] as const

/** The sets of a message, whole and without gaps; or what is wrong with them. RFC 8617 §5.2, steps 1 to 3. */
export function readChain(indexed: IndexedHeader): ArcChain {
  const found = names.map((name) => indexed.byName.get(name) ?? [])
  const length = Math.max(...found.map((fields) => fields.length))
  if (length === 0) return { kind: 'none' }
  const broken = (why: string): ArcChain => ({ kind: 'broken', why, length })
  if (length > mostInstances) return broken('there are too many sets')
  const octets = found.flat().reduce((sum, { start, end }) => sum + end - start, 0)
  if (octets > mostOctets) return broken('its sets are too long')
  const [results, signatures, seals] = found.map((fields) => byInstance(indexed, fields))
  const sets: ArcSet[] = []
  for (let instance = 1; instance <= length; instance++) {
    const set = readSet(instance, results?.get(instance), signatures?.get(instance), seals?.get(instance))
    if (typeof set === 'string') return broken(set)
    sets.push(set)
  }
  return { kind: 'chain', sets }
}

/** One field for each instance; those that stand twice, or have no number, are left out, and a gap remains. */
function byInstance(indexed: IndexedHeader, fields: readonly HeaderField[]): ReadonlyMap<number, string> {
  const grouped = Map.groupBy(
    fields.map((field) => rawField(indexed, field)),
    instanceOf,
  )
  return new Map(
    [...grouped].flatMap(([instance, [raw = '', ...others]]) =>
      others.length > 0 ? [] : [[instance, raw] as const],
    ),
  )
}

/** 0 where there is none. In the results i= stands first, and what follows is no list of tags. RFC 8617 §4.1.1. */
function instanceOf(raw: string): number {
  const value = textOf(raw)
  const text = raw.toLowerCase().startsWith('arc-authentication-results')
    ? /^[ \t\r\n]*i[ \t\r\n]*=[ \t\r\n]*(\d{1,3})[ \t\r\n]*;/i.exec(value)?.[1]
    : parseTags(value)?.get('i')
  return text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : 0
}

function readSet(
  instance: number,
  results: string | undefined,
  messageSignature: string | undefined,
  seal: string | undefined,
): ArcSet | string {
  if (results === undefined || messageSignature === undefined || seal === undefined)
    return `set ${instance} is not whole`
  const read = readSignature(textOf(messageSignature), 'arc')
  if (read.kind === 'unusable') return `signature ${instance}: ${read.why}`
  // RFC 8617 §4.1.2.
  if (read.signature.names.some((name) => name.toLowerCase() === 'arc-seal'))
    return `signature ${instance} signs a seal`
  const sealed = readSeal(textOf(seal))
  if (typeof sealed === 'string') return `seal ${instance}: ${sealed}`
  // RFC 8617 §5.2, step 3.
  if (sealed.chain !== (instance === 1 ? 'none' : 'pass')) return `seal ${instance} says cv=${sealed.chain}`
  return { instance, results, messageSignature, seal, signature: read.signature, sealed }
}

const textOf = (raw: string) => raw.slice(raw.indexOf(':') + 1)

/** RFC 8617 §4.1.3. */
function readSeal(value: string): Seal | string {
  const tags = parseTags(value)
  if (!tags) return 'it is no list of tags'
  if (tags.has('h') || tags.has('bh')) return 'it names fields'
  if (tags.get('a')?.toLowerCase() !== 'rsa-sha256') return 'its algorithm is unknown'
  const signature = base64Of(tags.get('b'))
  const domain = (tags.get('d') ?? '').toLowerCase()
  const selector = tags.get('s') ?? ''
  const chain = (tags.get('cv') ?? '').toLowerCase()
  if (!signature || domain === '' || selector === '') return 'something is missing'
  if (chain !== 'none' && chain !== 'pass' && chain !== 'fail') return 'cv= is missing'
  return { domain, selector, chain, signature }
}
