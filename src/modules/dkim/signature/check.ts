import { nextTurn } from '../../../platform/next-turn.ts'
import type { Lookups } from '../lookups.ts'
import type { BodyHashes, BodyHashWanted } from './body-hashes.ts'
import { readSignature, type Signature, type SignatureRead } from './field.ts'
import { type IndexedHeader, rawField } from './header-input.ts'
import { type Verdict, verifySignature } from './verify.ts'

/** A DKIM-Signature field of the message, as it stands and as it was understood. */
export interface FoundSignature {
  readonly raw: string
  readonly read: SignatureRead
}

export interface CheckedSignature extends Verdict {
  /** d=, lower case; '' where nothing could be read. */
  readonly domain: string
  readonly selector: string
  /** i=; '' where it is not said. */
  readonly identity: string
  readonly algorithm: string
  /** b=, by whose beginning people tell signatures apart. RFC 6008. */
  readonly signature: string
}

/** More signatures than these are not looked at. RFC 6376 §6.1 lets a verifier choose. */
const mostSignatures = 8

export function findSignatures(indexed: IndexedHeader): readonly FoundSignature[] {
  const fields = indexed.byName.get('dkim-signature') ?? []
  return fields.slice(0, mostSignatures).map((field) => {
    const raw = rawField(indexed, field)
    return { raw, read: readSignature(raw.slice(raw.indexOf(':') + 1), 'dkim') }
  })
}

export const bodyHashOf = ({ bodyCanonical, bodyOctets }: Signature): BodyHashWanted => ({
  canonical: bodyCanonical,
  octets: bodyOctets,
})

export interface Means {
  readonly indexed: IndexedHeader
  readonly body: Promise<BodyHashes>
  readonly lookups: Pick<Lookups, 'texts'>
  readonly now: number
}

/** Each signature may go over all of the header: a long one takes milliseconds each, and a longer one is no letter's. */
const longHeader = 64 * 1024
const mostHeaderOctets = 256 * 1024

/** Every signature by itself: one that is broken says nothing about the others. RFC 6376 §6.1. */
export async function checkSignatures(
  found: readonly FoundSignature[],
  means: Means,
): Promise<readonly CheckedSignature[]> {
  const octets = means.indexed.header.text.length
  if (octets > mostHeaderOctets) return found.map(({ read }) => unchecked(read, 'the header is too long'))
  if (octets <= longHeader) return Promise.all(found.map((one) => checkOne(one, means)))
  const checked: CheckedSignature[] = []
  for (const one of found) {
    await nextTurn()
    checked.push(await checkOne(one, means))
  }
  return checked
}

function unchecked(read: SignatureRead, why: string): CheckedSignature {
  const { domain } = read.kind === 'signature' ? read.signature : read
  return { result: 'policy', why, domain, selector: '', identity: '', algorithm: '', signature: '' }
}

async function checkOne({ raw, read }: FoundSignature, means: Means): Promise<CheckedSignature> {
  if (read.kind === 'unusable') {
    const nothing = { selector: '', identity: '', algorithm: '', signature: '' }
    return { result: 'permerror', why: read.why, domain: read.domain, ...nothing }
  }
  const { signature } = read
  const { domain, selector, identity, keyType, hash } = signature
  return {
    ...(await verifySignature({ ...means, signature, raw })),
    domain,
    selector,
    identity,
    algorithm: `${keyType}-${hash}`,
    signature: signature.signature.toString('base64'),
  }
}
