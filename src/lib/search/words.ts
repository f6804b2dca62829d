import { type Needle, withoutAccents } from './fold.ts'

/**
 * What an index knows of a folded text: its terms. A term is a run of letters and digits (of a long run every piece of `longest`, each
 * half over the next), in Chinese and Japanese each pair of neighbours, and each sign that is neither letter nor blank. So whatever a
 * text holds, each piece of it that `piecesOf` makes is within one of its terms.
 */
export type Terms = Set<string>

const longest = 48
const step = 24
/** Wherever it begins, so much of a run is within one term; two less, because no pair of surrogates is cut. */
const widest = step - 2

const asciiTerm = /[A-Z0-9]+|[!-/:-@[-`{-~]/g
const anyTerm = /[\p{L}\p{N}\p{M}]+|[^\s\p{Cc}\p{Cs}\p{L}\p{N}\p{M}]/gu
const cjk = /[\u3005-\u3007\u3040-\u312f\u3400-\u9fff\u{20000}-\u{3ffff}]+/gu
const hasCjk = /[\u3005-\u3007\u3040-\u312f\u3400-\u9fff\ud840-\ud8bf]/
const accented = /[\u0300-\u036f]/
const nonAscii = /[\x80-\uffff]/

/** Adds the terms of folded text without its accents to `plain`, and those that bear accents, as they are, to `exact`. */
export function addTerms(folded: string, plain: Terms, exact: Terms): void {
  if (!nonAscii.test(folded)) {
    for (const run of folded.match(asciiTerm) ?? []) addRun(run, plain)
    return
  }
  addRuns(withoutAccents(folded), plain)
  if (!accented.test(folded)) return
  const all: Terms = new Set()
  addRuns(folded, all)
  for (const term of all) if (accented.test(term)) exact.add(term)
}

function addRuns(text: string, terms: Terms): void {
  for (const run of text.match(anyTerm) ?? []) {
    if (!hasCjk.test(run)) addRun(run, terms)
    else for (const piece of partedByScript(run)) addParted(piece, terms)
  }
}

function addRun(run: string, terms: Terms): void {
  if (run.length <= longest) terms.add(run)
  else for (const piece of overlapping(run)) terms.add(piece)
}

/** Neighbours of one script: runs of Chinese and Japanese, and what stands between them. */
interface Parted {
  readonly isCjk: boolean
  readonly text: string
}

function partedByScript(run: string): Parted[] {
  const parted: Parted[] = []
  let at = 0
  for (const match of run.matchAll(cjk)) {
    if (match.index > at) parted.push({ isCjk: false, text: run.slice(at, match.index) })
    parted.push({ isCjk: true, text: match[0] })
    at = match.index + match[0].length
  }
  if (at < run.length) parted.push({ isCjk: false, text: run.slice(at) })
  return parted
}

function addParted({ isCjk, text }: Parted, terms: Terms): void {
  if (!isCjk) addRun(text, terms)
  else for (const pair of pairsOf(text)) terms.add(pair)
}

function pairsOf(text: string): string[] {
  const letters = Array.from(text)
  if (letters.length === 1) return letters
  return letters.slice(1).map((letter, index) => `${letters[index] ?? ''}${letter}`)
}

function overlapping(run: string): string[] {
  const pieces: string[] = []
  for (let at = 0; at < run.length - step; at += step) {
    pieces.push(run.slice(wholeAt(run, at), wholeAt(run, Math.min(at + longest, run.length))))
  }
  return pieces
}

/** Not between the halves of a surrogate pair. */
function wholeAt(run: string, at: number): number {
  const code = run.charCodeAt(at)
  return code >= 0xdc00 && code < 0xe000 && at > 0 ? at - 1 : at
}

/** What to look up for a needle: a text that holds it has, for each piece, a term that holds the piece. */
export interface Pieces {
  readonly pieces: readonly { readonly text: string; readonly accents: 'plain' | 'exact' }[]
  /** The needle is one piece, so that who has the piece has the needle. */
  readonly suffice: boolean
}

export function piecesOf({ text, ignoresAccents }: Needle): Pieces {
  const found = new Set<string>()
  for (const run of text.match(anyTerm) ?? []) {
    for (const parted of partedByScript(run)) for (const piece of wanted(parted)) found.add(piece)
  }
  const pieces = [...found].map((piece) => ({
    text: piece,
    accents: !ignoresAccents && accented.test(piece) ? ('exact' as const) : ('plain' as const),
  }))
  return { pieces, suffice: pieces.length === 1 && pieces[0]?.text === text }
}

function wanted({ isCjk, text }: Parted): string[] {
  if (isCjk) return pairsOf(text)
  if (text.length <= widest) return [text]
  const pieces: string[] = []
  for (let at = 0; at < text.length; at += widest) {
    const from = Math.min(at, text.length - widest)
    pieces.push(text.slice(wholeAt(text, from), wholeAt(text, from + widest)))
  }
  return pieces
}
