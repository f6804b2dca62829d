import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDelivery, createRuleTrials } from '../../src/modules/delivery/index.ts'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { Arrival, Intake } from '../../src/ports/intake.ts'
import { address, addUsers, domainRow, newUser, startAuth, type TestAuth } from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'
import { deliveryRules } from '../support/delivery-rules.ts'
import { createFakeLog, type LoggedEvent } from '../support/fakes/runtime.ts'
import { arriving, intakeParts, textsIn } from '../support/intake.ts'
import { mail, startStore, type TestStore } from '../support/store.ts'

let auth: TestAuth
let store: TestStore
let ids: Map<string, AccountId>
let parts: Parameters<typeof createDelivery>[0]
let events: readonly LoggedEvent[]

beforeEach(async () => {
  store = await startStore()
  auth = await startAuth({ mailAccounts: store.accounts, clock: store.clock })
  await auth.admin.add('domain', domainRow('example.com'), 'test')
  const users = [
    newUser('ann@example.com', { replyEnabled: true, replyBody: 'Away.' }),
    newUser('bob@example.com'),
    newUser('cid@example.com', {
      forwardEnabled: true,
      forwardKeep: false,
      forwardDestination: [address('x@far.example')],
    }),
  ]
  const added = await addUsers(auth.admin, users)
  ids = new Map(users.map((user, index) => [user.address, added[index] ?? (0 as AccountId)]))
  const log = createFakeLog()
  events = log.events
  parts = { ...intakeParts(store, auth), log }
})
afterEach(async () => {
  await auth.end()
  await store.end()
})

const idOf = (user: string) => ids.get(`${user}@example.com`) ?? (0 as AccountId)

let count = 0
function arrival(to: string, more: Parameters<typeof arriving>[2] = {}): Promise<Arrival> {
  const text = mail({ headers: ['Message-ID: <1@example.com>'] })
  const sender = address('bob@example.com')
  return arriving(store, [`${to}@example.com`], { id: `m${count++}`, sender, text, ...more })
}

const textsOf = (user: string, name = 'INBOX') => textsIn(store, idOf(user), name)

async function activate(user: string, text: string): Promise<void> {
  const scripts = deliveryRules(store).scripts
  expect((await scripts.put(idOf(user), 'main', text)).kind).toBe('stored')
  expect((await scripts.activate(idOf(user), 'main')).kind).toBe('active')
}

describe.each(bothWays)('rules on the way in, %s', (_, way) => {
  const intake = (): Intake => way(createDelivery(parts))

  test('copies that come at the same moment get one auto-reply', async () => {
    const arrivals = await Promise.all(Array.from({ length: 10 }, () => arrival('ann')))
    const answers = await Promise.all(arrivals.map((one) => intake().accept(one)))
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['accepted']))
    expect(await textsOf('ann')).toHaveLength(10)
    expect((await textsOf('bob')).filter((text) => text.includes('Away.'))).toHaveLength(1)
    await store.clock.advance(86_400_001)
    await intake().accept(await arrival('ann'))
    expect((await textsOf('bob')).filter((text) => text.includes('Away.'))).toHaveLength(2)
  })

  test('copies at the same moment get one auto-reply where rules read it, and these act once', async () => {
    await activate('bob', 'require ["fileinto", "mailbox", "copy"]; fileinto :copy :create "Answers";')
    const arrivals = await Promise.all(Array.from({ length: 10 }, () => arrival('ann')))
    await Promise.all(arrivals.map((one) => intake().accept(one)))
    expect(await textsOf('ann')).toHaveLength(10)
    expect(await textsOf('bob')).toEqual([expect.stringContaining('Away.')])
    expect(await textsOf('bob', 'Answers')).toHaveLength(1)
    expect(await store.store.decisions(idOf('bob'), 10)).toHaveLength(1)
  })

  test('duplicate finds the one that came at the same moment', async () => {
    await activate('bob', 'require "duplicate"; if duplicate { discard; }')
    const arrivals = await Promise.all(Array.from({ length: 10 }, () => arrival('bob')))
    await Promise.all(arrivals.map((one) => intake().accept(one)))
    expect(await textsOf('bob')).toHaveLength(1)
    expect(await store.store.decisions(idOf('bob'), 100)).toHaveLength(9)
  })

  test('what rules refuse for all is refused, and why is kept', async () => {
    await activate('bob', 'require "reject"; reject "Not here.";')
    const answer = await intake().accept(await arrival('bob'))
    expect(answer).toEqual({
      kind: 'refused',
      code: 550,
      status: '5.7.1',
      text: '<bob@example.com>: Not here.',
    })
    expect(await textsOf('bob')).toEqual([])
    expect(await store.store.decisions(idOf('bob'), 10)).toMatchObject([
      {
        recipient: 'bob@example.com',
        sender: 'bob@example.com',
        steps: [expect.stringMatching(/^refused: Not here\. \(line 1/)],
      },
    ])
    expect((await store.care.verify()).problems).toEqual([])
  })

  test.each([
    ['small', 'Hi.\r\n'],
    ['in a file', 'large\r\n'.repeat(60_000)],
  ])('a message (%s) whose header rules change is kept so, beside what came', async (_size, body) => {
    await activate(
      'bob',
      'require ["editheader", "fileinto", "mailbox", "copy"]; fileinto :copy :create "AsItCame"; addheader "X-Seen" "yes"; deleteheader "Subject";',
    )
    expect((await intake().accept(await arrival('bob', { text: mail({ body }) }))).kind).toBe('accepted')
    const [kept = ''] = await textsOf('bob')
    const [came = ''] = await textsOf('bob', 'AsItCame')
    expect(kept.startsWith('X-Seen: yes\r\n')).toBe(true)
    expect(kept).not.toContain('Subject: Hello')
    expect(kept.endsWith(`\r\n\r\n${body}`)).toBe(true)
    expect(came).toContain('Subject: Hello')
    expect(came.endsWith(`\r\n\r\n${body}`)).toBe(true)
    expect((await store.care.verify()).problems).toEqual([])
  })

  test('what is sent on leaves under a sender whose bounces come back here', async () => {
    await intake().accept(await arrival('cid', { sender: address('s@else.example') }))
    await activate('bob', 'redirect "y@far.example";')
    await intake().accept(await arrival('bob', { sender: address('s@else.example') }))
    const queued = await store.queue.list(0, 10)
    expect(queued.map(({ address: to, sender }) => [to, sender?.startsWith('srs0=')])).toEqual([
      ['x@far.example', true],
      ['y@far.example', true],
    ])
    const bytes = await store.queue.bytes(queued[1]?.message ?? 0, { from: 0, to: 1_000 })
    expect(Buffer.from(bytes ?? []).toString()).toMatch(
      /^Delivered-To: bob@example.com\r\nReceived: from x\r\n/,
    )
    expect(events.filter(({ event }) => event === 'message.decided')).toHaveLength(2)
  })
})

test('a trial and a rehearsal leave everything as it was', async () => {
  const intake = createDelivery(parts)
  for (const subject of ['One', 'Two'])
    await intake.accept(await arrival('bob', { text: mail({ subject }), sender: address('s@else.example') }))
  const trials = createRuleTrials({ ...parts, store: store.store, scripts: deliveryRules(store).scripts })
  const state = async () => ({
    usage: await store.store.usage(idOf('bob')),
    mailboxes: await store.store.mailboxes(idOf('bob')),
    decisions: await store.store.decisions(idOf('bob'), 10),
    queued: await store.queue.list(0, 10),
  })
  const before = await state()
  const script =
    'require ["fileinto", "mailbox", "vacation", "duplicate"]; vacation "x"; if header "subject" "two" { fileinto :create "New"; } elsif duplicate { discard; } else { redirect "x@far.example"; }'
  const rehearsed = await trials.rehearse(idOf('bob'), script, 10)
  expect(rehearsed).toMatchObject({
    kind: 'rehearsed',
    looked: 2,
    differing: [
      { subject: 'Two', active: ['INBOX'], script: ['New', 'answered'] },
      { subject: 'One', active: ['INBOX'], script: ['answered', 'to x@far.example'] },
    ],
  })
  expect(await state()).toEqual(before)
})
