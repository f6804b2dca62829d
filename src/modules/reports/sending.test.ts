import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { arrivalOf } from '../../../test/support/arrival.ts'
import { createFakeLog, type LoggedEvent, silentMeter } from '../../../test/support/fakes/runtime.ts'
import { sealedMessage } from '../../../test/support/sealed-message.ts'
import { account, delivery, sealed, startStore, type TestStore } from '../../../test/support/store.ts'
import { type Address, parseAddress, parseDomain } from '../../lib/address.ts'
import { createSqliteWriter, type SqliteWriter } from '../../platform/sqlite/writer.ts'
import type { ReportDestinations } from '../../ports/dmarc-reporting.ts'
import type { Arrival } from '../../ports/intake.ts'
import type { AuthChecks } from '../../ports/mail-authentication.ts'
import type { Service } from '../../ports/runtime.ts'
import { createReports } from './index.ts'
import { readDmarcXml } from './reading/dmarc-xml.ts'

const day = 86_400_000
const toAddress = (text: string): Address => {
  const address = parseAddress(text)
  if (!address) throw new Error(text)
  return address
}

let at: TestStore
let writer: SqliteWriter
let events: LoggedEvent[]
let found: ReportDestinations
let hasKey: boolean
const ends: Service[] = []

beforeEach(async () => {
  at = await startStore()
  await at.accounts.putAccount(account(1), { quotaBytes: 0 })
  writer = createSqliteWriter({ log: createFakeLog() })
  events = []
  hasKey = true
  found = { kind: 'known', to: [{ address: toAddress('r@far.example'), mostOctets: undefined }], refused: [] }
})
afterEach(async () => {
  for (const service of ends.splice(0).reverse()) {
    await service.drain()
    await service.stop()
  }
  await writer.stop()
  await at.end()
})

async function open() {
  const reports = createReports({
    dataDir: at.dataDir,
    writer,
    counts: true,
    bytes: at.bytes,
    addresses: [toAddress('dmarc@home.test')],
    domains: { list: async () => [parseDomain('home.test')].filter((name) => name !== undefined) },
    clock: at.clock,
    log: createFakeLog(events),
    meter: silentMeter,
  })
  await reports.service.start()
  ends.push(reports.service)
  const round = async () => {
    const sending = reports.sending({
      reporting: { destinations: async () => found },
      letters: {
        plan: async ({ whole, to }) => ({
          kind: 'planned',
          delivery: { ...delivery(await sealed(at.bytes, whole), { account: account(1) }), id: to },
        }),
      },
      bytes: at.bytes,
      queue: at.queue,
      keys: {
        signing: async (domain) => (hasKey ? [{ domain, selector: 'dkim', pem: '' }] : []),
      },
      organization: 'Höme & <Co>',
      postmaster: toAddress('postmaster@home.test'),
    })
    await sending.start()
    await sending.drain()
  }
  const count = async (...messages: readonly Partial<Seen>[]) => {
    for (const message of messages) reports.witness.count(...seenMessage(at.clock.now(), message), 'none')
    await reports.service.drain()
  }
  return { ...reports, round, count }
}

interface Seen {
  readonly at: number
  readonly ip: string
  readonly author: string
  readonly domain: string
  readonly passes: boolean
  readonly wantsReports: boolean
}

function seenMessage(now: number, seen: Partial<Seen>): [Arrival, AuthChecks] {
  const { ip = '192.0.2.1', domain = 'far.example', passes = false, wantsReports = true } = seen
  const { author = domain } = seen
  const published = {
    policy: 'reject',
    subdomainPolicy: 'none',
    absentPolicy: 'reject',
    strictDkim: true,
    strictSpf: false,
    testing: false,
    wantsReports,
  } as const
  const arrival: Arrival = arrivalOf(sealedMessage('From: x\r\n\r\n'), {
    sender: toAddress('ann@far.example'),
    client: { ip, helo: 'x', tls: false },
    receivedAt: seen.at ?? now,
  })
  const checks: AuthChecks = {
    spf: { result: 'softfail', identity: 'mailfrom', domain: 'far.example', why: '', explanation: '' },
    dkim: [{ result: passes ? 'pass' : 'fail', domain, selector: 's', algorithm: 'rsa-sha256', why: '' }],
    dmarc: {
      result: passes ? 'pass' : 'fail',
      policy: 'reject',
      author,
      policyDomain: domain,
      why: '',
      evaluated: { dkim: passes, spf: false, published },
    },
    arc: { result: 'none', sealers: [], why: '' },
    iprev: { result: 'permerror', name: '' },
  }
  return [arrival, checks]
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

function xmlOf(text: string): string {
  const [, packed = ''] = /filename=.*\r\n\r\n([A-Za-z\d+/=\r\n]+)\r\n--/.exec(text) ?? []
  return gunzipSync(Buffer.from(packed, 'base64')).toString()
}

test('a domain hears of a day once it is over, added up', async () => {
  const { count, round } = await open()
  await count(
    {},
    { passes: true },
    {},
    { ip: '2001:db8::1', author: 'news.far.example' },
    { wantsReports: false },
  )
  await round()
  expect(await inbox()).toEqual([])
  await at.clock.advance(2 * day)
  await round()
  const [text = '', ...others] = await inbox()
  expect(others).toEqual([])
  expect(text).toMatch(
    /^Subject: Report Domain: far\.example\r\n Submitter: home\.test\r\n Report-ID: <[\da-f]{32}@home\.test>\r$/m,
  )
  expect(text).toContain('filename="home.test!far.example!1768435200!1768521599.xml.gz"')
  expect(text).toMatch(/^From: =\?.+ <postmaster@home\.test>\r$/m)
  const report = await readDmarcXml(xmlOf(text))
  expect(report).toMatchObject({
    org: 'Höme & <Co>',
    domain: 'far.example',
    begin: 1_768_435_200,
    policy: { p: 'reject', sp: 'none', np: 'reject', adkim: 's', aspf: 'r', testing: 'n' },
  })
  expect(
    report.rows.map(({ ip, count: messages, disposition, dkim, headerFrom, reason }) =>
      [ip, messages, disposition, dkim, headerFrom, reason].join(' '),
    ),
  ).toEqual([
    '192.0.2.1 2 none false far.example local_policy',
    '192.0.2.1 1 pass true far.example ',
    '2001:db8::1 1 none false news.far.example local_policy',
  ])
})

test('a report leaves once, though a crash brings its counts back', async () => {
  const { count, round } = await open()
  await count({})
  await at.clock.advance(2 * day)
  await round()
  // As if what was sent had not been forgotten.
  await count({ at: at.clock.now() - 2 * day })
  await round()
  expect(await inbox()).toHaveLength(1)
})

test('a restart loses no counts', async () => {
  const first = await open()
  await first.count({})
  ends.splice(0)
  await first.service.drain()
  await first.service.stop()
  await at.clock.advance(2 * day)
  const { round } = await open()
  await round()
  expect(await inbox()).toHaveLength(1)
})

test('while DNS does not answer a report waits, and not for ever', async () => {
  const { count, round } = await open()
  await count({})
  found = { kind: 'later' }
  await at.clock.advance(2 * day)
  await round()
  await at.clock.advance(4 * day)
  await round()
  found = { kind: 'known', to: [{ address: toAddress('r@far.example'), mostOctets: undefined }], refused: [] }
  await round()
  expect(await inbox()).toEqual([])
})

test('who wants less than there is gets nothing, who wants nothing as well', async () => {
  const { count, round } = await open()
  await count({})
  found = {
    kind: 'known',
    to: [
      { address: toAddress('small@far.example'), mostOctets: 10 },
      { address: toAddress('large@far.example'), mostOctets: 100_000 },
    ],
    refused: [{ address: 'mailto:x@else.org', why: 'unasked' }],
  }
  await at.clock.advance(2 * day)
  await round()
  const texts = await inbox()
  expect(texts.map((text) => /^To: .*$/m.exec(text)?.[0])).toEqual(['To: <large@far.example>'])
})

test('without a key of our own nothing is sent, and it is said why', async () => {
  const { count, round } = await open()
  await count({})
  hasKey = false
  await at.clock.advance(2 * day)
  await round()
  expect(await inbox()).toEqual([])
  expect(events.map(({ event }) => event)).toContain('dmarc.reports-wait')
  hasKey = true
  await round()
  expect(await inbox()).toHaveLength(1)
})

test('what is in our own name is told ourselves without mail', async () => {
  const { count, round, reports } = await open()
  await count({ domain: 'home.test' })
  await at.clock.advance(2 * day)
  await round()
  expect(await reports.dmarc({ domain: undefined, since: 0 })).toMatchObject([
    { domain: 'home.test', messages: 1, passed: 0, reporters: [{ domain: 'home.test', reports: 1 }] },
  ])
})

test('a flood of addresses is counted to a bound, and the rest is said', async () => {
  const { count, round } = await open()
  await count(...Array.from({ length: 1200 }, (_, number) => ({ ip: `10.0.${number >> 8}.${number & 255}` })))
  await at.clock.advance(2 * day)
  await round()
  const [text = ''] = await inbox()
  const { rows, errors } = await readDmarcXml(xmlOf(text))
  expect(rows).toHaveLength(1000)
  expect(errors).toEqual(['200 more messages are not in this report'])
})
