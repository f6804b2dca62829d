import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Internet,
  sharedKey,
  startInternet,
  type TestResolver,
} from '../../../test/support/dns/internet.ts'
import { throughWire } from '../../../test/support/through-wire.ts'

const hosts = (zone: string) => [
  `www.${zone}. 300 A 192.0.2.1`,
  `www.${zone}. 300 AAAA 2001:db8::1`,
  `${zone}. 300 MX 10 mail.${zone}.`,
  `mail.${zone}. 300 A 192.0.2.25`,
  `_25._tcp.mail.${zone}. 300 TLSA 3 1 1 abcdef`,
  `alias.${zone}. 300 CNAME www.${zone}.`,
  `*.wild.${zone}. 300 TXT "any" "thing"`,
  `deep.empty.${zone}. 300 A 192.0.2.3`,
]
const hashing = { iterations: 1, salt: Buffer.from('ab', 'hex'), optOut: false }

let net: Internet
let resolver: TestResolver

beforeAll(async () => {
  net = await startInternet({
    'plain.test': { lines: hosts('plain.test'), key: sharedKey(13) },
    'hashed.test': { lines: hosts('hashed.test'), key: sharedKey(8), hashing },
    'optout.test': {
      lines: hosts('optout.test'),
      key: sharedKey(15),
      hashing: { ...hashing, optOut: true },
    },
    'sub.optout.test': { lines: ['sub.optout.test. 300 A 192.0.2.8'] },
    'rounds.test': {
      lines: hosts('rounds.test'),
      key: sharedKey(13),
      hashing: { ...hashing, iterations: 51 },
    },
    'unsigned.test': { lines: hosts('unsigned.test') },
    'rsa512.test': { lines: hosts('rsa512.test'), key: sharedKey(10) },
    'p384.test': { lines: hosts('p384.test'), key: sharedKey(14), digestType: 4 },
    'ed448.test': { lines: hosts('ed448.test'), key: sharedKey(16) },
    'moved.test': {
      lines: ['moved.test. 300 DNAME plain.test.', 'moved.test. 300 TXT "stays"'],
      key: sharedKey(13),
    },
    'across.test': {
      lines: ['www.across.test. 300 CNAME www.unsigned.test.', 'gone.across.test. 300 CNAME no.plain.test.'],
      key: sharedKey(13),
    },
  })
  resolver = await net.resolver()
})
afterAll(() => net.stop())

const short = (outcome: Awaited<ReturnType<TestResolver['ask']>>) =>
  `${outcome.kind}${'security' in outcome && outcome.security !== 'bogus' ? ` ${outcome.security}` : ''}`

describe.each([
  ['plain.test', 'secure'],
  ['hashed.test', 'secure'],
  ['unsigned.test', 'insecure'],
  ['rsa512.test', 'secure'],
  ['p384.test', 'secure'],
  ['ed448.test', 'secure'],
])('in %s', (zone, security) => {
  test.each([
    [`www.${zone}`, 'A', `records ${security}`],
    [`WWW.${zone.toUpperCase()}.`, 'AAAA', `records ${security}`],
    [`alias.${zone}`, 'A', `records ${security}`],
    [`alias.${zone}`, 'CNAME', `records ${security}`],
    [`any.wild.${zone}`, 'TXT', `records ${security}`],
    [`more.than.any.wild.${zone}`, 'TXT', `records ${security}`],
    [`any.wild.${zone}`, 'A', `no-data ${security}`],
    [`www.${zone}`, 'TXT', `no-data ${security}`],
    [`empty.${zone}`, 'A', `no-data ${security}`],
    [`nobody.${zone}`, 'A', `no-name ${security}`],
    [`below.nobody.${zone}`, 'A', `no-name ${security}`],
    ['.', 'NS', 'records secure'],
    ['.', 'DS', 'no-data secure'],
    [zone, 'DS', security === 'secure' ? 'records secure' : 'no-data secure'],
    [zone, 'DNSKEY', security === 'secure' ? 'records secure' : 'no-data insecure'],
    [`_25._tcp.mail.${zone}`, 'TLSA', `records ${security}`],
  ] as const)('%s %s is %s', async (name, type, expected) => {
    expect(short(await resolver.ask(name, type))).toBe(expected)
  })
})

test.each([
  ['sub.optout.test', 'A', 'insecure'],
  ['nobody.optout.test', 'A', 'insecure'],
  ['any.wild.optout.test', 'A', 'insecure'],
  ['www.optout.test', 'A', 'secure'],
  ['www.rounds.test', 'A', 'secure'],
  ['nobody.rounds.test', 'A', 'insecure'],
  ['any.wild.rounds.test', 'TXT', 'insecure'],
] as const)('what a zone does not vouch for is not secure: %s %s', async (name, type, expected) => {
  expect(await resolver.ask(name, type)).toMatchObject({ security: expected })
})

test.each([
  ['www.moved.test', 'A', { kind: 'records', security: 'secure', canonicalName: 'www.plain.test' }],
  ['moved.test', 'TXT', { kind: 'records', security: 'secure', canonicalName: 'moved.test' }],
  ['www.across.test', 'A', { kind: 'records', security: 'insecure', canonicalName: 'www.unsigned.test' }],
  ['gone.across.test', 'A', { kind: 'no-name', security: 'secure', canonicalName: 'no.plain.test' }],
] as const)(
  'an answer is worth as much as the weakest alias on the way: %s %s',
  async (name, type, expected) => {
    expect(await resolver.ask(name, type)).toMatchObject(expected)
  },
)

test('records are taken apart, and cross a process boundary', async () => {
  const far = throughWire(resolver)
  const deadlineMs = net.clock.now() + 10_000
  expect(await far.resolve({ name: 'plain.test', type: 'MX', deadlineMs })).toEqual({
    kind: 'records',
    records: [{ type: 'MX', preference: 10, exchange: 'mail.plain.test' }],
    security: 'secure',
    why: [],
    ttl: 300,
    canonicalName: 'plain.test',
  })
  expect(await far.resolve({ name: 'x.wild.plain.test', type: 'TXT', deadlineMs })).toMatchObject({
    records: [{ type: 'TXT', strings: ['any', 'thing'] }],
  })
})

test('an answer explains itself from the anchor down, with who was asked', async () => {
  const fresh = await net.resolver()
  const question = { name: 'alias.plain.test', type: 'A', deadlineMs: net.clock.now() + 10_000 } as const
  const explained = await fresh.explain(question)
  expect(explained.chain.map(({ zone, state }) => `${zone} ${state}`)).toEqual([
    '. anchor',
    'test secure',
    'plain.test secure',
  ])
  expect(explained.steps.map(({ name, found, signer }) => [name, found, signer])).toEqual([
    ['alias.plain.test', 'alias', 'plain.test'],
    ['www.plain.test', 'records', 'plain.test'],
  ])
  expect(explained.asked.map(({ zone, name, type, said }) => `${zone}: ${name} ${type} ${said}`)).toContain(
    '.: test A referral',
  )
  const again = await fresh.explain(question)
  expect(again.chain).toEqual(explained.chain)
})

test('the root hears only of the top level, and the top level only of the zone', async () => {
  const fresh = await net.resolver()
  net.fleet.asked.length = 0
  await fresh.ask('www.plain.test')
  const heard = (ip: string) => net.fleet.asked.filter((each) => each.ip === ip).map(({ name }) => name)
  expect(new Set(heard('127.53.0.1'))).toEqual(new Set(['test', '.']))
  expect(new Set(heard('127.53.0.2'))).toEqual(new Set(['plain.test', 'test']))
})

test('what is known is not asked again, and counts down', async () => {
  await resolver.ask('www.hashed.test')
  net.fleet.asked.length = 0
  await net.clock.advance(100_000)
  expect(await resolver.ask('www.hashed.test')).toMatchObject({
    kind: 'records',
    ttl: expect.toSatisfy((ttl: number) => ttl <= 200),
  })
  expect(net.fleet.asked).toEqual([])
})
