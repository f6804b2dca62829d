import { expect, test } from 'vitest'
import { findKind, kind, skipKind } from './letters.ts'

const pieces = [
  ...Array.from("aZ9é€£!$%'’.,_- \n@ß中𝒜𝟙😀½ⅷ"),
  '\ud83d',
  '\ude00',
  'e\u0301',
  '\u200b',
  'Ⅷ',
  'ǅ',
  '٣',
]

/** The same in each run. */
function* texts(): Generator<string> {
  let seed = 1
  const below = (most: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return seed % most
  }
  for (let count = 0; count < 3000; count++)
    yield Array.from({ length: below(30) }, () => pieces[below(pieces.length)]).join('')
}

function runsOf(text: string, beginning: number, within: number): string[] {
  const runs: string[] = []
  for (let at = findKind(text, 0, beginning); at < text.length; at = findKind(text, at, beginning)) {
    const end = skipKind(text, at, within)
    runs.push(text.slice(at, end))
    at = end
  }
  return runs
}

test.each([
  [
    'words of the classifier',
    /[\p{L}\p{N}$€£%!][\p{L}\p{N}$€£%!'’.,_-]*/gu,
    kind.letter | kind.number | kind.mark,
    kind.joiner,
  ],
  ['words of prints', /[\p{L}\p{N}]+/gu, kind.letter | kind.number, 0],
  ['letters', /\p{L}+/gu, kind.letter, 0],
])('%s are found as their pattern finds them', (_, pattern, beginning, more) => {
  for (const text of texts())
    expect(runsOf(text, beginning, beginning | more)).toEqual(text.match(pattern) ?? [])
})
