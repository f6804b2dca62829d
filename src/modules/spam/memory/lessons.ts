import { hash } from 'node:crypto'
import { bandsOf, type Prints, packed } from '../known/prints.ts'
import { ofLesson } from '../known/reputation.ts'
import type { TokenCounts } from '../learn/token-counts.ts'
import type { Tokens } from '../learn/tokens.ts'
import { type KeptPrint, type Regard, unpackSubjects } from './acquaintance-program.ts'
import type { Counting, LessonRow } from './program.ts'

/** The scope of what everybody taught. */
export const shared = 0
const digestOctets = 16

/** What one scope knows. */
export interface Knowledge {
  readonly counts: TokenCounts
  /** Also those that were well known before, and were not counted. */
  readonly lessons: { ham: number; spam: number }
}

export interface Scopes {
  readonly all: Knowledge
  readonly own: Knowledge | undefined
}

export function count(countings: readonly Counting[], { all, own }: Scopes): void {
  for (const { scope, spam, by, tokens } of countings)
    (scope === shared ? all : own)?.counts.add(tokens, spam ? 'spam' : 'ham', by)
}

export function uncount(lessons: readonly LessonRow[], scopes: Scopes): void {
  count(
    lessons.flatMap((lesson) => countingsOf(lesson, -1)),
    scopes,
  )
  for (const lesson of lessons) note(lesson, -1, scopes)
}

export function note({ account, spam }: LessonRow, by: 1 | -1, { all, own }: Scopes): void {
  for (const knowledge of [all, ...(account !== shared && own ? [own] : [])])
    knowledge.lessons[spam === 1 ? 'spam' : 'ham'] += by
}

export function countingsOf(
  { account, spam, shared: inShared, own, tokens }: LessonRow,
  by: 1 | -1,
): Counting[] {
  const counted = new Int32Array(new Uint8Array(tokens).buffer)
  const scopes = [...(inShared === 1 ? [shared] : []), ...(own === 1 ? [account] : [])]
  return scopes.map((scope) => ({ scope, spam: spam === 1, by, tokens: counted }))
}

/** What a lesson says of whoever sent the message, to everybody and to who said it. */
export function regardsOf({ account, spam, subjects: kept, at }: LessonRow, sign: 1 | -1): Regard[] {
  const subjects = unpackSubjects(kept)
  const scopes = subjects.length > 0 ? [shared, account] : []
  return scopes.map((scope) => ({ scope, subjects, spam: spam === 1, by: sign * ofLesson, at }))
}

export function printsOf(
  prints: Prints | undefined,
  { account, digest, at }: Pick<LessonRow, 'account' | 'digest' | 'at'>,
): KeptPrint[] {
  return (prints ? packed(prints) : []).map((print) => ({
    account,
    digest,
    print,
    bands: bandsOf(print),
    at,
  }))
}

/** By what a message is known again, however it is stamped on its way. */
export const digestOf = (tokens: Tokens): Uint8Array => digestOfPacked(pack(tokens))

export const digestOfPacked = (tokens: Uint8Array): Uint8Array =>
  hash('sha256', tokens, 'buffer').subarray(0, digestOctets)

/** In one order, so that the same message is known again. */
export function pack({ single, pairs }: Tokens): Uint8Array {
  const tokens = new Int32Array(single.length + pairs.length)
  tokens.set(single)
  tokens.set(pairs, single.length)
  return new Uint8Array(tokens.sort().buffer)
}
