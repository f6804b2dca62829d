import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { createFakeDnsResolver } from '../../../test/support/fakes/dns-resolver.ts'
import type { DomainName } from '../../lib/address.ts'
import type { StagedKey } from '../../ports/dkim-keys.ts'
import { checkRecords } from './check-records.ts'
import { type DomainFacts, publishedRecords } from './published-records.ts'

const domain = 'example.org' as DomainName
const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const key = (selector: string, stage: StagedKey['stage']): StagedKey => ({
  domain,
  selector,
  pem,
  stage,
  since: 0,
})

const server: DomainFacts['server'] = {
  hostname: 'mail.home.test',
  mainDomain: 'home.test' as DomainName,
  postmaster: 'postmaster@home.test',
  aggregateReports: undefined,
  failureReports: undefined,
  ports: new Set([465, 993]),
  encrypted: true,
  stsPolicy: undefined,
  letsEncrypt: false,
  certificates: [],
}

/** `name TYPE value`. */
function lines(facts: Partial<DomainFacts>, of: Partial<DomainFacts['server']> = {}): string[] {
  const all = { domain, isAlternative: false, keys: [], ...facts, server: { ...server, ...of } }
  return publishedRecords(all).map(({ name, type, value }) => `${name} ${type} ${value}`)
}

test('without a key there is no policy that would have forwarded mail refused', () => {
  expect(lines({}).filter((line) => line.includes('DMARC'))).toEqual([])
})

test('every key is published, whether it signs, will sign or signed', () => {
  const keys = [key('new', 'next'), key('now', 'signing'), key('old', 'retired')]
  expect(
    lines({ keys })
      .filter((line) => line.includes('_domainkey'))
      .map((line) => line.split('.')[0]),
  ).toEqual(['new', 'now', 'old'])
})

test('who gets reports on another domain says that he wants them', () => {
  const policy = lines(
    { keys: [key('dkim', 'signing')] },
    { aggregateReports: 'dmarc', failureReports: 'ruf' },
  )
  expect(policy).toContain(
    '_dmarc.example.org TXT "v=DMARC1; p=reject; rua=mailto:dmarc@home.test; ruf=mailto:ruf@home.test; adkim=s; aspf=s"',
  )
  expect(policy).toContain('example.org._report._dmarc.home.test TXT "v=DMARC1;"')
})

test('mail programs find what is open, and hear what is not', () => {
  const found = lines({})
  expect(found).toContain('_imaps._tcp.example.org SRV 10 1 993 mail.home.test.')
  expect(found).toContain('_pop3s._tcp.example.org SRV 0 0 0 .')
  expect(found).toContain('_autodiscover._tcp.example.org SRV 0 0 0 .')
  expect(found).toContain('autoconfig.example.org CNAME mail.home.test.')
  expect(found).toContain('autodiscover.example.org CNAME mail.home.test.')
  expect(lines({ isAlternative: true }).filter((line) => line.includes('SRV'))).toEqual([])
})

test('with Let’s Encrypt its roots are published, and that nobody else may issue', () => {
  const found = lines({}, { letsEncrypt: true })
  expect(found.filter((line) => line.startsWith('_25._tcp.mail.home.test TLSA 2 1 1 '))).toHaveLength(2)
  expect(found).toContain('mail.home.test CAA 0 issue "letsencrypt.org"')
})

test('a policy for those who send here has a record and a name of its own', () => {
  const found = lines({}, { stsPolicy: { mode: 'testing', mx: ['mail.home.test'] } })
  expect(found).toContainEqual(
    expect.stringMatching(/^_mta-sts\.example\.org TXT "v=STSv1; id=[a-z0-9]{20};"$/),
  )
  expect(found).toContain('mta-sts.example.org CNAME mail.home.test.')
})

test('without encryption nothing is said of it', () => {
  expect(lines({}, { encrypted: false }).join('\n')).not.toMatch(/TLS/)
})

test.each([
  ['as it is', ['v=spf1 mx a:mail.home.test ~all'], 'published', 0],
  ['cut in two', [['v=spf1 mx ', 'a:mail.home.test ~all']], 'published', 0],
  ['beside another text', ['google-site-verification=x', 'v=spf1 mx a:mail.home.test ~all'], 'published', 0],
  ['twice, and once wrong', ['v=spf1 -all', 'v=spf1 mx a:mail.home.test ~all'], 'published', 1],
  ['as somebody else wants it', ['v=spf1 -all'], 'other', 1],
  ['not at all', ['google-site-verification=x'], 'missing', 0],
] as const)('a record that is there %s', async (_, texts, state, others) => {
  const dns = createFakeDnsResolver({
    'example.org TXT': texts.map((text) => ({ type: 'TXT', strings: [text].flat() })),
  })
  const [, spf] = publishedRecords({ domain, isAlternative: false, keys: [], server })
  const [checked] = await checkRecords(spf ? [spf] : [], dns)
  expect([checked?.state, checked?.found.length]).toEqual([state, others])
})

test('where DNS does not answer, or lies, nothing is said of the record but that', async () => {
  const dns = createFakeDnsResolver({
    'example.org MX': { kind: 'bogus', security: 'bogus', why: [{ code: 6, text: 'A signature is wrong.' }] },
  })
  const [mx] = publishedRecords({ domain, isAlternative: false, keys: [], server })
  expect(await checkRecords(mx ? [mx] : [], dns)).toMatchObject([
    { state: 'unknown', found: ['A signature is wrong.'] },
  ])
})
