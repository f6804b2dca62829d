import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BadSyntax } from '../../src/lib/bad-syntax.ts'
import { Scanner } from '../../src/lib/scanner.ts'
import { cpuMs } from './cpu-time.ts'

// In `npm test` a property runs its usual number of times; under `npm run fuzz` it runs for its share of the time.
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 0)

if (seconds > 0) {
  fc.configureGlobal({
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: seconds * 1000,
    markInterruptAsFailure: false,
  })
}

type Grammars = Readonly<Record<string, (scanner: Scanner) => unknown>>

/** What is tried on a grammar: octets of any kind, and words made of the pieces that real lines consist of. */
export const linesOf = (pieces: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }).map((text) => Buffer.from(text).toString('latin1')),
    fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join('')),
  )

/** The claims that hold for every grammar of lines. */
export function claimGrammars(
  grammars: Grammars,
  { pieces, hard, withinMs }: { pieces: readonly string[]; hard: readonly string[]; withinMs: number },
): void {
  test.each(Object.entries(grammars))('%s throws nothing but BadSyntax', (_, grammar) => {
    fc.assert(fc.property(linesOf(pieces), (text) => readOrRefuse(grammar, text)))
  })

  test.each(hard)('a long line is read in no time: %#', (text) => {
    const took = cpuMs(() => {
      for (const grammar of Object.values(grammars)) readOrRefuse(grammar, text)
    })
    expect(took).toBeLessThan(withinMs)
  })
}

function readOrRefuse(grammar: Grammars[string], text: string): void {
  try {
    grammar(new Scanner(text))
  } catch (error) {
    expect(error).toBeInstanceOf(BadSyntax)
  }
}
