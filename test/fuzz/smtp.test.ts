import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  authArguments,
  chunkArguments,
  helloName,
  mailArguments,
  nothing,
  rcptArguments,
} from '../../src/modules/smtp/grammar/arguments.ts'
import { completeHeader } from '../../src/modules/smtp/message/submission-header.ts'
import { defaultLimits } from '../../src/modules/smtp/settings.ts'
import { DataLines } from '../../src/modules/smtp/wire/data-lines.ts'
import { LineEndCheck } from '../../src/modules/smtp/wire/line-end-check.ts'
import { Patience } from '../../src/modules/smtp/wire/patience.ts'
import { Input } from '../../src/platform/wire/input.ts'
import { createFakeClock } from '../support/fakes/clock.ts'
import { claimGrammars } from '../support/fuzz.ts'

const grammars = { mailArguments, rcptArguments, helloName, chunkArguments, authArguments, nothing }

const pieces = [
  ' FROM:',
  ' TO:',
  '<',
  '>',
  '@',
  'a',
  'b.test',
  '"',
  '\\',
  ' ',
  '=',
  'SIZE',
  'BODY',
  '8BITMIME',
  'ORCPT',
  'utf-8;',
  'rfc822;',
  '\\x{',
  '}',
  '+4',
  'ENVID',
  'NOTIFY',
  'NEVER',
  ',',
  ':',
  'ö',
  '[',
  ']',
  '\t',
  'LAST',
  '9',
]
const hard = [
  ` FROM:<${'"a"'.repeat(600)}`,
  ` FROM:<${'"\\'.repeat(900)}`,
  ` FROM:<${'@a,'.repeat(600)}`,
  ` FROM:<a@${'b.'.repeat(900)}>`,
  ` FROM:<a@b>${' X'.repeat(900)}`,
  ` FROM:<a@b> ENVID=${'+41'.repeat(600)}`,
  ` FROM:${' '.repeat(2000)}`,
]

claimGrammars(grammars, { pieces, hard, withinMs: 50 })

/** What a client does before it sends. RFC 5321 §4.5.2. */
function stuffed(message: string): string {
  return `${message.replace(/^\./, '..').replaceAll('\r\n.', '\r\n..')}.\r\n`
}

const message = fc
  .array(fc.constantFrom('a', '.', '..', '\r\n', '\r\n.', 'word', '\r\n\r\n', '\xe4', '\n', '\r'), {
    maxLength: 40,
  })
  .map((parts) => `${parts.join('')}\r\n`)
  .filter((text) => text !== '\r\n')
const cuts = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 20 })

function cut(text: string, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = (sizes[turn % sizes.length] ?? 0) + 1
    chunks.push(Buffer.from(text.slice(at, at + size), 'latin1'))
    at += size
  }
  return chunks
}

test('what was stuffed comes back, however it was cut into packets', () => {
  fc.assert(
    fc.property(message, cuts, (text, sizes) => {
      const lines = new DataLines()
      const read: string[] = []
      let behind: string | undefined
      for (const chunk of cut(`${stuffed(text)}NEXT`, sizes)) {
        if (behind !== undefined) {
          behind += chunk.toString('latin1')
          continue
        }
        const { content, rest } = lines.push(chunk)
        read.push(content.toString('latin1'))
        behind = rest?.toString('latin1')
      }
      expect([read.join(''), behind]).toEqual([text, 'NEXT'])
    }),
  )
})

test('a wrong line end is found, however the message was cut into packets', () => {
  fc.assert(
    fc.property(message, cuts, (text, sizes) => {
      const check = new LineEndCheck()
      for (const chunk of cut(text, sizes)) check.push(chunk)
      expect(check.clean).toBe(!/\r(?!\n)|(?<!\r)\n|\0/.test(text))
    }),
  )
})

test('lines are the same, however they were cut into packets', async () => {
  const words = fc.array(fc.constantFrom('NOOP', '\r\n', '\n', '\r', 'x'.repeat(30)), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(words, cuts, async (parts, sizes) => {
      const text = `${parts.join('')}\r\n`
      const stream = new PassThrough()
      const input = new Input(stream, new Patience(createFakeClock(), defaultLimits))
      for (const chunk of cut(text, sizes)) stream.write(chunk)
      stream.end()
      const heard: string[] = []
      for (;;) {
        const next = input.takeLine(40)
        if (next) heard.push(next.kind === 'line' ? next.bytes.toString('latin1') : 'too long')
        else if (!(await input.more())) break
      }
      const expected = text.split('\r\n').slice(0, -1)
      expect(heard).toEqual(expected.map((each) => (each.length > 40 ? 'too long' : each)))
    }),
  )
})

test('a completed header keeps every field that is not dropped, and completing it again adds nothing', () => {
  const facts = { hostname: 'h.test', id: 'x', author: 'ann@h.test', at: 0 }
  const field = fc.constantFrom(
    'Subject: a\r\n',
    'X-Mailer: b\r\n',
    'From: a@b, c@d\r\n',
    'Bcc: x\r\n',
    ' folded\r\n',
    'broken\r\n',
    'MIME-Version: 1.0 (x)\r\n',
    'Date: x\r\n',
    ': x\r\n',
    '\r\n',
    'To: x',
  )
  fc.assert(
    fc.property(fc.array(field, { maxLength: 12 }), (fields) => {
      const once = completeHeader(Buffer.from(fields.join('')), facts)
      const header = once.subarray(0, once.indexOf('\r\n\r\n') + 4)
      expect(completeHeader(header, facts).toString()).toBe(header.toString())
      expect(header.toString()).not.toMatch(/^(X-Mailer|Bcc)/m)
    }),
  )
})
