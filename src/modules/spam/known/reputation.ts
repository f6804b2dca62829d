import { type Hit, type Sign, weighed } from '../rules/rule.ts'
import type { Subject, SubjectKind } from './subjects.ts'

/** What was seen of one sender. What the filter thought of a message counts 1, what a person said of it `ofLesson`. */
export interface Repute {
  readonly ham: number
  readonly spam: number
}

export const ofLesson = 5
/** So much is nothing yet. */
const doubt = 8

const known = (name: string, most: number, what: string) => ({
  most,
  spam: { symbol: `${name}_REPUTATION_SPAM`, why: `is from ${what} that sent spam before` },
  ham: { symbol: `${name}_REPUTATION_HAM`, why: `is from ${what} that sent wanted mail before` },
})
export const reputations = {
  address: known('FROM', 4, 'an address'),
  domain: known('DOMAIN', 2, 'a domain'),
  network: known('IP', 2, 'a network'),
  signer: known('DKIM', 2, 'a signer'),
} as const satisfies Record<SubjectKind, object>
/** What a person has said himself of a sender counts more for him. */
const ownShare = 1.5
const leastPoints = 0.1
/** However good a name is, spam of it stays spam: accounts are broken into. */
const fewestPoints = -6

export interface KnownSubject {
  readonly subject: Subject
  readonly all: Repute | undefined
  readonly own: Repute | undefined
}

/** What is known of a sender, in points. */
export function reputationHits(subjects: readonly KnownSubject[]): Hit[] {
  const hits = weighed(
    subjects.flatMap(({ subject, all, own }) => {
      const { most } = reputations[subject.kind]
      const weight = most * (leaning(all) + ownShare * leaning(own))
      if (Math.abs(weight) < leastPoints) return []
      return [{ sign: signOf(subject.kind, weight), parameters: [subject.name] }]
    }),
  )
  return bounded(hits)
}

/** From -1, nothing but wanted mail, to 1, nothing but spam. */
const leaning = (repute: Repute | undefined): number =>
  repute ? (repute.spam - repute.ham) / (repute.spam + repute.ham + doubt) : 0

function signOf(kind: SubjectKind, weight: number): Sign {
  const { spam, ham } = reputations[kind]
  return { ...(weight > 0 ? spam : ham), weight, group: 'reputation' }
}

function bounded(hits: readonly Hit[]): Hit[] {
  let left = fewestPoints
  return hits.map((hit) => {
    if (hit.weight >= 0) return hit
    const weight = Math.max(hit.weight, left)
    left -= weight
    return { ...hit, weight }
  })
}
