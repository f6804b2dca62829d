import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Scanner } from '../../src/lib/scanner.ts'
import {
  authArguments,
  name,
  nameAndNumber,
  nameAndScript,
  nothing,
  optionalString,
  saslAnswer,
  script,
  twoNames,
} from '../../src/modules/managesieve/grammar/arguments.ts'
import { renderString } from '../../src/modules/managesieve/reply.ts'
import { CommandReader, type Incoming } from '../../src/modules/managesieve/wire/command-reader.ts'
import { Input } from '../../src/platform/wire/input.ts'
import { claimGrammars } from '../support/fuzz.ts'

const grammars = {
  nothing,
  name,
  script,
  nameAndScript,
  twoNames,
  nameAndNumber,
  optionalString,
  authArguments,
  saslAnswer,
}
const pieces = [
  '"',
  '\\',
  '"a"',
  '{3+}\r\nabc',
  '{0}\r\n',
  '{9+}\r\n',
  '{',
  '}',
  ' ',
  '\t',
  '12',
  '\0',
  '\xff',
  '\r\n',
]
const hard = [
  `"${'\\"'.repeat(500_000)}"`,
  `"${'a'.repeat(1_000_000)}`,
  `{1000000+}\r\n${'\xff'.repeat(1_000_000)}`,
  ' '.repeat(1_000_000),
  '"" '.repeat(300_000),
]

claimGrammars(grammars, { pieces, hard, withinMs: 1000 })

const words = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .map((text) => text.toWellFormed().replaceAll('\0', ''))

test('what the server says as a string is read as it was meant', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        words,
        words.map((text) => text.repeat(60)),
        fc.constant('a\r\nb'),
      ),
      (text) => {
        expect(name(new Scanner(` ${renderString(text)}`))).toBe(text)
      },
    ),
  )
})

const literal = fc
  .string({ unit: 'binary-ascii', maxLength: 30 })
  .map((text) => `{${text.length}+}\r\n${text}`)
const quoted = fc.constantFrom('"a"', '"{3+}"', '""', '"x y"')
const command = fc
  .array(fc.oneof(literal, quoted), { maxLength: 4 })
  .map((strings) => ['NOOP', ...strings].join(' '))
const cuts = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 20 })

test('commands come out as they went in, however they were cut into packets', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 8 }), cuts, async (commands, sizes) => {
      const got = await everything(commands.map((each) => `${each}\r\n`).join(''), sizes, roomy)
      expect(got).toEqual(commands.map((text) => ({ kind: 'command', text })))
    }),
    { numRuns: 40 },
  )
})

const roomy = { lineOctets: 1_000, literalOctets: 1_000, drainOctets: 10_000 }

test('a script that is too large takes nothing of the commands behind it along', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 11, max: 60 }), cuts, async (size, sizes) => {
      const text = `PUTSCRIPT "a" {${size}+}\r\n${'\r\nLOGOUT\r\n'.repeat(6).slice(0, size)}\r\nNOOP\r\n`
      const got = await everything(text, sizes, { lineOctets: 1_000, literalOctets: 10, drainOctets: 100 })
      expect(got).toEqual([
        { kind: 'too-large', text: `PUTSCRIPT "a" {${size}+}`, octets: size },
        { kind: 'command', text: 'NOOP' },
      ])
    }),
    { numRuns: 40 },
  )
})

async function everything(
  text: string,
  sizes: readonly number[],
  limits: Parameters<CommandReader['take']>[0],
): Promise<Incoming[]> {
  const stream = new PassThrough()
  const nobody = { waits: () => undefined, goesOn: () => undefined, received: () => undefined }
  const input = new Input(stream, nobody, 'crlf-or-lf')
  const reader = new CommandReader(input)
  const reading = (async () => {
    const got: Incoming[] = []
    for (;;) {
      const taken = reader.take(limits)
      if (taken) got.push(taken)
      else if (!(await input.more())) return got
    }
  })()
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = (sizes[turn % sizes.length] ?? 0) + 1
    stream.write(Buffer.from(text.slice(at, at + size), 'latin1'))
    at += size
    await new Promise((resolve) => setImmediate(resolve))
  }
  stream.end()
  return await reading
}
