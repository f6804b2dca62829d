import { nextTurn } from '../../../platform/next-turn.ts'
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
  const canonical = sets.map(relaxedSet)
  const seals = await Promise.all(
    sets.map(({ sealed }, index) => verifySeal(sealed, canonical.slice(0, index + 1), means.lookups)),
  )
  const broken = seals.findLastIndex((verdict) => verdict !== undefined)
  return broken < 0
    ? { result: 'pass', why: '', sealers, length: sets.length }
    : failed(`seal ${broken + 1}: ${seals[broken]}`)
}

/** The three fields of a set as seals see them, and the seal as it sees itself. */
interface RelaxedSet {
  readonly whole: string
  readonly unsealed: string
}

export function relaxedSet({
  results,
  messageSignature,
  seal,
}: Pick<ArcSet, 'results' | 'messageSignature' | 'seal'>): RelaxedSet {
  const relaxed = (field: string) => canonicalField(field, 'relaxed')
  const before = `${relaxed(results)}\r\n${relaxed(messageSignature)}\r\n`
  return { whole: `${before}${relaxed(seal)}\r\n`, unsealed: before + relaxed(withoutSignature(seal)) }
}

/** Undefined where it holds. */
async function verifySeal(
  { selector, domain, signature }: ArcSet['sealed'],
  sets: readonly RelaxedSet[],
  lookups: Lookups,
): Promise<string | undefined> {
  const key = await findKey({ selector, domain }, lookups)
  if ('result' in key) return key.why
  if (key.type !== 'rsa') return 'the key is of another type'
  // Each seal is over all before it: with many long ones, others have their turn in between.
  await nextTurn()
  return (await isSignedBy(sealInput(sets), signature, key)) ? undefined : 'it does not fit'
}

/** What a seal is over: all sets up to its own, whose seal is without its b=. RFC 8617 §5.1.1. */
export function sealInput(sets: readonly RelaxedSet[]): Buffer {
  const last = sets.at(-1)
  return Buffer.from(
    sets
      .slice(0, -1)
      .map(({ whole }) => whole)
      .join('') + (last?.unsealed ?? ''),
    'latin1',
  )
}
