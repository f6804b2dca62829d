import { simpleParser } from 'mailparser'
import { expect, test } from 'vitest'
import { type Address, parseAddress } from '../../../lib/address.ts'
import { indexMessage } from '../../../lib/mime/indexer.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Attempt, OutgoingMessage, QueuedRecipient } from '../../../ports/outgoing-queue.ts'
import type { Sent } from '../client/outcome.ts'
import { type ReportFacts, writeReport } from './report.ts'
import { judge, returnsWhole } from './settle.ts'

const now = Date.UTC(2026, 0, 15, 12)
const hour = 3_600_000
const address = (text: string): Address => parseAddress(text) ?? never()

const recipient = (more: Partial<QueuedRecipient> = {}): QueuedRecipient => ({
  id: 7,
  message: 3,
  arrival: 'm1',
  destination: 'far.example' as QueuedRecipient['destination'],
  address: address('bob@far.example'),
  notify: undefined,
  originalRecipient: undefined,
  account: 1 as AccountId,
  sender: address('ann@home.test'),
  size: 100,
  held: false,
  acceptedAt: now - hour,
  due: now,
  attempts: 0,
  expires: now + 100 * hour,
  notice: now + 4 * hour,
  last: undefined,
  ...more,
})

const attempt: Attempt = {
  at: now,
  server: 'mx.far.example',
  why: 'permanent',
  step: 'RCPT TO',
  code: 550,
  status: '5.1.1',
  text: 'No such user',
  saidBy: 'them',
}

const message: OutgoingMessage = {
  arrival: 'a1',
  account: undefined,
  sender: address('ann@home.test'),
  size: 100,
  smtpUtf8: false,
  requireTls: false,
  envelopeId: 'id 1',
  returnContent: undefined,
  acceptedAt: now - hour,
}

const facts = (more: Partial<ReportFacts> = {}): ReportFacts => ({
  hostname: 'mail.home.test',
  domain: 'home.test',
  id: 'r1',
  boundary: '=_r1',
  now,
  to: 'ann@home.test',
  message,
  reported: [
    { recipient: recipient({ originalRecipient: 'rfc822;b+b@far.example' }), action: 'failed', attempt },
  ],
  original: { kind: 'headers', bytes: Buffer.from('Subject: x\r\n\r\n') },
  ...more,
})

test('a failure, whole', () => {
  expect(writeReport(facts()).toString().split('\r\n')).toEqual([
    'From: Mail delivery <MAILER-DAEMON@home.test>',
    'To: <ann@home.test>',
    'Subject: Your message could not be delivered',
    'Date: Thu, 15 Jan 2026 12:00:00 +0000',
    'Message-ID: <r1@mail.home.test>',
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status;',
    ' boundary="=_r1"',
    '',
    '--=_r1',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    'Your message did not reach these people, and no further attempt will be',
    'made:',
    '',
    '<bob@far.example>',
    '  The server mx.far.example said: 550 5.1.1 No such user',
    '',
    'This was written by the mail server mail.home.test.',
    '',
    '--=_r1',
    'Content-Type: message/delivery-status',
    '',
    'Original-Envelope-Id: id 1',
    'Reporting-MTA: dns; mail.home.test',
    'Arrival-Date: Thu, 15 Jan 2026 11:00:00 +0000',
    '',
    'Original-Recipient: rfc822; b+b@far.example',
    'Final-Recipient: rfc822; bob@far.example',
    'Action: failed',
    'Status: 5.1.1',
    'Remote-MTA: dns; mx.far.example',
    'Diagnostic-Code: smtp; 550 5.1.1 No such user',
    'Last-Attempt-Date: Thu, 15 Jan 2026 12:00:00 +0000',
    '',
    '--=_r1',
    'Content-Type: text/rfc822-headers',
    'Content-Transfer-Encoding: 7bit',
    '',
    'Subject: x',
    '',
    '',
    '--=_r1--',
    '',
  ])
})

test('others read it: three parts of the right types', async () => {
  const bytes = writeReport(
    facts({ original: { kind: 'full', bytes: Buffer.from('Subject: k\xf6rper\r\n\r\nhi\r\n', 'latin1') } }),
  )
  const { parts } = indexMessage(bytes)
  expect(parts.slice(0, 4).map(({ type }) => type)).toEqual([
    'multipart/report',
    'text/plain',
    'message/delivery-status',
    'message/rfc822',
  ])
  const read = await simpleParser(bytes)
  expect(read.text).toContain('550 5.1.1 No such user')
  expect(read.messageId).toBe('<r1@mail.home.test>')
})

test('whatever the server said, lines stay short and the status part is ASCII', () => {
  const text = `${'ä'.repeat(700)} ${'word '.repeat(100)}`
  const jörg = recipient({ address: address('jörg@far.example') })
  const report = writeReport(
    facts({ reported: [{ recipient: jörg, action: 'failed', attempt: { ...attempt, text } }] }),
  )
  const lines = report.toString('latin1').split('\r\n')
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(998)
  expect(lines.join('')).not.toMatch(/[\r\n]/)
  const status = report.toString().split('--=_r1')[2] ?? ''
  expect(status).toContain('Final-Recipient: utf-8; j\\x{F6}rg@far.example')
  expect(status).not.toMatch(/[^\x00-\x7f]/)
})

test('a delay says until when it is tried', () => {
  const reported = [{ recipient: recipient(), action: 'delayed', attempt } as const]
  expect(writeReport(facts({ reported })).toString()).toContain(
    'Will-Retry-Until: Mon, 19 Jan 2026 16:00:00 +0000',
  )
})

const done: Sent = { kind: 'done', code: 250, status: '2.0.0', text: 'OK', reportsDelivery: false }
const later: Sent = {
  kind: 'later',
  why: 'temporary',
  step: 'RCPT TO',
  code: 451,
  status: '4.3.0',
  text: 'Busy',
  saidBy: 'them',
}
const unreached: Sent = { ...later, why: 'network', code: undefined, status: '4.4.1', saidBy: 'us' }
const never_: Sent = { ...later, kind: 'never', why: 'permanent', code: 550, status: '5.1.1' }
const old = { expires: now - 1 }

test.each<[string, Sent, Partial<QueuedRecipient>, string]>([
  ['done', done, {}, 'over'],
  ['done, success wanted, the server reports nothing', done, { notify: ['success'] }, 'over relayed 2.0.0'],
  [
    'done, success wanted, the server reports itself',
    { ...done, reportsDelivery: true },
    { notify: ['success'] },
    'over',
  ],
  ['refused', never_, {}, 'over failed 5.1.1'],
  ['refused, never to be told', never_, { notify: ['never'] }, 'over'],
  ['refused, only success is told', never_, { notify: ['success'] }, 'over'],
  ['refused, and it was a report itself', never_, { sender: undefined, notify: ['failure'] }, 'over'],
  ['put off', later, {}, 'later'],
  ['put off for long', later, { notice: now }, 'later noticed delayed 4.3.0'],
  ['put off for long, only failures are told', later, { notice: now, notify: ['failure'] }, 'later noticed'],
  ['put off for long, told before', later, { notice: undefined }, 'later'],
  ['put off too long', later, old, 'over failed 5.3.0'],
  ['not reached in time', unreached, old, 'over failed 5.4.7'],
  ['not reached in time, a report itself', unreached, { ...old, sender: undefined }, 'over'],
])('%s', (_, sent, more, expected) => {
  const { row, report } = judge({ recipient: recipient(more), sent, server: 'mx' }, now, 0.5)
  const said = [
    row.kind,
    row.kind === 'later' && row.noticed && 'noticed',
    report && `${report.action} ${report.attempt.status}`,
  ]
  expect(said.filter(Boolean).join(' ')).toBe(expected)
})

test('the last attempt stands at the end of its time', () => {
  const { row } = judge(
    { recipient: recipient({ expires: now + 60_000, attempts: 9 }), sent: later, server: 'mx' },
    now,
    0.5,
  )
  expect(row).toMatchObject({ kind: 'later', due: now + 60_000 })
})

test.each([
  [{ returnContent: 'full' }, 'failed', true],
  [{ returnContent: 'full' }, 'delayed', false],
  [{ returnContent: 'headers' }, 'failed', false],
  [{}, 'failed', false],
  [{ returnContent: 'full', size: 2_000 }, 'failed', false],
  [{ returnContent: 'full', requireTls: true }, 'failed', false],
] as const)('%j %s: the whole message comes back: %s', (more, action, expected) => {
  expect(returnsWhole({ ...message, ...more }, action, 1_000)).toBe(expected)
})

function never(): never {
  throw new Error('not an address')
}
