import type { Lookups } from '../lookups.ts'
import type { BodyHashes } from '../signature/body-hashes.ts'
import { canonicalField } from '../signature/canonical.ts'
import type { IndexedHeader } from '../signature/header-input.ts'
import { withoutSignature } from '../signature/tags.ts'
import { findKey, isSignedBy, verifySignature } from '../signature/verify.ts'
import type { ArcChain, ArcSet } from './chain.ts'

export interface ArcVerdict {
  readonly result: 'none' | 'pass' | 'fail'
  readonly why: string
  /** Who sealed, in the order of their sealing; only of a chain that is whole. */
  readonly sealers: readonly string[]
  /** How many sets there are. */
  readonly length: number
}

interface Means {
  readonly indexed: IndexedHeader
  readonly body: Promise<BodyHashes>
  readonly lookups: Lookups
  readonly now: number
}

/** Whether the chain holds: the last signature over the message, and every seal over what was before it. RFC 8617 §5.2. */
export async function verifyChain(chain: ArcChain, means: Means): Promise<ArcVerdict> {
  if (chain.kind === 'none') return { result: 'none', why: '', sealers: [], length: 0 }
  if (chain.kind === 'broken') return { result: 'fail', why: chain.why, sealers: [], length: chain.length }
  const { sets } = chain
  const sealers = sets.map(({ sealed }) => sealed.domain)
  const failed = (why: string): ArcVerdict => ({ result: 'fail', why, sealers, length: sets.length })
  const last = sets.at(-1)
  if (!last) return failed('there is no set')
  const { result, why } = await verifySignature({
    ...means,
    signature: last.signature,
    raw: last.messageSignature,
  })
  if (result !== 'pass') return failed(`signature ${last.instance}: ${why}`)
  const seals = await Promise.all(sets.map((_, index) => verifySeal(sets.slice(0, index + 1), means.lookups)))
  const broken = seals.findLastIndex((verdict) => verdict !== undefined)
  return broken < 0
    ? { result: 'pass', why: '', sealers, length: sets.length }
    : failed(`seal ${broken + 1}: ${seals[broken]}`)
}

/** Undefined where it holds. */
async function verifySeal(sets: readonly ArcSet[], lookups: Lookups): Promise<string | undefined> {
  const last = sets.at(-1)
  if (!last) return 'it is missing'
  const key = await findKey(last.sealed, lookups)
  if ('result' in key) return key.why
  if (key.type !== 'rsa') return 'the key is of another type'
  return (await isSignedBy(sealInput(sets), last.sealed.signature, key)) ? undefined : 'it does not fit'
}

/** What a seal is over: all sets up to its own, whose seal is without its b=. RFC 8617 §5.1.1. */
export function sealInput(sets: readonly Pick<ArcSet, 'results' | 'messageSignature' | 'seal'>[]): Buffer {
  const fields = sets.flatMap(({ results, messageSignature, seal }, index) => [
    results,
    messageSignature,
    index === sets.length - 1 ? withoutSignature(seal) : seal,
  ])
  return Buffer.from(fields.map((field) => canonicalField(field, 'relaxed')).join('\r\n'), 'latin1')
}
