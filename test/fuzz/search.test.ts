import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fold, holds, type Needle, needleOf, withoutAccents } from '../../src/lib/search/fold.ts'
import { addTerms, piecesOf } from '../../src/lib/search/words.ts'

/** The cheap properties run more often; under `npm run fuzz` the clock decides. */
const often = process.env['FUZZ_SECONDS'] === undefined ? { numRuns: 5000 } : {}

/** Letters that fold in odd ways, of scripts with and without blanks, and what stands between them. */
const letter = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...Array.from('aAeinNrst019  ..@-_')) },
  { weight: 4, arbitrary: fc.constantFrom(...Array.from('äÄéßİıſﬁœÅΣσςЁёйИŉǰﬃ')) },
  { weight: 2, arbitrary: fc.constantFrom('\u0301', '\u0308', '\u0307', '\u200b', '\u00ad', '\u3099') },
  { weight: 4, arbitrary: fc.constantFrom(...Array.from('日本語東京都会議がかｶﾞ株㍿한글계산서ไทยก')) },
  { weight: 1, arbitrary: fc.constantFrom('\r\n', '\n', '\t', '\u3000', '\u00a0', '\0') },
  { weight: 1, arbitrary: fc.constantFrom('👍', '👩\u200d💻', '𠀋', '𝐀', '€', '→', '\ud800') },
)
const text = fc
  .array(fc.oneof(letter, fc.constantFrom('annual report', 'x'.repeat(60), '東京都庁前', 'ÅB'.repeat(30))), {
    maxLength: 60,
  })
  .map((letters) => letters.join(''))

function termsOf(folded: string): { plain: Set<string>; exact: Set<string> } {
  const [plain, exact] = [new Set<string>(), new Set<string>()]
  addTerms(folded, plain, exact)
  return { plain, exact }
}

/** What an index of these terms would say. */
function lead(folded: string, needle: Needle): 'sure' | 'open' | 'no' {
  const { pieces, suffice } = piecesOf(needle)
  const terms = termsOf(folded)
  const isThere = pieces.every((piece) => [...terms[piece.accents]].some((term) => term.includes(piece.text)))
  if (!isThere) return 'no'
  return suffice ? 'sure' : 'open'
}

test('an index never says no of a text that holds what is looked for, and never yes of one that does not', () => {
  fc.assert(
    fc.property(text, fc.nat(100), fc.nat(40), text, fc.nat(2), (looked, from, length, other, way) => {
      const folded = fold(looked)
      const wanted = way === 0 ? other.slice(0, 6) : (way === 1 ? looked : folded).slice(from, from + length)
      const needle = needleOf(wanted)
      const said = lead(folded, needle)
      if (holds(folded, needle)) expect(said).not.toBe('no')
      else expect(said).not.toBe('sure')
    }),
    often,
  )
})

test('terms are bounded by the text', () => {
  fc.assert(
    fc.property(text, (looked) => {
      const { plain, exact } = termsOf(fold(looked))
      for (const term of [...plain, ...exact]) {
        expect(term.length).toBeLessThanOrEqual(50)
        expect(term).not.toMatch(/\s/)
      }
      for (const term of plain) expect(withoutAccents(term)).toBe(term)
    }),
    often,
  )
})
