import { expect, test } from 'vitest'
import { createFakeClock } from '../../../../test/support/fakes/clock.ts'
import { createFakeDnsResolver } from '../../../../test/support/fakes/dns-resolver.ts'
import { throughWire } from '../../../../test/support/through-wire.ts'
import { parseDomain } from '../../../lib/address.ts'
import type { DnsOutcome } from '../../../ports/dns-resolver.ts'
import { dmarcReporting } from './destinations.ts'

const text = (...strings: string[]) => strings.map((each) => ({ type: 'TXT' as const, strings: [each] }))
const later: DnsOutcome = { kind: 'later', reason: 'unreachable', text: 'nobody answers', why: [] }

async function said(rua: string, others: Parameters<typeof createFakeDnsResolver>[0] = {}): Promise<unknown> {
  const resolver = createFakeDnsResolver({
    '_dmarc.blue.example.com TXT': text(`v=DMARC1; p=none; rua=${rua}`),
    '_dmarc.example.com TXT': text('v=DMARC1; p=none'),
    ...others,
  })
  const domain = parseDomain('blue.example.com')
  if (!domain) throw new Error('no domain')
  const found = await throughWire(dmarcReporting({ resolver, clock: createFakeClock() })).destinations(domain)
  if (found.kind === 'later') return 'later'
  return [
    ...found.to.map(
      ({ address, mostOctets }) => `${address}${mostOctets === undefined ? '' : ` ${mostOctets}`}`,
    ),
    ...found.refused.map(({ address, why }) => `not ${address}: ${why}`),
  ]
}

const wanted = 'blue.example.com._report._dmarc.red.example.net TXT'
const unwanted = 'blue.example.com._report._dmarc.red.example.net does not say that they are wanted'

// RFC 9990 §4: the names are those of its example.
test.each<[string, Parameters<typeof said>[1], unknown]>([
  ['mailto:r@blue.example.com', {}, ['r@blue.example.com']],
  ['mailto:r@example.com', {}, ['r@example.com']],
  ['mailto:r@green.example.com', {}, ['r@green.example.com']],
  ['mailto:reports@red.example.net', {}, [`not mailto:reports@red.example.net: ${unwanted}`]],
  ['mailto:reports@red.example.net', { [wanted]: text('v=DMARC1;') }, ['reports@red.example.net']],
  ['mailto:reports@red.example.net', { [wanted]: text('v=DMARC1') }, ['reports@red.example.net']],
  [
    'mailto:reports@red.example.net',
    { [wanted]: text('yes') },
    [`not mailto:reports@red.example.net: ${unwanted}`],
  ],
  [
    'mailto:reports@red.example.net',
    { [wanted]: text('v=DMARC1; rua=mailto:other@red.example.net') },
    ['other@red.example.net'],
  ],
  [
    'mailto:reports@red.example.net',
    { [wanted]: text('v=DMARC1; rua=mailto:victim@elsewhere.org') },
    ['not mailto:reports@red.example.net: its owner names addresses elsewhere than at red.example.net'],
  ],
  ['mailto:reports@red.example.net', { [wanted]: later }, 'later'],
  [
    'mailto:a@example.com!10m, mailto:b@example.com!2k,mailto:b@example.com',
    {},
    ['a@example.com 10485760', 'b@example.com'],
  ],
  ['mailto:a%2Bb@example.com', {}, ['a+b@example.com']],
  ['mailto:%@example.com,mailto:@example.com,mailto:x', {}, ['not mailto:%@example.com: no address']],
  ['https://example.com/reports', {}, []],
])('%s with %j: %j', async (rua, others, expected) => {
  expect(await said(rua, others)).toEqual(expected)
})

test('a record that names a crowd is written to some of it', async () => {
  const crowd = Array.from({ length: 40 }, (_, number) => `mailto:a${number}@example.com`).join(',')
  expect(await said(crowd)).toHaveLength(5)
})
