import { describe, expect, test } from 'vitest'
import { type DomainName, parseDomain } from '../../src/lib/address.ts'
import { checkDmarc } from '../../src/modules/dkim/dmarc/check.ts'
import { readDmarcRecord } from '../../src/modules/dkim/dmarc/record.ts'
import { createDmarcReporting } from '../../src/modules/dkim/index.ts'
import { Lookups } from '../../src/modules/dkim/lookups.ts'
import { createFakeClock } from '../support/fakes/clock.ts'
import { createFakeDnsResolver } from '../support/fakes/dns-resolver.ts'

/*
 * Every example of RFC 9989 appendix B that has an outcome. Not here: B.2.2's failure reports, which are never sent
 * (docs/reports.md), and B.5, which is a story.
 */

const clock = createFakeClock()
const text = (...strings: string[]) => strings.map((each) => ({ type: 'TXT' as const, strings: [each] }))
type Zone = Readonly<Record<string, ReturnType<typeof text>>>

function domain(name: string): DomainName {
  const parsed = parseDomain(name)
  if (!parsed) throw new Error(name)
  return parsed
}

async function check(zone: Zone, from: string, proven: { spf?: string; dkim?: string }) {
  const resolver = createFakeDnsResolver(zone)
  const asks = {
    patienceMs: () => 1000,
    resolve: (name: string, type: 'TXT', deadlineMs: number) => resolver.resolve({ name, type, deadlineMs }),
  }
  const identities = {
    spf: proven.spf,
    dkim: proven.dkim === undefined ? [] : [proven.dkim],
    unknownSpf: undefined,
    unknownDkim: [],
  }
  const verdict = await checkDmarc(
    [domain(from)],
    identities,
    new Lookups(asks as ConstructorParameters<typeof Lookups>[0], clock),
  )
  return { verdict, asked: resolver.asked }
}

describe('B.1 identifiers in alignment', () => {
  const relaxed = { '_dmarc.example.com TXT': text('v=DMARC1; p=reject') }
  const strict = { '_dmarc.example.com TXT': text('v=DMARC1; p=reject; adkim=s; aspf=s') }
  test.each([
    ['B.1.1 example 1', strict, 'example.com', { spf: 'example.com' }, 'pass'],
    ['B.1.1 example 2', relaxed, 'example.com', { spf: 'child.example.com' }, 'pass'],
    ['B.1.1 example 2, strict', strict, 'example.com', { spf: 'child.example.com' }, 'fail'],
    ['B.1.1 example 3', relaxed, 'child.example.com', { spf: 'example.net' }, 'fail'],
    ['B.1.2 example 1', strict, 'example.com', { dkim: 'example.com' }, 'pass'],
    ['B.1.2 example 2', relaxed, 'child.example.com', { dkim: 'example.com' }, 'pass'],
    ['B.1.2 example 2, strict', strict, 'child.example.com', { dkim: 'example.com' }, 'fail'],
    ['B.1.2 example 3', relaxed, 'child.example.com', { dkim: 'example.net' }, 'fail'],
  ])('%s', async (_, zone, from, proven, expected) => {
    expect((await check(zone, from, proven)).verdict.result).toBe(expected)
  })
})

describe('B.2 records of a domain', () => {
  const feedback = 'mailto:dmarc-feedback@example.com'
  test.each([
    ['B.2.1', `v=DMARC1; p=none; rua=${feedback}`, 'none', false],
    ['B.2.2', `v=DMARC1; p=none; rua=${feedback}; ruf=mailto:auth-reports@example.com`, 'none', false],
    [
      'B.2.3',
      `v=DMARC1; p=none; rua=${feedback}; ruf=mailto:auth-reports@thirdparty.example.net`,
      'none',
      false,
    ],
    [
      'B.2.4',
      `v=DMARC1; p=quarantine; rua=${feedback},mailto:tld-test@thirdparty.example.net; t=y`,
      'quarantine',
      true,
    ],
    [
      'B.2.4, later',
      `v=DMARC1; p=reject; rua=${feedback},mailto:tld-test@thirdparty.example.net`,
      'reject',
      false,
    ],
  ])('%s', (_, record, policy, testing) => {
    expect(readDmarcRecord(record)).toMatchObject({ policy, testing })
    expect(readDmarcRecord(record)?.reportsTo[0]).toBe(feedback)
  })

  const reports = {
    '_dmarc.test.example.com TXT': text(
      `v=DMARC1; p=quarantine; rua=${feedback},mailto:tld-test@thirdparty.example.net; t=y`,
    ),
    '_dmarc.example.com TXT': text(`v=DMARC1; p=none; rua=${feedback}`),
  }
  test.each([
    ['B.2.4, unasked', reports, ['dmarc-feedback@example.com']],
    [
      'B.2.3 and B.2.4, with the consent of the third party',
      {
        ...reports,
        'test.example.com._report._dmarc.thirdparty.example.net TXT': text('v=DMARC1;'),
      },
      ['dmarc-feedback@example.com', 'tld-test@thirdparty.example.net'],
    ],
  ])('%s: reports go to %o', async (_, zone, expected) => {
    const reporting = createDmarcReporting({ resolver: createFakeDnsResolver(zone), clock })
    const found = await reporting.destinations(domain('test.example.com'))
    expect(found.kind === 'known' && found.to.map(({ address }) => address)).toEqual(expected)
  })

  test('what is tested is not done: the next gentler policy', async () => {
    const { verdict } = await check(reports, 'test.example.com', {})
    expect(verdict).toMatchObject({ result: 'fail', policy: 'none' })
  })
})

test('B.3.1: both speak for the author', async () => {
  const zone = {
    '_dmarc.example.com TXT': text('v=DMARC1; p=reject; aspf=r; rua=mailto:dmarc-feedback@example.com'),
  }
  const { verdict } = await check(zone, 'example.com', { spf: 'mail.example.com', dkim: 'example.com' })
  expect(verdict).toMatchObject({ result: 'pass', evaluated: { dkim: true, spf: true } })
})

describe('B.4 walks up the tree', () => {
  const simple = {
    '_dmarc.example.com TXT': text('v=DMARC1; p=reject'),
    '_dmarc.signing.example.com TXT': text('v=DMARC1; p=none'),
  }
  const proven = { spf: 'example.com', dkim: 'signing.example.com' }

  test('B.4.1', async () => {
    const { verdict, asked } = await check(simple, 'example.com', proven)
    expect(verdict).toMatchObject({
      result: 'pass',
      policyDomain: 'example.com',
      evaluated: { dkim: true, spf: true },
    })
    expect(asked).toEqual(['example.com', 'signing.example.com', 'com'].map((name) => `_dmarc.${name} TXT`))
  })

  test('B.4.2', async () => {
    const author = 'a.b.c.d.e.f.g.h.i.j.k.example.com'
    const { verdict, asked } = await check(simple, author, proven)
    expect(verdict).toMatchObject({
      result: 'pass',
      policyDomain: 'example.com',
      evaluated: { dkim: true, spf: true },
    })
    // RFC 9989 §4.10: eight questions, the author itself and what is left of it with seven labels and fewer.
    expect(asked.slice(0, 8)).toEqual(
      [
        author,
        'g.h.i.j.k.example.com',
        'h.i.j.k.example.com',
        'i.j.k.example.com',
        'j.k.example.com',
        'k.example.com',
        'example.com',
        'com',
      ].map((name) => `_dmarc.${name} TXT`),
    )
  })

  test('B.4.3: below a registry', async () => {
    const zone = {
      '_dmarc.bank.example TXT': text('v=DMARC1; p=none; psd=y'),
      '_dmarc.giant.bank.example TXT': text('v=DMARC1; p=reject'),
    }
    const { verdict } = await check(zone, 'giant.bank.example', {
      spf: 'mail.giant.bank.example',
      dkim: 'mail.mega.bank.example',
    })
    expect(verdict).toMatchObject({
      result: 'pass',
      policyDomain: 'giant.bank.example',
      evaluated: { dkim: false, spf: true },
    })
  })
})
