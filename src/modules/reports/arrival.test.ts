import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { arrivalOf } from '../../../test/support/arrival.ts'
import { createFakeClock } from '../../../test/support/fakes/clock.ts'
import { createFakeMessageBytes } from '../../../test/support/fakes/message-bytes.ts'
import { createFakeLog, type LoggedEvent, silentMeter } from '../../../test/support/fakes/runtime.ts'
import { sealedMessage } from '../../../test/support/sealed-message.ts'
import { throughWire } from '../../../test/support/through-wire.ts'
import { type Address, parseAddress, parseDomain } from '../../lib/address.ts'
import { createSqliteWriter } from '../../platform/sqlite/writer.ts'
import type { Arrival } from '../../ports/intake.ts'
import type { AuthChecks } from '../../ports/mail-authentication.ts'
import { createReports } from './index.ts'
import { dmarcXml } from './sending/dmarc-xml.ts'

function address(text: string): Address {
  const found = parseAddress(text)
  if (!found) throw new Error(text)
  return found
}

async function open() {
  const dataDir = mkdtempSync(join(tmpdir(), 'homepost-reports-'))
  const events: LoggedEvent[] = []
  const writer = createSqliteWriter({ log: createFakeLog() })
  const made = createReports({
    dataDir,
    writer,
    counts: false,
    bytes: createFakeMessageBytes(),
    domains: { list: async () => [parseDomain('home.test')].filter((name) => name !== undefined) },
    addresses: [address('dmarc@home.test'), address('postmaster@home.test')],
    clock: createFakeClock(),
    log: createFakeLog(events),
    meter: silentMeter,
  })
  await made.service.start()
  onTestFinished(async () => {
    await made.service.drain()
    await made.service.stop()
    await writer.stop()
    rmSync(dataDir, { recursive: true })
  })
  const outcomes = () =>
    events
      .filter(({ event }) => event === 'reports.received')
      .map(({ fields }) => String(fields?.['outcome']))
  // As they would cross to another process.
  return { witness: throughWire(made.witness), reports: throughWire(made.reports), outcomes, events }
}

interface Facts {
  readonly to?: string
  readonly origin?: Arrival['origin']
}

function arrival(
  text: string,
  { to = 'dmarc@home.test', origin = { kind: 'arrived' } }: Facts = {},
): Arrival {
  return arrivalOf(sealedMessage(text), {
    origin,
    recipients: [{ address: address(to), notify: undefined, originalRecipient: undefined }],
    client: { ip: '192.0.2.9', helo: 'x', tls: false },
  })
}

type Proof = 'dmarc' | 'dkim' | 'spf' | 'spf of helo' | 'nothing' | 'broken'

function checks(proof: Proof): AuthChecks {
  const passes = (is: boolean) => (is ? 'pass' : 'fail')
  const dmarc = ({ dmarc: 'pass', broken: 'fail' } as const)[proof === 'dmarc' ? 'dmarc' : 'broken']
  const hasRecord = proof === 'dmarc' || proof === 'broken'
  const signs = proof === 'dmarc' || proof === 'dkim' || proof === 'broken'
  return {
    spf: {
      result: passes(proof.startsWith('spf')),
      identity: proof === 'spf of helo' ? 'helo' : 'mailfrom',
      domain: 'bounces.far.test',
      why: '',
      explanation: '',
    },
    dkim: [{ result: passes(signs), domain: 'mail.far.test', selector: 's', algorithm: '', why: '' }],
    dmarc: {
      result: hasRecord ? dmarc : 'none',
      policy: 'none',
      author: 'far.test',
      policyDomain: 'far.test',
      why: '',
    },
    arc: { result: 'none', sealers: [], why: '' },
    iprev: { result: 'permerror', name: '' },
  }
}

function mailWith(type: string, name: string, octets: Buffer): string {
  const body = octets.toString('base64').replace(/.{76}/g, '$&\r\n')
  return [
    'From: r@far.test',
    'Subject: Report Domain: home.test',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'Here.',
    '--b',
    `Content-Type: ${type}`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment; filename="${name}"`,
    '',
    body,
    '--b--',
    '',
  ].join('\r\n')
}

const dmarc = (domain = 'home.test', id = '1') =>
  mailWith(
    'application/gzip',
    'far.test!home.test!1!2.xml.gz',
    gzipSync(
      dmarcXml(
        {
          org: 'Far',
          email: 'r@far.test',
          reportId: id,
          begin: 1_768_435_200,
          end: 1_768_521_599,
          errors: [],
          domain,
          policy: { p: 'none', sp: '', np: '', adkim: '', aspf: '', testing: '' },
          rows: [],
        },
        'x',
      ),
    ),
  )

const tls = mailWith(
  'application/tlsrpt+gzip',
  'x.json.gz',
  gzipSync(
    JSON.stringify({
      'organization-name': 'Far',
      'date-range': { 'end-datetime': '2026-01-15T23:59:59Z' },
      'report-id': 't',
      policies: [
        {
          policy: { 'policy-type': 'sts', 'policy-domain': 'home.test' },
          summary: { 'total-successful-session-count': 4, 'total-failure-session-count': 1 },
          'failure-details': [
            {
              'result-type': 'certificate-expired',
              'receiving-mx-hostname': 'mail.home.test',
              'failed-session-count': 1,
            },
          ],
        },
        { policy: { 'policy-domain': 'other.test' }, summary: {} },
      ],
    }),
  ),
)

test.each<[string, string, Proof, Facts, string[]]>([
  ['proven by DMARC', dmarc(), 'dmarc', {}, ['kept']],
  ['signed, from a domain without DMARC', dmarc(), 'dkim', {}, ['kept']],
  ['vouched for by SPF', dmarc(), 'spf', {}, ['kept']],
  ['vouched for by the name in HELO, which is nobody', dmarc(), 'spf of helo', {}, ['unproven']],
  ['of nobody', dmarc(), 'nothing', {}, ['unproven']],
  ['signed by another than the author, who has DMARC', dmarc(), 'broken', {}, ['unproven']],
  ['on a domain that is not ours', dmarc('other.test'), 'dmarc', {}, ['foreign']],
  ['on a name below a domain of ours', dmarc('news.home.test'), 'dmarc', {}, ['kept']],
  ['on a name that only ends like ours', dmarc('nothome.test'), 'dmarc', {}, ['foreign']],
  ['to somebody else', dmarc(), 'dmarc', { to: 'ann@home.test' }, []],
  ['from one of our own people', dmarc(), 'dmarc', { origin: { kind: 'trusted' } }, []],
  ['on encryption, signed', tls, 'dkim', { to: 'postmaster@home.test' }, ['kept']],
  ['on encryption, not signed', tls, 'spf', { to: 'postmaster@home.test' }, ['unproven']],
  ['that is none', mailWith('application/gzip', 'x.gz', gzipSync('hello')), 'dmarc', {}, ['unreadable']],
  ['that is a letter', 'From: x\r\n\r\nHello\r\n', 'dmarc', {}, []],
])('a report %s', async (_, text, proof, facts, expected) => {
  const { witness, outcomes } = await open()
  expect(await witness.read(arrival(text, facts), checks(proof))).toBe(expected[0] === 'kept')
  expect(outcomes()).toEqual(expected)
})

test('what nobody checked proves nothing', async () => {
  const { witness, outcomes } = await open()
  expect(await witness.read(arrival(dmarc()), undefined)).toBe(false)
  expect(outcomes()).toEqual(['unproven'])
})

test('the same report again changes nothing; another with its id from somebody else is another', async () => {
  const { witness, outcomes, reports } = await open()
  await Promise.all([1, 2, 3].map(() => witness.read(arrival(dmarc()), checks('dmarc'))))
  await witness.read(arrival(dmarc()), checks('dkim'))
  expect(outcomes()).toEqual(['kept', 'known', 'known', 'kept'])
  expect(await reports.dmarc({ domain: undefined, since: 0 })).toMatchObject([
    {
      domain: 'home.test',
      reporters: [
        { domain: 'far.test', name: 'Far', reports: 1 },
        { domain: 'mail.far.test', name: 'Far', reports: 1 },
      ],
    },
  ])
})

test('what is said of encryption is summed up', async () => {
  const { witness, reports } = await open()
  await witness.read(arrival(tls), checks('dkim'))
  expect(await reports.tls({ domain: undefined, since: 0 })).toEqual([
    {
      domain: 'home.test',
      days: [{ day: '2026-01-15', count: 5, failed: 1 }],
      reporters: [{ domain: 'mail.far.test', name: 'Far', reports: 1 }],
      sessions: 5,
      failed: 1,
      policies: ['sts'],
      failures: [
        {
          type: 'certificate-expired',
          host: 'mail.home.test',
          sessions: 1,
          text: '',
          reporters: ['mail.far.test'],
        },
      ],
      next: [{ kind: 'failure', type: 'certificate-expired', host: 'mail.home.test' }],
    },
  ])
})

test('a domain of which nobody has said anything has an answer, too', async () => {
  const { reports } = await open()
  const domain = parseDomain('home.test')
  expect(await reports.dmarc({ domain, since: 0 })).toMatchObject([
    { domain: 'home.test', messages: 0, next: [{ kind: 'ask-for-reports' }] },
  ])
})
