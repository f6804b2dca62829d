import { expect, test } from 'vitest'
import { createFakeClock } from '../../../test/support/fakes/clock.ts'
import { createFakeDnsResolver } from '../../../test/support/fakes/dns-resolver.ts'
import { scanHeader } from '../../lib/mime/header.ts'
import { checkBimi } from './bimi.ts'
import { Lookups } from './lookups.ts'
import { readSignature } from './signature/field.ts'

const text = (...strings: string[]) => strings.map((each) => ({ type: 'TXT' as const, strings: [each] }))
type Zone = Parameters<typeof createFakeDnsResolver>[0]

interface Case {
  readonly zone: Zone
  readonly author?: string
  readonly header?: string
  /** h= of a signature that passes. */
  readonly signed?: string
  readonly policy?: 'none' | 'quarantine' | 'reject'
  readonly subdomainPolicy?: 'none' | 'reject'
  readonly result?: 'pass' | 'fail'
}

async function said({
  zone,
  author = 'far.test',
  header = '',
  signed = 'from',
  ...dmarc
}: Case): Promise<unknown> {
  const resolver = createFakeDnsResolver({ '_dmarc.far.test TXT': text('v=DMARC1; p=reject'), ...zone })
  const asks = {
    patienceMs: () => 1000,
    resolve: (name: string, type: 'TXT', deadlineMs: number) => resolver.resolve({ name, type, deadlineMs }),
  }
  const lookups = new Lookups(asks as ConstructorParameters<typeof Lookups>[0], createFakeClock())
  const { policy = 'reject', subdomainPolicy = 'reject', result = 'pass' } = dmarc
  const published = {
    policy,
    subdomainPolicy,
    absentPolicy: policy,
    strictDkim: false,
    strictSpf: false,
    testing: false,
    wantsReports: false,
  }
  const value = `v=1; a=rsa-sha256; d=far.test; s=k; h=${signed}; b=YQ==; bh=${'A'.repeat(43)}=`
  const found = await checkBimi(
    {
      header: scanHeader(`From: a@${author}\r\n${header}\r\n`),
      dmarc: {
        result,
        policy,
        author,
        policyDomain: 'far.test',
        why: '',
        evaluated: { dkim: true, spf: false, published },
      },
      signatures: [{ raw: '', read: readSignature(value, 'dkim') }],
    },
    lookups,
  )
  if (!found) return resolver.asked.length === 0 ? 'not asked' : 'asked for nothing'
  return [found.result, found.selector, found.domain, found.indicator, found.evidence]
    .filter(Boolean)
    .join(' ')
}

const svg = 'https://far.test/a.svg'
const pem = 'https://far.test/a.pem'
const record = (tags: string) => ({ 'default._bimi.far.test TXT': text(tags) })

test.each<[Case, string]>([
  [{ zone: record(`v=BIMI1; l=${svg}; a=${pem}`) }, `pass default far.test ${svg} ${pem}`],
  [{ zone: record(`v=BIMI1; l=${svg}; a=`) }, `pass default far.test ${svg}`],
  [{ zone: record('v=BIMI1; l=; a=;') }, 'declined default far.test'],
  [{ zone: record('v=BIMI1; l=http://far.test/a.svg') }, 'fail default far.test'],
  [{ zone: record('v=BIMI1; l=javascript:alert(1)') }, 'fail default far.test'],
  [{ zone: record('v=BIMI1; l=x; l=y') }, 'fail default far.test'],
  [{ zone: record('v=BIMI2; l=x') }, 'none default far.test'],
  [{ zone: {} }, 'none default far.test'],
  [
    { zone: { 'default._bimi.far.test TXT': text(`v=BIMI1; l=${svg}`, `v=BIMI1; l=${svg}`) } },
    'fail default far.test',
  ],
  [
    { zone: { 'default._bimi.far.test TXT': { kind: 'later', reason: 'unreachable', text: '', why: [] } } },
    'temperror default far.test',
  ],
  // The organisation's, where the author's domain has none.
  [{ zone: record(`v=BIMI1; l=${svg}`), author: 'news.far.test' }, `pass default far.test ${svg}`],
  // Another picture, if the one who signs says so.
  [
    {
      zone: { 'brand._bimi.far.test TXT': text(`v=BIMI1; l=${svg}`) },
      header: 'BIMI-Selector: v=BIMI1; s=Brand\r\n',
      signed: 'from:BIMI-Selector',
    },
    `pass brand far.test ${svg}`,
  ],
  [
    { zone: record(`v=BIMI1; l=${svg}`), header: 'BIMI-Selector: v=BIMI1; s=brand\r\n' },
    `pass default far.test ${svg}`,
  ],
  [
    {
      zone: record(`v=BIMI1; l=${svg}`),
      header: 'BIMI-Selector: v=BIMI1; s=../x\r\n',
      signed: 'from:bimi-selector',
    },
    `pass default far.test ${svg}`,
  ],
  // Who does not stand for his mail is not asked.
  [{ zone: record(`v=BIMI1; l=${svg}`), result: 'fail' }, 'not asked'],
  [{ zone: record(`v=BIMI1; l=${svg}`), policy: 'none' }, 'not asked'],
  [{ zone: record(`v=BIMI1; l=${svg}`), subdomainPolicy: 'none' }, 'not asked'],
])('%j: %s', async (one, expected) => {
  expect(await said(one)).toBe(expected)
})
