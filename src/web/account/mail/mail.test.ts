import { afterEach, beforeEach, expect, test } from 'vitest'
import { arrivalOf } from '../../../../test/support/arrival.ts'
import { address } from '../../../../test/support/auth.ts'
import { createFakeLog } from '../../../../test/support/fakes/runtime.ts'
import { delivery, mail, sealed } from '../../../../test/support/store.ts'
import { type Browser, hostile, startWeb, type TestWeb, textOf } from '../../../../test/support/web.ts'
import { createTracedIntake } from '../../../modules/delivery/index.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Accepted } from '../../../ports/intake.ts'
import type { Leaving } from '../../../ports/leaving.ts'
import type { Trace } from '../../../ports/mail-traces.ts'

let web: TestWeb
let browser: Browser
let account: AccountId

beforeEach(async () => {
  web = await startWeb()
  browser = await web.signedIn('ann@example.com')
  account = (await web.auth.admin.user(address('ann@example.com')))?.account as AccountId
})
afterEach(() => web.end())

const trace = (number: number, more: Partial<Trace> = {}): Trace => ({
  account,
  arrival: `a-${number}`,
  at: 1_795_000_000_000 + number * 60_000,
  way: 'in',
  own: 'ann@example.com',
  other: 'joe@else.test',
  author: 'Joe <joe@else.test>',
  subject: `Letter ${number}`,
  outcome: 'delivered',
  detail: '',
  ...more,
})

/** A message of Ann's that waits in the queue. */
async function queued(subject: string, to: readonly string[], more: Partial<Leaving> = {}) {
  const leaving: Leaving = {
    account,
    sender: address('ann@example.com'),
    prefix: '',
    smtpUtf8: false,
    requireTls: false,
    envelopeId: undefined,
    returnContent: undefined,
    recipients: to.map((each) => ({
      address: address(each),
      notify: undefined,
      originalRecipient: undefined,
    })),
    notBefore: Date.now() + 3_600_000,
    expires: Date.now() + 7_200_000,
    notice: undefined,
    ...more,
  }
  const message = await sealed(web.mail.bytes, mail({ subject }))
  const accepted = await web.mail.store.accept({ ...delivery(message), id: subject, outgoing: [leaving] })
  expect(accepted.kind).toBe('accepted')
}

test('messages are told with what became of them, the newest first and by the page', async () => {
  await web.mail.traces.keep(Array.from({ length: 60 }, (_, number) => trace(number)))
  const first = await textOf(browser.get('/account/mail'))
  expect(first.match(/Letter \d+/g)).toEqual(Array.from({ length: 25 }, (_, at) => `Letter ${59 - at}`))
  const [, next = ''] = /href="([^"]*)" rel="next"/.exec(first) ?? []
  const second = await textOf(browser.get(next.replaceAll('&amp;', '&')))
  expect(second.match(/Letter \d+/g)?.at(0)).toBe('Letter 34')
})

test('what a stranger wrote is text, wherever it stands', async () => {
  await web.mail.traces.keep([
    trace(1, {
      subject: hostile,
      author: hostile,
      other: hostile,
      detail: `550 5.7.1 ${hostile}`,
      outcome: 'refused',
    }),
    trace(2, { subject: hostile, own: hostile }),
  ])
  await queued(hostile, ['joe@else.test'])
  const pages = [browser.get('/account/mail'), browser.get(`/account/mail?q=${encodeURIComponent(hostile)}`)]
  for (const text of await Promise.all(pages.map(textOf))) {
    expect(text).not.toContain('<script')
    expect(text).toContain('&lt;script&gt;')
    expect(text).toContain('refused')
  }
})

test.each([
  ['JOE@', 1],
  ['größe', 1],
  ['ann@example', 2],
  ['nobody', 0],
])('%s is found %i times', async (q, count) => {
  await web.mail.traces.keep([
    trace(1),
    trace(2, { other: 'x@y.test', author: 'X', subject: 'Die Größe', own: 'ann@example.com' }),
  ])
  const text = await textOf(browser.get(`/account/mail?q=${encodeURIComponent(q)}`))
  expect(text.match(/class="mark/g)?.length ?? 0).toBe(count)
})

test('mail that waits is taken back by its owner, for everybody it is for', async () => {
  await queued('Rash words', ['joe@else.test', 'eve@other.test'])
  const text = await textOf(browser.get('/account/mail'))
  expect(text).toContain('Rash words')
  expect(text).toContain('eve@other.test')
  const [, path = ''] = /action="(\/account\/mail\/\d+\/withdraw)"/.exec(text) ?? []
  const bob = web.browser()
  await bob.signIn('bob@example.com')
  expect((await bob.post(path)).status).toBe(404)
  expect(await textOf(bob.get('/account/mail'))).not.toContain('Rash words')
  expect((await browser.post(path)).headers.get('location')).toBe('/account/mail?withdrawn')
  expect(await web.mail.queue.list(0, 10)).toEqual([])
  expect(await textOf(browser.get('/account/mail'))).toContain('taken back')
  expect((await browser.post(path)).status).toBe(404)
})

test('what is held is not let go by its owner', async () => {
  await queued('Too many', ['joe@else.test'], { held: true })
  const text = await textOf(browser.get('/account/mail'))
  expect(text).toContain('held: the person who runs this server')
  expect(text).not.toContain('release')
})

const done = { kind: 'done' } as const
test.each<[string, Accepted, readonly string[]]>([
  [
    'accepted',
    { kind: 'accepted', outcomes: [done, done] },
    ['out waiting joe@else.test', 'out delivered bob@example.com'],
  ],
  [
    'refused',
    { kind: 'refused', code: 550, status: '5.7.1', text: 'No' },
    ['out refused joe@else.test', 'out refused bob@example.com'],
  ],
])('what Ann sends is traced when it is %s', async (_, answer, expected) => {
  const intake = createTracedIntake({
    intake: { recipient: async () => ({ kind: 'ok' }), accept: async () => answer },
    addresses: web.auth.addresses,
    traces: web.mail.traces,
    clock: web.auth.clock,
    log: createFakeLog(),
  })
  const origin = { kind: 'submitted', account, login: address('ann@example.com') } as const
  const recipients = ['joe@else.test', 'bob@example.com'].map((each) => ({
    address: address(each),
    notify: undefined,
    originalRecipient: undefined,
  }))
  await intake.accept(arrivalOf(await sealed(web.mail.bytes, mail()), { recipients, origin }))
  const known = async () =>
    (await web.mail.traces.list(account, { atMost: 10 })).map(
      ({ way, outcome, other }) => `${way} ${outcome} ${other}`,
    )
  await expect.poll(known).toEqual(expected.toReversed())
})
