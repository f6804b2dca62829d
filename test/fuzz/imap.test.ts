import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BadSyntax } from '../../src/lib/bad-syntax.ts'
import { commandNamed } from '../../src/modules/imap/commands/table.ts'
import { beginsMessage } from '../../src/modules/imap/wire/append-arguments.ts'
import { Decoder } from '../../src/modules/imap/wire/decoder.ts'
import '../support/fuzz.ts'
import { cpuMs } from '../support/cpu-time.ts'

/** Pieces that real commands are made of, so that most of what is tried gets past the first word. */
const pieces = [
  ...[
    'FETCH',
    'UID',
    'SEARCH',
    'STORE',
    'LIST',
    'LSUB',
    'APPEND',
    'STATUS',
    'SELECT',
    'ENABLE',
    'ID',
    'COPY',
    'CREATE',
    'SORT',
    'THREAD',
    'ESEARCH',
    'CANCELUPDATE',
    'GETMETADATA',
    'SETMETADATA',
    'GETQUOTA',
    'SETQUOTA',
    'REPLACE',
    'UIDBATCHES',
    'LANGUAGE',
    'COMPRESS',
    'NOTIFY',
    'SETACL',
    'DELETEACL',
    'GETACL',
    'LISTRIGHTS',
    'MYRIGHTS',
  ],
  ...[
    ' ',
    ' ',
    ' ',
    '(',
    ')',
    '[',
    ']',
    '<',
    '>',
    '"',
    '\\',
    '*',
    '%',
    ':',
    ',',
    '.',
    '+',
    '-',
    '$',
    '{',
    '}',
    '\r\n',
    '~',
  ],
  ...[
    '1',
    '0',
    '4294967295',
    '99999999999999999999',
    '1:*',
    'NIL',
    'INBOX',
    '&',
    '&-',
    '&ZeU-',
    '{3}\r\nabc',
    '{2+}\r\n\r\n',
    'lrswipkxtea',
    '+lrcd',
    '-anyone',
    '"Other Users/bob@home.test/INBOX"',
  ],
  ...[
    'BODY',
    'BODY.PEEK[',
    'HEADER.FIELDS',
    'HEADER',
    'MIME',
    'TEXT',
    'BINARY.SIZE[',
    'RFC822.SIZE',
    'FLAGS',
    'UID',
    'ALL',
  ],
  ...[
    'OR',
    'NOT',
    'SUBJECT',
    'HEADER',
    'SINCE',
    '1-Jan-2026',
    'CHARSET',
    'UTF-8',
    'ISO-2022-JP',
    'RETURN',
    'SAVE',
    'MODSEQ',
    'FUZZY',
    'PARTIAL',
    'UPDATE',
    'RELEVANCY',
    'REVERSE',
    'DISPLAYFROM',
    'REFERENCES',
    'IN',
    'subtree',
  ],
  ...[
    'SET',
    'STATUS',
    'selected-delayed',
    'personal',
    'MessageNew',
    'MessageExpunge',
    'CATENATE',
    'URL',
    'UTF8 (',
    '"/INBOX/;UID=1/;SECTION=1.MIME"',
  ],
  ...[
    '\\Seen',
    'FLAGS.SILENT',
    'UNCHANGEDSINCE',
    'CHANGEDSINCE',
    'VANISHED',
    'QRESYNC',
    '(1 1 1:3 (1,2 1,2))',
    'DEPTH',
    'MAXSIZE',
    'infinity',
    '/private/comment',
    'METADATA',
    'DEFLATE',
    'SAVEDON',
    'UIDAFTER',
    'MESSAGES',
    'RECURSIVEMATCH',
    'SUBSCRIBED',
    'USE',
    'UTF8 (',
  ],
  ...['" 1-Jan-2026 10:00:00 +0000"', '\0', '\x7f', '\xff', '\xc3\xa4'],
]

const octets = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 200 })
const likely = fc
  .array(fc.oneof(fc.constantFrom(...pieces), octets), { maxLength: 40 })
  .map((parts) => parts.join(''))
const commandText = fc.oneof(octets, likely, likely)

/** Reads a command as dispatch does; says whether it reads. */
function reads(text: string, utf8Names: boolean): boolean {
  try {
    const d = new Decoder(text, { utf8Names })
    commandNamed(d)?.command.read(d)
    d.end()
    return true
  } catch (error) {
    if (error instanceof BadSyntax && error.offset >= 0 && error.offset <= text.length) return false
    throw error
  }
}

test('the grammar throws nothing but BadSyntax, with an offset inside the command', () => {
  fc.assert(fc.property(commandText, fc.boolean(), (text, utf8) => void reads(text, utf8)))
})

test('whether a literal is a message never throws', () => {
  fc.assert(
    fc.property(commandText, (text) => {
      expect(beginsMessage(`a APPEND ${text}`, { utf8Names: false })).toBeTypeOf('boolean')
    }),
  )
})

test.each([
  ['brackets', (n: number) => `SEARCH ${'('.repeat(n)}`],
  ['NOTs', (n: number) => `SEARCH ${'NOT '.repeat(n)}ALL`],
  ['FUZZYs', (n: number) => `SEARCH ${'FUZZY '.repeat(n)}SUBJECT x`],
  ['fuzzy words', (n: number) => `SEARCH FUZZY SUBJECT "${'word '.repeat(n)}"`],
  ['sort keys', (n: number) => `SORT (${'REVERSE DATE '.repeat(n)}SIZE) UTF-8 ALL`],
  ['mailboxes', (n: number) => `ESEARCH IN (${'subtree a '.repeat(n)}personal) ALL`],
  ['ORs', (n: number) => `SEARCH ${'OR ALL '.repeat(n)}ALL`],
  ['quotes', (n: number) => `LIST "" "${'\\"'.repeat(n)}"`],
  ['wildcards', (n: number) => `LIST "" ${'%*'.repeat(n)}`],
  ['numbers', (n: number) => `FETCH ${'1,'.repeat(n)}1 FLAGS`],
  ['shifts', (n: number) => `SELECT "${'&AGE-'.repeat(n)}"`],
  ['items', (n: number) => `FETCH 1 (${'BODY[1.2.3] '.repeat(n)}UID)`],
])('sixty thousand octets of %s take no time', (_, make) => {
  expect(cpuMs(() => reads(make(10_000).slice(0, 65_000), false))).toBeLessThan(500)
})
