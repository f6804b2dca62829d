import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFakeDnsResolver } from '../../../../test/support/fakes/dns-resolver.ts'
import { createFakeLog, type LoggedEvent } from '../../../../test/support/fakes/runtime.ts'
import { account, delivery, startStore, type TestStore } from '../../../../test/support/store.ts'
import { parseAddress } from '../../../lib/address.ts'
import type { DnsOutcome } from '../../../ports/dns-resolver.ts'
import { reportAddresses } from './report.ts'
import { TlsReporter } from './reporter.ts'
import { TlsResults } from './results.ts'

const day = 86_400_000
const postmaster = parseAddress('postmaster@home.test')
let at: TestStore
let events: LoggedEvent[]

beforeEach(async () => {
  at = await startStore()
  await at.accounts.putAccount(account(1), { quotaBytes: 0 })
  events = []
})
afterEach(() => at.end())

const reporter = (texts: readonly string[] | DnsOutcome) => {
  if (!postmaster) throw new Error('no address')
  return new TlsReporter({
    ...at,
    dns: createFakeDnsResolver({
      '_smtp._tls.far.example TXT':
        'kind' in texts ? texts : texts.map((text) => ({ type: 'TXT', strings: [text] })),
    }),
    ownMail: {
      plan: async ({ message }) => ({
        kind: 'planned',
        delivery: delivery(message, { account: account(1) }),
      }),
    },
    families: ['ipv4'],
    trust: undefined,
    hostname: 'mail.home.test',
    contact: postmaster,
    log: createFakeLog(events),
    random: () => 0.5,
  })
}

async function connections(): Promise<void> {
  const results = new TlsResults({ ...at, log: createFakeLog() })
  const policy = { type: 'sts', policy: { mode: 'testing', maxAge: 9, mx: ['mx.far.example'] } } as const
  const about = { domain: 'far.example', policy, host: 'mx.far.example', ip: '192.0.2.1' }
  results.note({ ...about, trouble: undefined })
  results.note({ ...about, trouble: { type: 'certificate-expired', text: 'It has expired' } })
  results.note({ ...about, trouble: { type: 'certificate-expired', text: 'It has expired' } })
  await results.drain()
}

async function inbox(): Promise<string[]> {
  const mailbox = await at.store.mailbox(account(1), 'INBOX')
  if (!mailbox) return []
  const uids = (await at.store.image(account(1), mailbox.id))?.uids ?? []
  return Promise.all(
    [...uids].map(async (uid) =>
      String(Buffer.from((await at.store.bytes(account(1), mailbox.id, uid)) ?? [])),
    ),
  )
}

test('a domain hears of a day once it is over, and once', async () => {
  await connections()
  await connections()
  const reports = reporter(['v=TLSRPTv1; rua=mailto:tls@far.example'])
  await reports.report()
  expect(await inbox()).toEqual([])
  await at.clock.advance(day)
  await reports.report()
  await reports.report()
  const [text = '', ...others] = await inbox()
  expect(others).toEqual([])
  expect(text).toMatch(
    /^Subject: Report Domain: far\.example\r\n Submitter: mail\.home\.test\r\n Report-ID: <.+>\r$/m,
  )
  const [, packed = ''] = /filename=.*\r\n\r\n([A-Za-z\d+/=\r\n]+)\r\n--/.exec(text) ?? []
  expect(JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString())).toMatchObject({
    'organization-name': 'mail.home.test',
    'date-range': { 'start-datetime': '2026-01-15T00:00:00Z' },
    policies: [
      {
        policy: { 'policy-type': 'sts', 'policy-domain': 'far.example', 'mx-host': ['mx.far.example'] },
        summary: { 'total-successful-session-count': 2, 'total-failure-session-count': 4 },
        'failure-details': [
          {
            'result-type': 'certificate-expired',
            'receiving-mx-hostname': 'mx.far.example',
            'failed-session-count': 4,
          },
        ],
      },
    ],
  })
})

test('a report leaves once, though a crash brings its counts back', async () => {
  const reports = reporter(['v=TLSRPTv1; rua=mailto:tls@far.example'])
  await connections()
  const kept = await at.notes.list('tls', '', 9)
  await at.clock.advance(day)
  await reports.report()
  await at.notes.put(kept)
  await reports.report()
  expect(await inbox()).toHaveLength(1)
  expect(await at.notes.list('tls', '', 9)).toEqual([])
})

test.each<[string, readonly string[] | DnsOutcome]>([
  ['while DNS does not answer', { kind: 'later', reason: 'unreachable', text: '', why: [] }],
  ['while its server does not', ['v=TLSRPTv1; rua=https://far.example/tls']],
])('%s a domain is told again, for a day', async (_, answer) => {
  await connections()
  await at.clock.advance(day)
  await reporter(answer).report()
  expect(await at.notes.list('tls', '', 9)).toHaveLength(1)
  await reporter(['v=TLSRPTv1; rua=mailto:tls@far.example']).report()
  expect(await inbox()).toHaveLength(1)
  await connections()
  await at.clock.advance(2 * day)
  await reporter(answer).report()
  expect(await at.notes.list('tls', '', 9)).toEqual([])
})

test('what nobody can write to keeps nothing from others', async () => {
  await connections()
  await at.clock.advance(day)
  await reporter(['v=TLSRPTv1; rua=mailto:%,gopher://far.example,mailto:tls@far.example']).report()
  expect(await inbox()).toHaveLength(1)
  expect(await at.notes.list('tls', '', 9)).toEqual([])
})

test('who asks for nothing hears nothing, and nothing is kept', async () => {
  await connections()
  await at.clock.advance(day)
  await reporter(['v=spf1 -all']).report()
  expect(await inbox()).toEqual([])
  expect(await at.notes.list('tls', '', 9)).toEqual([])
})

test.each([
  [['v=TLSRPTv1; rua=mailto:a@b.test,https://b.test/tls'], ['mailto:a@b.test', 'https://b.test/tls']],
  [['v=TLSRPTv1;rua=mailto:a@b.test;'], ['mailto:a@b.test']],
  [['v=TLSRPTv1; rua=mailto:a@b.test', 'v=TLSRPTv1; rua=mailto:c@b.test'], []],
  [['v=TLSRPTv2; rua=mailto:a@b.test'], []],
])('%j wants reports at %j', (texts, expected) => {
  expect(reportAddresses(texts)).toEqual(expected)
})
