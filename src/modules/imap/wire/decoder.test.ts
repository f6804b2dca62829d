import { expect, test } from 'vitest'
import { Decoder } from './decoder.ts'

const utf8 = { utf8Names: true }

test.each<[string, (d: Decoder) => unknown, unknown]>([
  ['abc', (d) => d.atom(), 'abc'],
  ['abc]', (d) => d.astring(), 'abc]'],
  ['"a \\"b\\" \\\\c"', (d) => d.astring(), 'a "b" \\c'],
  ['{3}\r\nabc', (d) => d.astring(), 'abc'],
  ['{3+}\r\na\r\n', (d) => d.astring(), 'a\r\n'],
  ['~{2+}\r\n\0x', (d) => d.astring(), '\0x'],
  ['~ann', (d) => d.astring(), '~ann'],
  ['{0}\r\n', (d) => d.astring(), ''],
  ['"gr\xc3\xbc\xc3\x9fe"', (d) => d.astring(), 'grüße'],
  ['"gr\xfc\xdfe"', (d) => d.astring(), 'grüße'],
  ['nil', (d) => d.nstring(), undefined],
  ['"NIL"', (d) => d.nstring(), 'NIL'],
  ['InBox', (d) => d.mailbox(), 'INBOX'],
  ['inbox/Sub', (d) => d.mailbox(), 'INBOX/Sub'],
  ['inboxes', (d) => d.mailbox(), 'inboxes'],
  ['"&ZeVnLIqe-"', (d) => d.mailbox(), '日本語'],
  ['"a&-b"', (d) => d.mailbox(), 'a&b'],
  ['"e\xcc\x81"', (d) => d.mailbox(), 'é'],
  ['a*%b]', (d) => d.listMailbox(), 'a*%b]'],
  ['%', (d) => d.listMailbox(), '%'],
  ['\\Seen', (d) => d.flag(), '\\Seen'],
  ['$Junk', (d) => d.flag(), '$Junk'],
  ['()', (d) => d.flagList(), []],
  ['(\\Seen a)', (d) => d.flagList(), ['\\Seen', 'a']],
  ['4294967295', (d) => d.number(), 4_294_967_295],
  ['9007199254740991', (d) => d.number64(), 9_007_199_254_740_991],
  ['$', (d) => d.sequenceSet(), { kind: 'saved' }],
  [
    '4:2,*',
    (d) => d.sequenceSet(),
    {
      kind: 'ranges',
      ranges: [
        { first: 2, last: 4 },
        { first: Infinity, last: Infinity },
      ],
    },
  ],
])('%j reads as it should', (text, read, expected) => {
  const d = new Decoder(text)
  expect(read(d)).toEqual(expected)
  d.end()
})

test.each<[string, (d: Decoder) => unknown, string]>([
  ['', (d) => d.atom(), 'Expected atom at 0'],
  ['(', (d) => d.atom(), 'Expected atom at 0'],
  ['"abc', (d) => d.astring(), 'Expected closing quote at 4'],
  ['"a\\b"', (d) => d.astring(), 'Expected quoted-special at 3'],
  ['{9}\r\nabc', (d) => d.astring(), 'Expected literal at 8'],
  ['{3}abc', (d) => d.astring(), 'Expected literal at 0'],
  ['a b', (d) => d.list(() => d.atom()), 'Expected "(" at 0'],
  ['(a  b)', (d) => d.list(() => d.atom()), 'Expected atom at 3'],
  ['(a', (d) => d.list(() => d.atom()), 'Expected SP at 2'],
  ['()', (d) => d.listOfSome(() => d.atom()), 'Expected at least one item at 2'],
  ['4294967296', (d) => d.number(), 'Expected number of 32 bits at 0'],
  ['0', (d) => d.nzNumber(), 'Expected number above 0 at 0'],
  ['0:3', (d) => d.sequenceSet(), 'Expected sequence-set at 0'],
  ['1,,2', (d) => d.sequenceSet(), 'Expected sequence-set at 0'],
  ['1:', (d) => d.sequenceSet(), 'Expected sequence-set at 0'],
  ['99999999999', (d) => d.sequenceSet(), 'Expected sequence-set at 0'],
  ['"a&b"', (d) => d.mailbox(), 'Expected mailbox name at 2'],
  ['"&2AA-"', (d) => d.mailbox(), 'Expected mailbox name at 2'],
  ['{2+}\r\n\0x', (d) => d.astring(), 'Expected no NUL in a literal at 6'],
  ['"a\0b"', (d) => d.astring(), 'Expected closing quote at 2'],
  ['f\xfcr', (d) => d.flag(), 'Expected flag at 0'],
])('%j is refused', (text, read, message) => {
  expect(() => read(new Decoder(text))).toThrow(message)
})

test('with UTF-8 names an ampersand is one', () => {
  expect(new Decoder('"R&D \xc3\xa4"', utf8).mailbox()).toBe('R&D ä')
})

test('a word is not the beginning of a longer atom', () => {
  expect(new Decoder('RETURNS').tryWord('RETURN')).toBe(false)
  expect(new Decoder('return (').tryWord('RETURN')).toBe(true)
})
