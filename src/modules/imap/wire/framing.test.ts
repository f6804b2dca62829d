import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CommandReader, type FramingLimits, type Incoming } from './framing.ts'

const limits: FramingLimits = { lineOctets: 40, literalOctets: 20, literals: 3 }
const clock = { now: () => 0, sleep: async () => undefined }

/** Everything a client that sends this and hangs up is understood to say; `+` for each go-ahead. */
async function understood(chunks: readonly Uint8Array[]): Promise<string[]> {
  const stream = new PassThrough()
  const heard: string[] = []
  const reader = new CommandReader(stream, clock, async () => void heard.push('+'))
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  for (;;) {
    const incoming = await reader.next(limits, (text) => text.includes(' APPEND '))
    heard.push(shown(incoming))
    if (incoming.kind === 'closed') return heard
    if (incoming.kind !== 'message') continue
    let octets = 0
    while (octets < incoming.literal.size) {
      const chunk = await reader.take(incoming.literal.size - octets)
      if (!chunk) break
      octets += chunk.length
    }
    heard.push(`${octets} octets`)
  }
}

function shown(incoming: Incoming): string {
  switch (incoming.kind) {
    case 'closed':
      return 'closed'
    case 'refused':
      return `refused: ${incoming.limit}`
    case 'command':
    case 'message':
      return incoming.text
  }
}

const cases: [string, string[]][] = [
  ['a NOOP\r\nb NOOP\n', ['a NOOP', 'b NOOP', 'closed']],
  ['a X {3}\r\na\r\n {1+}\r\nz\r\n', ['+', 'a X {3}\r\na\r\n {1+}\r\nz', 'closed']],
  ['a X ~{2+}\r\n\0\n\r\n', ['a X ~{2+}\r\n\0\n', 'closed']],
  [
    'a APPEND x {5+}\r\n12345 {2+}\r\n\r\nb\r\n',
    ['a APPEND x {5+}\r\n', '5 octets', ' {2+}\r\n\r\nb', 'closed'],
  ],
  [`a ${'x'.repeat(50)}\r\nb NOOP\r\n`, ['refused: lineOctets', 'b NOOP', 'closed']],
  [`a ${'x'.repeat(50)} {9+}\r\nb LOGOUT\n\r\nc NOOP\r\n`, ['refused: lineOctets', 'c NOOP', 'closed']],
  ['a X {21+}\r\nb LOGOUT\r\nc LOGOUT\r\n \r\nd NOOP\r\n', ['refused: literalOctets', 'd NOOP', 'closed']],
  ['a X {21}\r\nb NOOP\r\n', ['refused: literalOctets', 'b NOOP', 'closed']],
  ['a {1+}\r\nx {1+}\r\nx {1+}\r\nx {1+}\r\nx\r\nb NOOP\r\n', ['refused: literals', 'b NOOP', 'closed']],
  ['a X {99999999999999999999}\r\nb\r\n', ['a X {99999999999999999999}', 'b', 'closed']],
  ['a NO', ['closed']],
]

test.each(cases)('%j', async (text, expected) => {
  expect(await understood([Buffer.from(text, 'latin1')])).toEqual(expected)
})

test('it does not matter where the network cuts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...cases),
      fc.array(fc.nat(80), { maxLength: 8 }),
      async ([text, expected], cuts) => {
        const octets = Buffer.from(text, 'latin1')
        const ends = [...new Set([...cuts.filter((cut) => cut < octets.length), octets.length])].sort(
          (a, b) => a - b,
        )
        const chunks = ends.map((end, index) => octets.subarray(ends[index - 1] ?? 0, end))
        expect(await understood(chunks)).toEqual(expected)
      },
    ),
  )
})
