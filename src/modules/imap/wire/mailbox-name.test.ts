import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mailboxNameOnWire, nameFault, parentsOf } from './mailbox-name.ts'

test.each([
  ['Entwürfe', '"Entw&APw-rfe"'],
  ['R&D', '"R&-D"'],
  ['日本語/x', '"&ZeVnLIqe-/x"'],
  ['😀', '"&2D3eAA-"'],
  ['say "hi"', '"say \\"hi\\""'],
])('%s is %s in modified UTF-7', (name, wire) => {
  expect(mailboxNameOnWire.write(name, false)).toBe(wire)
})

test('any name comes back as it went out', () => {
  const names = fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => !/^inbox/i.test(name))
  fc.assert(
    fc.property(names, fc.boolean(), (raw, utf8) => {
      const name = raw.normalize('NFC')
      const octets = mailboxNameOnWire.write(name, utf8).slice(1, -1).replace(/\\(.)/gs, '$1')
      expect(utf8 ? mailboxNameOnWire.readUtf8(octets) : mailboxNameOnWire.readUtf7(octets)).toBe(name)
    }),
  )
})

test.each(['', '/a', 'a/', 'a//b', 'a*', 'a%', 'a\u0000', '..', 'a/./b', 'x'.repeat(1001)])(
  '%j may not be created',
  (name) => {
    expect(nameFault(name)).toBeTypeOf('string')
  },
)

test('the parents of a name, from the top', () => {
  expect(parentsOf('a/b/c')).toEqual(['a', 'a/b'])
})
