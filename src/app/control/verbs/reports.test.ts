import { expect, test } from 'vitest'
import type { DmarcAdvice, DmarcSummary, MailReports, TlsSummary } from '../../../ports/mail-reports.ts'
import type { VerbPorts } from '../verb.ts'
import { reportVerbs } from './reports.ts'

const dmarc = (more: Partial<DmarcSummary>): DmarcSummary => ({
  domain: 'home.test',
  days: [{ day: '2026-11-21', count: 7, failed: 3 }],
  reporters: [{ domain: 'far.test', name: 'Far', reports: 2 }],
  messages: 7,
  passed: 4,
  policy: 'none',
  sources: [
    {
      ip: '192.0.2.1',
      messages: 7,
      passed: 4,
      byDkim: 4,
      bySpf: 0,
      quarantined: 1,
      rejected: 2,
      from: ['home.test'],
      signedBy: ['home.test'],
      vouchedBy: [],
      reporters: ['far.test'],
    },
  ],
  sourcesLeftAway: 3,
  next: [{ kind: 'fine' }],
  ...more,
})

const tls: TlsSummary = {
  domain: 'home.test',
  days: [{ day: '2026-11-21', count: 9, failed: 1 }],
  reporters: [{ domain: 'far.test', name: 'Far', reports: 1 }],
  sessions: 9,
  failed: 1,
  policies: ['tlsa'],
  failures: [
    { type: 'tlsa-invalid', host: 'mail.home.test', sessions: 1, reporters: ['far.test'], text: 'bad' },
  ],
  next: [{ kind: 'failure', type: 'tlsa-invalid', host: 'mail.home.test' }],
}

async function said(verb: string, reports: Partial<MailReports>, texts = {}): Promise<string> {
  const answer = await reportVerbs[verb]?.run({ reports } as unknown as VerbPorts, texts)
  return answer?.kind === 'done' ? answer.text : (answer?.kind ?? 'no verb')
}

test('who sends is shown, and what to do next', async () => {
  expect((await said('reports dmarc', { dmarc: async () => [dmarc({})] })).split('\n')).toEqual([
    'home.test, the last 30 days: 7 messages in its name, 4 proven, 3 not. Policy: none.',
    'Told by far.test (2).',
    '',
    'SENT BY    MESSAGES  PROVEN  DKIM  SPF  IN JUNK  REFUSED  SIGNED BY  SPF OF',
    '192.0.2.1  7         4       4     0    1        2        home.test  -',
    'and 3 more; --json has the first 1',
    '',
    'Next:',
    '  Nothing: all mail in its name is proven.',
  ])
})

test.each<[DmarcAdvice, RegExp]>([
  [{ kind: 'be-stricter', policy: 'reject' }, /may become p=reject/],
  [
    { kind: 'sign-as-us', ip: '192.0.2.1', as: 'else.test', messages: 3 },
    /proves to be else\.test, not home\.test/,
  ],
  [{ kind: 'know-it', ip: '192.0.2.1', messages: 3 }, /proves nothing/],
  [{ kind: 'mend', ip: '192.0.2.1', messages: 3 }, /not for 3/],
])('%j is said in words', async (advice, expected) => {
  expect(await said('reports dmarc', { dmarc: async () => [dmarc({ next: [advice] })] })).toMatch(expected)
})

test('what failed is shown with what it means', async () => {
  expect((await said('reports tls', { tls: async () => [tls] })).split('\n')).toEqual([
    'home.test, the last 30 days: 9 connections, 1 failed. Policies found: tlsa.',
    'Told by far.test (1).',
    '',
    'FAILURE       OUR SERVER      CONNECTIONS  TOLD BY   SAID',
    'tlsa-invalid  mail.home.test  1            far.test  bad',
    '',
    'Next:',
    '  mail.home.test: its TLSA record does not fit its certificate: `homepost domain dns` shows the right one.',
  ])
})

test('where there is nothing, it is said how there will be', async () => {
  const text = /No reports of the last 7 days\. Other servers send them where the domain asks for it/
  expect(await said('reports dmarc', { dmarc: async () => [] }, { days: '7' })).toMatch(text)
  const none = dmarc({ reporters: [], next: [{ kind: 'ask-for-reports' }] })
  expect(await said('reports dmarc', { dmarc: async () => [none] }, { domain: 'home.test' })).toMatch(
    /^home\.test: no reports of the last 30 days\./,
  )
})

test('days are counted, not guessed', async () => {
  expect(await said('reports tls', { tls: async () => [] }, { days: '0' })).toBe('mistake')
})
