import type { Evidence } from './evidence.ts'
import type { Rule } from './rule.ts'

/** https://spamassassin.apache.org/gtube/ */
const gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

/** What people send to see whether there is a filter. */
export const testRules: readonly Rule<Evidence>[] = [
  {
    symbol: 'GTUBE',
    weight: 0,
    group: 'text',
    why: 'asks to be taken for spam, as a test',
    forces: { action: 'reject', text: 'Message refused as spam, as its test text (GTUBE) asks' },
    test: ({ content }) => content.texts.some(({ text }) => text.includes(gtube)),
  },
]
