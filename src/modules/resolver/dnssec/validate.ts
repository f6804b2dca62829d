import type { DnsReason, DnsSecurity } from '../../../ports/dns-resolver.ts'
import { reason } from '../reasons.ts'
import type { Reply } from '../reply.ts'
import type { RrSet } from '../rr-set.ts'
import { countLabels, isAtOrUnder, type Name, parentOf, root } from '../wire/name.ts'
import { rrType, typeName } from '../wire/types.ts'
import type { Work } from '../work.ts'
import type { Chain, Errand, Trust } from './chain.ts'
import { denialFrom } from './denial.ts'
import type { Proof } from './proof.ts'
import { checkSignatures, goodProofs, ownLabels, type SignedZone } from './signatures.ts'

export interface Judgement {
  readonly security: DnsSecurity | 'bogus' | 'later'
  readonly why: readonly DnsReason[]
  /** The zone whose keys vouch for it. */
  readonly signer?: Name
  /** Seconds that the signatures allow; undefined: no limit from there. */
  readonly ttl?: number
  /** Signed sets that prove what is not there: they may answer for other names as well (RFC 8198). */
  readonly proofs?: readonly RrSet[]
}

/** RFC 4035 §5: is this reply what the owner of the zone has published? `now` in seconds. */
export async function judge(reply: Reply, chain: Chain, now: number, errand: Errand): Promise<Judgement> {
  const signed = reply.set ? [reply.set] : reply.authority
  const signer = signerOf(signed, reply)
  // DS stands in the parent's zone, and so does the proof that there is none.
  const place = reply.type === rrType.DS && reply.name !== root ? parentOf(reply.name) : reply.name
  const trust = await chain.trustIn(signer ?? place, errand)
  if (trust.kind !== 'secure') return untrusted(trust)
  if (signer === undefined) {
    const what = `${typeName(reply.type)} of ${reply.name}`
    return bogus(reason('signaturesMissing', `${trust.zone} is signed, but ${what} is not.`))
  }
  if (trust.zone !== signer)
    return bogus(reason('bogus', `${signer} signs for ${reply.name} and is no signed zone.`))
  return reply.set
    ? judgeSet(reply, reply.set, trust, now, errand.work)
    : judgeNothing(reply, trust, now, errand.work)
}

/** The deepest zone that claims to have signed it: there the record lives, if it is not forged. */
function signerOf(sets: readonly RrSet[], { name, type }: Reply): Name | undefined {
  const isParents = type === rrType.DS && name !== root
  return sets
    .flatMap(({ signatures }) => signatures.map(({ signer }) => signer))
    .filter((signer) => isAtOrUnder(name, signer) && !(isParents && signer === name))
    .sort((a, b) => countLabels(b) - countLabels(a))[0]
}

function untrusted(trust: Exclude<Trust, { kind: 'secure' }>): Judgement {
  return { security: trust.kind, why: [trust.why] }
}

function bogus(why: DnsReason): Judgement {
  return { security: 'bogus', why: [why] }
}

function judgeSet(reply: Reply, set: RrSet, zone: SignedZone, now: number, work: Work): Judgement {
  const verdict = checkSignatures(set, zone, now, work)
  if (verdict.kind === 'bad') return bogus(verdict.why)
  const whole = { signer: zone.zone, ttl: verdict.ttl }
  if (verdict.labels >= ownLabels(set.name)) return { ...whole, security: 'secure', why: [] }
  // RFC 4035 §5.3.4: made from a wildcard, which must be the closest there is.
  const { good, ttl } = goodProofs(reply.authority, zone, now, work)
  const proof = denialFrom(good, zone.zone, work).nothingCloser(set.name, verdict.labels)
  return fromProof(proof, { ...whole, ttl: Math.min(verdict.ttl, ttl) }, () =>
    reason('nsecMissing', `Nothing proves that a wildcard may answer for ${set.name}.`),
  )
}

function judgeNothing(reply: Reply, zone: SignedZone, now: number, work: Work): Judgement {
  const { good, ttl, why } = goodProofs(reply.authority, zone, now, work)
  const denial = denialFrom(good, zone.zone, work)
  const proof = reply.found === 'no-name' ? denial.noName(reply.name) : denial.noData(reply.name, reply.type)
  const what = reply.found === 'no-name' ? reply.name : `${typeName(reply.type)} of ${reply.name}`
  const judged = fromProof(
    proof,
    { signer: zone.zone, ttl },
    () => why ?? reason('nsecMissing', `Nothing proves that ${what} does not exist.`),
  )
  return proof === 'proven' ? { ...judged, proofs: good } : judged
}

function fromProof(
  proof: Proof,
  whole: { readonly signer: Name; readonly ttl: number },
  missing: () => DnsReason,
): Judgement {
  switch (proof) {
    case 'proven':
      return { ...whole, security: 'secure', why: [] }
    case 'opt-out':
      // RFC 5155 §9.2: the span may hide an unsigned delegation.
      return {
        ...whole,
        security: 'insecure',
        why: [reason('other', `${whole.signer} does not sign all it delegates.`)],
      }
    case 'too-many-rounds':
      return {
        ...whole,
        security: 'insecure',
        why: [reason('iterations', `${whole.signer} hashes its names too often.`)],
      }
    case undefined:
      return bogus(missing())
  }
}
