import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readYaml, writeYaml } from '../../src/app/cli/yaml.ts'
import type { Node } from '../../src/app/directory/file/node.ts'

/** Under `npm run fuzz` the clock decides. */
const often = process.env['FUZZ_SECONDS'] === undefined ? { numRuns: 500 } : {}

const hard = fc.string({
  unit: fc.constantFrom('\n', '\r', '\t', ' ', 'a', ':', '#', '-', '\u0085', '\u2028', '\ufeff', '\x07', '"', "'", '0', '|', '%'),
})
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), hard, fc.constantFrom('yes', '~', '1e5', '12:30', '<<'))

test('what is written is read back, text by text', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1 }), (texts) => {
      const sections = { user: texts.map((email) => ({ email, list: [email] })) }
      const read = readYaml(writeYaml(sections))
      expect(read.kind === 'node' ? plain(read.node) : read).toEqual(sections)
    }),
    often,
  )
})

function plain(node: Node): unknown {
  switch (node.kind) {
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]))
    case 'list':
      return node.items.map(plain)
    case 'plain':
    case 'quoted':
      return node.text
  }
}
