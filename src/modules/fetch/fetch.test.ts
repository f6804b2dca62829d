import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFakeClock } from '../../../test/support/fakes/clock.ts'
import { createFakeDnsResolver } from '../../../test/support/fakes/dns-resolver.ts'
import { parseNetworks } from '../../lib/networks.ts'
import { foldersOf } from './job.ts'
import { MendedLines } from './mended-lines.ts'
import { Unstuffed } from './pop3/unstuffed.ts'
import { reach } from './reach.ts'
import { Turns } from './turns.ts'

test.each([
  [[], [{ there: 'INBOX', here: 'INBOX' }]],
  [['Sent'], [{ there: 'Sent', here: 'INBOX' }]],
  [['A/B > Old/ B'], [{ there: 'A/B', here: 'Old/B' }]],
  [['a>b'], [{ there: 'a>b', here: 'INBOX' }]],
  [['x > inbox'], [{ there: 'x', here: 'INBOX' }]],
  [['x > \u0000/'], [{ there: 'x', here: 'INBOX' }]],
])('folders %j are %j', (texts, folders) => {
  expect(foldersOf(texts)).toEqual(folders)
})

/** As the network may cut it. */
const cut = fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 40 })
function* pieces(text: string, sizes: readonly number[]): Iterable<Buffer> {
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = (sizes[turn % sizes.length] ?? 0) + 1
    yield Buffer.from(text.slice(at, at + size), 'latin1')
    at += size
  }
}
const text = fc.array(fc.constantFrom('\r', '\n', '\r\n', '.', '..', 'a', '\0', 'ü'), {
  maxLength: 60,
  size: 'max',
})

describe('however it is cut', () => {
  test('mended lines end with CRLF alone, and say what they said', () => {
    fc.assert(
      fc.property(text, cut, (parts, sizes) => {
        const whole = parts.join('')
        const lines = new MendedLines()
        const out = [...pieces(whole, sizes)].map((piece) => Buffer.from(lines.push(piece)))
        const said = Buffer.concat([...out, lines.end()]).toString('latin1')
        expect(said).toBe(whole.replace(/\r\n|\r|\n/g, '\r\n').replaceAll('\0', ''))
      }),
    )
  })

  test('POP3 dots come and go, and what stands behind the end is not taken', () => {
    const lines = fc.array(fc.constantFrom('', '.', '..', 'a.', '.a', 'text'), { maxLength: 20 })
    fc.assert(
      fc.property(lines, cut, (message, sizes) => {
        const whole = message.map((line) => `${line}\r\n`).join('')
        const wire = `${message.map((line) => `${line.startsWith('.') ? '.' : ''}${line}\r\n`).join('')}.\r\n+OK next\r\n`
        const unstuffed = new Unstuffed()
        let said = ''
        let rest = ''
        let isOver = false
        for (const piece of pieces(wire, sizes)) {
          if (isOver) {
            rest += piece.toString('latin1')
            continue
          }
          const pushed = unstuffed.push(piece)
          said += pushed.octets.toString('latin1')
          isOver = pushed.rest !== undefined
          rest += pushed.rest?.toString('latin1') ?? ''
        }
        expect(said).toBe(whole)
        expect(rest).toBe('+OK next\r\n')
      }),
    )
  })
})

test('two at one host, and others beside them', async () => {
  const turns = new Turns()
  const begun: string[] = []
  const ends: (() => void)[] = []
  const visit = (name: string, host: string) =>
    turns.take({ host, user: name }, () => {
      begun.push(name)
      return new Promise<void>((resolve) => ends.push(resolve))
    })
  const all = [visit('a1', 'a'), visit('a2', 'a'), visit('a3', 'a'), visit('b1', 'b')]
  expect(begun).toEqual(['a1', 'a2', 'b1'])
  ends[0]?.()
  await all[0]
  expect(begun).toEqual(['a1', 'a2', 'b1', 'a3'])
  for (const end of ends) end()
  await Promise.all(all)
})

test('one person’s slow servers leave turns for others', async () => {
  const turns = new Turns()
  const begun: string[] = []
  const end = Promise.withResolvers<void>()
  const visit = (user: string, host: string) =>
    turns.take({ host, user }, () => {
      begun.push(user)
      return end.promise
    })
  const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((host) => visit('eve', host))
  all.push(visit('ann', 'x'))
  expect(begun).toEqual(['eve', 'eve', 'eve', 'eve', 'ann'])
  end.resolve()
  await Promise.all(all)
  expect(begun).toHaveLength(9)
})

test('a name that leads into a named network, and elsewhere too, is that of the named one', async () => {
  const dns = createFakeDnsResolver({
    'mixed.example A': [
      { type: 'A', address: '127.0.0.1' },
      { type: 'A', address: '192.0.2.1' },
    ],
  })
  const { networks: allowed } = parseNetworks(['127.0.0.0/8'])
  const parts = { dns, clock: createFakeClock(), allowed, hostnames: [] }
  const wanted = { host: 'mixed.example', port: 143, username: 'a', user: 'ann@example.com' }
  expect(await reach(parts, wanted)).toMatchObject({ addresses: ['127.0.0.1'], isNear: true })
})
