import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MessageOctets } from './message-octets.ts'

function framed(framing: 'dots' | 'counted', pieces: readonly string[]): string {
  const octets = new MessageOctets(framing)
  const out = pieces.map((piece) => octets.push(Buffer.from(piece, 'latin1')))
  return Buffer.concat([...out, octets.end()]).toString('latin1')
}

test.each([
  ['a\r\nb\r\n', 'a\r\nb\r\n'],
  ['a', 'a\r\n'],
  ['', ''],
  ['.\r\n..\r\n.a', '..\r\n...\r\n..a\r\n'],
  // Smuggling: neither of these may end the message at the next server, or at the one behind it.
  ['a\n.\nMAIL', 'a\r\n..\r\nMAIL\r\n'],
  ['a\r.\rMAIL', 'a\r\n..\r\nMAIL\r\n'],
  ['a\r\n.\rb', 'a\r\n..\r\nb\r\n'],
  ['a\r\r\n', 'a\r\n\r\n'],
  ['a\r', 'a\r\n'],
])('%j goes out as %j', (message, expected) => {
  expect(framed('dots', [message])).toBe(expected)
})

const text = fc.array(fc.constantFrom('.', '\r', '\n', '\r\n', 'a', '\xe4'), { maxLength: 20 })

test('where a message is cut makes no difference', () => {
  fc.assert(
    fc.property(text, fc.constantFrom('dots' as const, 'counted' as const), (pieces, framing) => {
      expect(framed(framing, pieces)).toBe(framed(framing, [pieces.join('')]))
    }),
  )
})

test('whatever the message holds, its end is said once, by us', () => {
  fc.assert(
    fc.property(text, (pieces) => {
      const whole = `\r\n${framed('dots', pieces)}`
      expect(whole).not.toMatch(/\r\n\.\r\n|\r(?!\n)|(?<!\r)\n/)
    }),
  )
})
