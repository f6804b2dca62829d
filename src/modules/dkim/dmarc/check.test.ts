import { describe, expect, test } from 'vitest'
import { createFakeClock } from '../../../../test/support/fakes/clock.ts'
import { createFakeDnsResolver } from '../../../../test/support/fakes/dns-resolver.ts'
import { createFakeLog } from '../../../../test/support/fakes/runtime.ts'
import { type DomainName, parseDomain } from '../../../lib/address.ts'
import { Lookups } from '../lookups.ts'
import { Network } from '../network.ts'
import { checkDmarc, type Identities } from './check.ts'
import { readDmarcRecord } from './record.ts'

const clock = createFakeClock()
const txt = (...texts: string[]) => texts.map((text) => ({ type: 'TXT', strings: [text] }) as const)

const zone = {
  '_dmarc.example.com TXT': txt('v=DMARC1; p=reject; sp=quarantine; np=none'),
  'mail.example.com A': [{ type: 'A', address: '192.0.2.1' }],
  '_dmarc.strict.com TXT': txt('v=DMARC1; p=reject; adkim=s; aspf=s'),
  '_dmarc.tries.com TXT': txt('v=DMARC1; p=reject; t=y'),
  '_dmarc.old.com TXT': txt('v=DMARC1; p=quarantine; pct=0'),
  '_dmarc.some.com TXT': txt('v=DMARC1; p=quarantine; pct=20'),
  '_dmarc.twice.com TXT': txt('v=DMARC1; p=reject', 'v=DMARC1; p=none'),
  '_dmarc.odd.com TXT': txt('v=spf1 -all', 'v=DMARC1; p=reject'),
  // A registry, with an organisation below it that has nothing.
  '_dmarc.bank TXT': txt('v=DMARC1; p=reject; psd=y; np=reject'),
  '_dmarc.big.bank TXT': txt('v=DMARC1; p=none'),
  // A part of a company that is an organisation by itself.
  '_dmarc.corp.net TXT': txt('v=DMARC1; p=reject'),
  '_dmarc.unit.corp.net TXT': txt('v=DMARC1; p=quarantine; psd=n'),
  '_dmarc.xn--mller-kva.com TXT': txt('v=DMARC1; p=reject'),
  '_dmarc.deaf.com TXT': { kind: 'later', reason: 'unreachable', text: '', why: [] },
  '_dmarc.e.f.g.h.i.j.deep.com TXT': txt('v=DMARC1; p=reject'),
  '_dmarc.deep.com TXT': txt('v=DMARC1; p=quarantine'),
} as const

const name = (text: string): DomainName => parseDomain(text) ?? never()
function never(): never {
  throw new Error('no domain')
}

const nobody: Identities = { spf: undefined, dkim: [], unknownSpf: undefined, unknownDkim: [] }

async function check(authors: readonly string[] | undefined, proven: Partial<Identities>) {
  const resolver = createFakeDnsResolver(zone)
  const lookups = new Lookups(new Network(resolver, { clock, log: createFakeLog() }), clock)
  const verdict = await checkDmarc(authors?.map(name), { ...nobody, ...proven }, lookups)
  return { ...verdict, asked: resolver.asked }
}

/** `result policy`. */
async function said(author: string, proven: Partial<Identities> = {}): Promise<string> {
  const { result, policy } = await check([author], proven)
  return `${result} ${policy}`
}

describe('whose record counts', () => {
  test.each([
    ['example.com', 'fail reject'],
    ['mail.example.com', 'fail quarantine'],
    ['gone.example.com', 'fail none'],
    ['nothing.org', 'none none'],
    ['twice.com', 'none none'],
    ['odd.com', 'fail reject'],
    ['small.bank', 'fail reject'],
    ['big.bank', 'fail none'],
    ['x.big.bank', 'fail none'],
    ['x.unit.corp.net', 'fail quarantine'],
    ['müller.com', 'fail reject'],
    ['deaf.com', 'temperror none'],
    ['x.deaf.com', 'temperror none'],
    ['tries.com', 'fail quarantine'],
    ['old.com', 'fail none'],
    ['some.com', 'fail quarantine'],
  ])('%s: %s', async (author, expected) => {
    expect(await said(author)).toBe(expected)
  })

  test('of a name with many labels seven are asked, and itself', async () => {
    const { asked, policy } = await check(['a.b.c.d.e.f.g.h.i.j.deep.com'], {})
    expect(asked).toEqual([
      '_dmarc.a.b.c.d.e.f.g.h.i.j.deep.com TXT',
      ...[
        'f.g.h.i.j.deep.com',
        'g.h.i.j.deep.com',
        'h.i.j.deep.com',
        'i.j.deep.com',
        'j.deep.com',
        'deep.com',
        'com',
      ].map((each) => `_dmarc.${each} TXT`),
    ])
    expect(policy).toBe('quarantine')
  })
})

describe('who speaks for the author', () => {
  test.each<[string, Partial<Identities>, string]>([
    ['example.com', { spf: 'example.com' }, 'pass'],
    ['example.com', { dkim: ['example.com'] }, 'pass'],
    ['example.com', { dkim: ['else.org', 'news.example.com'] }, 'pass'],
    ['mail.example.com', { spf: 'example.com' }, 'pass'],
    ['example.com', { spf: 'example.org', dkim: ['notexample.com'] }, 'fail'],
    ['example.com', { spf: 'EXAMPLE.COM' }, 'pass'],
    ['strict.com', { spf: 'mail.strict.com', dkim: ['mail.strict.com'] }, 'fail'],
    ['strict.com', { dkim: ['strict.com'] }, 'pass'],
    // Two customers of one registry are not one organisation.
    ['big.bank', { spf: 'small.bank' }, 'fail'],
    ['unit.corp.net', { spf: 'corp.net' }, 'fail'],
    ['x.unit.corp.net', { spf: 'y.unit.corp.net' }, 'pass'],
    // Nobody knows what it would have been.
    ['example.com', { unknownSpf: 'example.com' }, 'temperror'],
    ['example.com', { unknownDkim: ['else.org'] }, 'fail'],
    ['xn--mller-kva.com', { dkim: ['müller.com'] }, 'pass'],
  ])('%s with %j: %s', async (author, proven, expected) => {
    expect((await check([author], proven)).result).toBe(expected)
  })

  test('of two authors the one that fares worse counts', async () => {
    expect(await check(['example.com', 'corp.net'], { spf: 'example.com' })).toMatchObject({
      result: 'fail',
      author: 'corp.net',
    })
  })

  test('nobody can speak for no author, or for a crowd', async () => {
    expect(await check(undefined, { spf: 'example.com' })).toMatchObject({ result: 'permerror' })
    expect(await check(['a.com', 'b.com', 'c.com', 'd.com'], {})).toMatchObject({ result: 'permerror' })
  })
})

test.each([
  ['v=DMARC1; p=reject', 'reject reject reject'],
  ['v=DMARC1;p=none;sp=reject;np=quarantine', 'none reject quarantine'],
  ['v=DMARC1; p=quarantine; rua=mailto:a@b.org', 'quarantine quarantine quarantine'],
  ['v = DMARC1 ; p = NONE ;', 'none none none'],
  ['v=DMARC1; rua=mailto:a@b.org', 'none none none'],
  ['v=DMARC1; p=refuse; rua=mailto:a@b.org', 'none none none'],
  ['v=DMARC1; p=reject; sp=refuse; rua=mailto:a@b.org', 'none none none'],
  ['v=DMARC1', undefined],
  ['v=DMARC1; p=refuse', undefined],
  ['p=reject; v=DMARC1', undefined],
  ['v=DMARC2; p=reject', undefined],
  ['v=DMARC1x; p=reject', undefined],
  ['v=DMARC1; p=reject; p=none', undefined],
])('%j is read as %j', (text, expected) => {
  const record = readDmarcRecord(text)
  expect(record && `${record.policy} ${record.subdomainPolicy} ${record.absentPolicy}`).toBe(expected)
})
