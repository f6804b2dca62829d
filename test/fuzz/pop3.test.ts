import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readHeader } from '../../src/lib/mime/header.ts'
import {
  authArguments,
  languageRange,
  message,
  nothing,
  optionalMessage,
  topArguments,
  verbatim,
} from '../../src/modules/pop3/grammar/arguments.ts'
import { languageFor } from '../../src/modules/pop3/texts.ts'
import { withAsciiHeader } from '../../src/modules/pop3/wire/message-start.ts'
import { MessageText } from '../../src/modules/pop3/wire/message-text.ts'
import { TopCut } from '../../src/modules/pop3/wire/top-cut.ts'
import { Input } from '../../src/platform/wire/input.ts'
import { Output } from '../../src/platform/wire/output.ts'
import { cpuMs } from '../support/cpu-time.ts'
import { claimGrammars } from '../support/fuzz.ts'
import { octetsOf } from '../support/loopback.ts'

const grammars = {
  nothing,
  message,
  optionalMessage,
  topArguments,
  verbatim,
  authArguments,
  languageRange,
}
const pieces = [' ', '\t', '1', '99999999999999999999', '-', '*', '=', 'en-US', 'PLAIN', 'YWE=', '\0', 'ö']
const hard = [
  `${' '.repeat(2000)}x`,
  ` ${'9'.repeat(2000)}`,
  ` en${'-a'.repeat(1000)}`,
  ` ${'a '.repeat(1000)}`,
]

claimGrammars(grammars, { pieces, hard, withinMs: 50 })

test('no language tag keeps it busy', () => {
  expect(cpuMs(() => languageFor(` en${'-a'.repeat(1000)}`))).toBeLessThan(50)
})

const content = fc
  .array(
    fc.constantFrom('a', '.', '..', '\r\n', '\r\n.', 'word', '\r\n\r\n', '\xe4', '\n', '\n.', '\r', '\0'),
    {
      maxLength: 40,
    },
  )
  .map((parts) => parts.join(''))
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

/** What goes over the wire. */
function sent(pieces: readonly Buffer[]): string {
  const stream = new PassThrough({ highWaterMark: 1 << 20 })
  const out = new Output(stream)
  const text = new MessageText(out)
  for (const piece of pieces) text.write(piece)
  text.end()
  out.flush()
  const octets: unknown = stream.read()
  return octets instanceof Buffer ? octets.toString('latin1') : ''
}

/** A client that ends lines at LF, as Python's does; and one that ends them at CRLF. */
function received(wire: string, end: RegExp): { text: string; rest: string } {
  const lines: string[] = []
  for (let rest = wire; ; ) {
    const found = end.exec(rest)
    if (!found) throw new Error('the message does not end')
    const got = rest.slice(0, found.index)
    rest = rest.slice(found.index + found[0].length)
    if (got === '.') return { text: lines.map((each) => `${each}\r\n`).join(''), rest }
    lines.push(got.startsWith('.') ? got.slice(1) : got)
  }
}

test('every client gets the message as it is, with whole line ends, however it was read in pieces', () => {
  fc.assert(
    fc.property(content, cuts, (text, sizes) => {
      const wire = sent(cut(text, sizes))
      expect(wire).toBe(sent([Buffer.from(text, 'latin1')]))
      const whole = text.replace(/(?<!\r)\n/g, '\r\n')
      const expected = whole === '' || whole.endsWith('\r\n') ? whole : `${whole}\r\n`
      expect(received(wire, /\r\n/)).toEqual({ text: expected, rest: '' })
      expect(received(wire, /\r?\n/)).toEqual({ text: expected, rest: '' })
    }),
  )
})

test('TOP is the header, the empty line and so many lines, however it was read in pieces', () => {
  fc.assert(
    fc.property(content, cuts, fc.nat({ max: 5 }), (text, sizes, lines) => {
      const top = new TopCut(lines)
      let got = ''
      for (const piece of cut(text, sizes)) {
        const { octets, done } = top.take(piece)
        got += piece.toString('latin1', 0, octets)
        if (done) break
      }
      const all = text.split(/(?<=\n)/)
      const empty = all.findIndex((each) => /^\r*\n$/.test(each))
      expect(got).toBe(empty < 0 ? text : all.slice(0, empty + 1 + lines).join(''))
    }),
  )
})

const pieceOfHeader = fc.constantFrom(
  ...[
    'Subject: ',
    'To: ',
    'Content-Type: ',
    'a',
    'ü',
    '\xfc',
    '日',
    '"',
    '\\',
    '<',
    '>',
    '@',
    ',',
    ';',
    ':',
    '(',
    ')',
  ],
  ...['\r\n', '\n', '\r', ' ', '\t', '=', '=?', '?=', '\0', 'name="', '\ud800', 'Received: '],
)

test('a client without UTF-8 gets a header of ASCII, and the body as it is', () => {
  fc.assert(
    fc.property(fc.array(pieceOfHeader, { maxLength: 40 }), fc.boolean(), (parts, isUtf8) => {
      const header = Buffer.from(parts.join(''), isUtf8 ? 'utf8' : 'latin1')
      const got = Buffer.from(withAsciiHeader(Buffer.concat([header, Buffer.from('\r\n\r\nü')])))
      const { end } = readHeader(got)
      expect(got.subarray(0, end).every((octet) => octet < 128)).toBe(true)
      expect(got.toString('utf8', got.length - 2)).toBe('ü')
      expect(withAsciiHeader(got)).toEqual(got)
    }),
    { examples: [[['\r', '\r\n', '\xfc'], false]] },
  )
})

const someLine = fc
  .array(fc.constantFrom('STAT', 'a', '\r', ' ', '\0', 'é'), { maxLength: 8 })
  .map((parts) => octetsOf(parts.join('')).toString('latin1').replace(/\r+$/, ''))

test('lines come out as they went in, however they were cut into packets', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(someLine, { maxLength: 10 }), cuts, async (lines, sizes) => {
      const stream = new PassThrough()
      const nobody = { waits: () => undefined, goesOn: () => undefined, received: () => undefined }
      const reading = everyLine(new Input(stream, nobody, 'crlf-or-lf'))
      const text = lines.map((each, at) => each + (at % 2 === 0 ? '\r\n' : '\n')).join('')
      for (const chunk of cut(text, sizes)) {
        stream.write(chunk)
        await new Promise((resolve) => setImmediate(resolve))
      }
      stream.end()
      expect(await reading).toEqual(lines)
    }),
    { numRuns: 30 },
  )
})

async function everyLine(input: Input): Promise<string[]> {
  const lines: string[] = []
  for (;;) {
    const taken = input.takeLine(1000)
    if (taken) lines.push(taken.kind === 'line' ? taken.bytes.toString('latin1') : 'too long')
    else if (!(await input.more())) return lines
  }
}
