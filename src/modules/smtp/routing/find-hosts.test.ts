import { expect, test } from 'vitest'
import { createFakeDnsResolver } from '../../../../test/support/fakes/dns-resolver.ts'
import { type DomainName, parseDomain } from '../../../lib/address.ts'
import type { DnsRecord } from '../../../lib/dns-record.ts'
import type { DnsOutcome } from '../../../ports/dns-resolver.ts'
import { findHosts, type Hosts, type Ourselves } from './find-hosts.ts'

const domain = parseDomain('far.example') ?? never()
const mx = (preference: number, exchange: string): DnsRecord => ({ type: 'MX', preference, exchange })
const a = (address: string): readonly DnsRecord[] => [{ type: 'A', address }]
const aaaa = (address: string): readonly DnsRecord[] => [{ type: 'AAAA', address }]
const bogus: DnsOutcome = { kind: 'bogus', security: 'bogus', why: [{ code: 7, text: 'Signature expired' }] }
const busy: DnsOutcome = { kind: 'later', reason: 'unreachable', text: 'No answer', why: [] }
const ourselves: Ourselves = {
  names: new Set(['mail.home.test']),
  addresses: new Set(['192.0.2.1']),
  families: ['ipv4', 'ipv6'],
}

function find(
  zone: Record<string, readonly DnsRecord[] | DnsOutcome>,
  {
    to = domain,
    random = () => 0.5,
    us = ourselves,
  }: { to?: DomainName; random?: () => number; us?: Ourselves } = {},
): Promise<Hosts> {
  return findHosts(to, { dns: createFakeDnsResolver(zone), ourselves: us, random, deadlineMs: 1 })
}

const told = (found: Hosts): string =>
  found.kind === 'hosts'
    ? found.hosts.map(({ name, addresses }) => `${name} ${addresses.join(' ')}`).join(', ')
    : `${found.kind} ${found.status}`

const addresses = {
  'a.example A': a('198.51.100.1'),
  'b.example A': a('198.51.100.2'),
  'b.example AAAA': aaaa('2001:db8::2'),
  'mail.home.test A': a('192.0.2.9'),
  'nat.example A': a('192.0.2.1'),
}

test.each<[string, Record<string, readonly DnsRecord[] | DnsOutcome>, string]>([
  [
    'by preference, IPv6 first',
    { 'far.example MX': [mx(20, 'a.example'), mx(10, 'b.example')] },
    'b.example 2001:db8::2 198.51.100.2, a.example 198.51.100.1',
  ],
  ['no MX: the domain itself', { 'far.example A': a('198.51.100.9') }, 'far.example 198.51.100.9'],
  ['no MX and no address', { 'far.example TXT': [] }, 'never 5.4.4'],
  ['no such domain', {}, 'never 5.1.2'],
  ['null MX', { 'far.example MX': [mx(0, '.')] }, 'never 5.1.10'],
  [
    'null MX beside another',
    { 'far.example MX': [mx(0, '.'), mx(10, 'a.example')] },
    'a.example 198.51.100.1',
  ],
  ['an address for a name', { 'far.example MX': [mx(0, '198.51.100.1')] }, 'never 5.4.4'],
  [
    'an address beside a name',
    { 'far.example MX': [mx(0, '198.51.100.1'), mx(1, 'a.example')] },
    'a.example 198.51.100.1',
  ],
  [
    'a host without address',
    { 'far.example MX': [mx(0, 'gone.example'), mx(1, 'a.example')] },
    'a.example 198.51.100.1',
  ],
  ['a forged answer waits', { 'far.example MX': bogus }, 'later 4.4.3'],
  ['no answer waits', { 'far.example MX': busy }, 'later 4.4.3'],
  ['forged addresses wait', { 'far.example MX': [mx(0, 'x.example')], 'x.example A': bogus }, 'later 4.4.3'],
  [
    'forged addresses of one, another serves',
    { 'far.example MX': [mx(0, 'x.example'), mx(1, 'a.example')], 'x.example A': bogus },
    'a.example 198.51.100.1',
  ],
  [
    'we are the second of three: only the first is asked',
    { 'far.example MX': [mx(10, 'a.example'), mx(20, 'mail.home.test'), mx(30, 'b.example')] },
    'a.example 198.51.100.1',
  ],
  [
    'equal to us counts as us',
    { 'far.example MX': [mx(20, 'mail.home.test'), mx(20, 'b.example')] },
    'never 5.4.6',
  ],
  ['we are the first', { 'far.example MX': [mx(10, 'mail.home.test'), mx(20, 'a.example')] }, 'never 5.4.6'],
  ['we are the first, under another name', { 'far.example MX': [mx(10, 'nat.example')] }, 'never 5.4.6'],
  ['no MX, and the address is ours', { 'far.example A': a('192.0.2.1') }, 'never 5.4.6'],
  [
    'a better host that cannot be looked up is waited for',
    {
      'far.example MX': [mx(10, 'x.example'), mx(20, 'mail.home.test')],
      'x.example A': busy,
      'x.example AAAA': busy,
    },
    'later 4.4.3',
  ],
])('%s', async (_, zone, expected) => {
  expect(told(await find({ ...addresses, ...zone }))).toBe(expected)
})

test('hosts of one preference take turns', async () => {
  const zone = { ...addresses, 'far.example MX': [mx(10, 'a.example'), mx(10, 'b.example')] }
  const rolls = [0.9, 0.1]
  const found = await find(zone, { random: () => rolls.shift() ?? 0 })
  expect(found.kind === 'hosts' && found.hosts.map(({ name }) => name)).toEqual(['b.example', 'a.example'])
})

test('without IPv6 nobody asks for it', async () => {
  const dns = createFakeDnsResolver({ ...addresses, 'far.example MX': [mx(10, 'b.example')] })
  const us: Ourselves = { ...ourselves, families: ['ipv4'] }
  await findHosts(domain, { dns, ourselves: us, random: () => 0, deadlineMs: 1 })
  expect(dns.asked).toEqual(['far.example MX', 'b.example A'])
})

test('where an alias leads to is the mail server of a domain without MX', async () => {
  const none: DnsOutcome = {
    kind: 'no-data',
    security: 'secure',
    why: [],
    ttl: 60,
    canonicalName: 'b.example',
  }
  expect(told(await find({ ...addresses, 'far.example MX': none }))).toBe(
    'b.example 2001:db8::2 198.51.100.2',
  )
})

test('a host is secure only where both families are', async () => {
  const secure = (records: readonly DnsRecord[]): DnsOutcome => ({
    kind: 'records',
    records,
    security: 'secure',
    why: [],
    ttl: 60,
    canonicalName: 'b.example',
  })
  const zone = {
    'far.example MX': secure([mx(10, 'b.example')]),
    'b.example A': secure(a('198.51.100.2')),
    'b.example AAAA': secure(aaaa('2001:db8::2')),
  }
  expect(await find(zone)).toMatchObject({ mxSecurity: 'secure', hosts: [{ security: 'secure' }] })
  const half = { ...zone, 'b.example AAAA': aaaa('2001:db8::2') }
  expect(await find(half)).toMatchObject({ hosts: [{ security: 'insecure' }] })
})

function never(): never {
  throw new Error('not a domain')
}
