import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createDelivery } from '../../src/modules/delivery/index.ts'
import { createSpamJudge } from '../../src/modules/spam/index.ts'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { Intake, Origin } from '../../src/ports/intake.ts'
import type { MessageRef } from '../../src/ports/message.ts'
import type { SpamJudge } from '../../src/ports/spam-judge.ts'
import { address, addUsers, aliasRow, domainRow, newUser, startAuth, type TestAuth } from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'
import { createFakeLog, type LoggedEvent } from '../support/fakes/runtime.ts'
import { silentSigner } from '../support/fakes/vouching.ts'
import { arriving, intakeParts, textsIn } from '../support/intake.ts'
import { mail, startStore, type TestStore } from '../support/store.ts'

const arrived: Origin = { kind: 'arrived' }

/** Directory, store and intake as the server has them. */
let auth: TestAuth
let store: TestStore
let ids: Map<string, AccountId>
let events: readonly LoggedEvent[]

async function setUp(): Promise<void> {
  store = await startStore()
  auth = await startAuth({
    mailAccounts: store.accounts,
    clock: store.clock,
    settings: { messageRatelimit: { count: 2, seconds: 86_400 } },
  })
  const { admin } = auth
  await admin.add('domain', domainRow('example.com'), 'test')
  const users = [
    newUser('ann@example.com'),
    newUser('bob@example.com'),
    newUser('tiny@example.com', { quotaBytes: 1_000 }),
    newUser('off@example.com', { enabled: false }),
    newUser('away@example.com', { forwardEnabled: true, forwardDestination: [address('x@else.example')] }),
  ]
  const added = await addUsers(admin, users)
  ids = new Map(users.map((user, index) => [user.address, added[index] ?? (0 as AccountId)]))
  for (const alias of [
    aliasRow('team@example.com', ['ann@example.com', 'bob@example.com']),
    aliasRow('crowd@example.com', ['ann@example.com', 'tiny@example.com']),
    aliasRow('round@example.com', ['about@example.com']),
    aliasRow('about@example.com', ['round@example.com']),
  ]) {
    await admin.add('alias', alias, 'test')
  }
}

async function tearDown(): Promise<void> {
  await auth.end()
  await store.end()
}

const parts = () => intakeParts(store, auth)

function start(judge: Pick<SpamJudge, 'judge'> = createSpamJudge()): Intake {
  const log = createFakeLog()
  events = log.events
  return createDelivery({ ...parts(), judge, log })
}

const judging = (action: 'junk' | 'later' | 'reject'): Pick<SpamJudge, 'judge'> => ({
  judge: async () => ({ action, score: 15, reasons: [], headers: 'X-Spam: Yes\r\n' }),
})

const idOf = (text: string) => ids.get(text) ?? (0 as AccountId)
const byBob = (): Origin => ({
  kind: 'submitted',
  account: idOf('bob@example.com'),
  login: address('bob@example.com'),
})

const arrival = (to: readonly string[], more: Parameters<typeof arriving>[2] = {}) =>
  arriving(store, to, more)

const inboxOf = (text: string, name = 'INBOX') => textsIn(store, idOf(text), name)

describe.each(bothWays)('Intake at RCPT, %s', (_, way) => {
  let intake: Intake
  beforeAll(async () => {
    await setUp()
    intake = way(start())
  })
  afterAll(tearDown)

  test.each([
    ['ann@example.com', 'ok'],
    ['ann+news@example.com', 'ok'],
    ['team@example.com', 'ok'],
    ['nobody@example.com', '550 5.1.1'],
    ['off@example.com', '550 5.2.1'],
    ['round@example.com', '550 5.4.6'],
    ['x@else.example', '554 5.7.1'],
    ['away@example.com', 'ok'],
  ])('RCPT %s is answered %s', async (recipient, expected) => {
    const answer = await intake.recipient({
      recipient: address(recipient),
      sender: undefined,
      origin: arrived,
      size: 0,
    })
    expect(answer.kind === 'refused' ? `${answer.code} ${answer.status}` : answer.kind).toBe(expected)
  })

  test('who signed in may write to anybody', async () => {
    const asked = { sender: undefined, origin: byBob(), size: 0 }
    expect(await intake.recipient({ recipient: address('x@else.example'), ...asked })).toEqual({ kind: 'ok' })
  })

  test.each([
    [999, 'ok'],
    [1_000, 'ok'],
    [1_001, 452],
    [0, 'ok'],
  ])('a mailbox of 1000 bytes is asked to take %i: %s', async (size, expected) => {
    const answer = await intake.recipient({
      recipient: address('tiny@example.com'),
      sender: undefined,
      origin: arrived,
      size,
    })
    expect(answer.kind === 'refused' ? answer.code : answer.kind).toBe(expected)
  })

  test('a full mailbox takes nothing, of whatever size', async () => {
    await intake.accept(await arrival(['tiny@example.com'], { text: mail({ body: 'x'.repeat(2_000) }) }))
    const answer = await intake.recipient({
      recipient: address('tiny@example.com'),
      sender: undefined,
      origin: arrived,
      size: 0,
    })
    expect(answer).toMatchObject({ code: 452, status: '4.2.2' })
  })

  test('one full mailbox does not keep the mail of an alias from the others', async () => {
    const answer = await intake.recipient({
      recipient: address('crowd@example.com'),
      sender: undefined,
      origin: arrived,
      size: 5_000,
    })
    expect(answer).toEqual({ kind: 'ok' })
  })
})

describe.each(bothWays)('Intake after DATA, %s', (_, way) => {
  let intake: Intake
  beforeEach(async () => {
    await setUp()
    intake = way(start())
  })
  afterEach(tearDown)

  test('an accepted message is in each mailbox once, with its trace', async () => {
    const to = ['team@example.com', 'ann+news@example.com']
    expect(await intake.accept(await arrival(to))).toEqual({
      kind: 'accepted',
      outcomes: [{ kind: 'done' }, { kind: 'done' }],
    })
    expect(await inboxOf('ann@example.com')).toEqual([
      'Return-Path: <sender@else.example>\r\nDelivered-To: ann@example.com\r\nX-Original-To: team@example.com\r\n' +
        `Received: from x\r\n${mail()}`,
    ])
    expect(await inboxOf('bob@example.com')).toHaveLength(1)
  })

  test('a large message arrives whole', async () => {
    const text = mail({ body: `${'x'.repeat(70)}\r\n`.repeat(20_000) })
    expect((await intake.accept(await arrival(['ann@example.com'], { text }))).kind).toBe('accepted')
    expect((await inboxOf('ann@example.com'))[0]?.endsWith(text)).toBe(true)
  })

  test('a forward leaves in the same step, and its bounces come home', async () => {
    expect((await intake.accept(await arrival(['away@example.com']))).kind).toBe('accepted')
    const [row] = await store.queue.list(0, 10)
    expect(row).toMatchObject({
      address: 'x@else.example',
      sender: expect.stringMatching(/^srs0=.*=else.example=sender@/),
    })
  })

  test('nothing is kept of a message that one recipient cannot have', async () => {
    const accepted = await intake.accept(await arrival(['ann@example.com', 'nobody@example.com']))
    expect(accepted).toMatchObject({ kind: 'refused', code: 451 })
    expect(await inboxOf('ann@example.com')).toEqual([])
  })
})

describe('Intake', () => {
  beforeEach(setUp)
  afterEach(tearDown)

  test('a message that looks like spam is in Junk', async () => {
    await start(judging('junk')).accept(await arrival(['ann@example.com']))
    expect(await inboxOf('ann@example.com')).toEqual([])
    expect((await inboxOf('ann@example.com', 'Junk'))[0]).toContain('X-Spam: Yes\r\n')
  })

  test.each([
    ['reject', 550],
    ['later', 451],
  ] as const)('a message judged %s gets %i, and nothing is kept', async (action, code) => {
    expect(await start(judging(action)).accept(await arrival(['ann@example.com']))).toMatchObject({
      kind: 'refused',
      code,
    })
    expect(await inboxOf('ann@example.com')).toEqual([])
  })

  test('what a stranger says in our name is gone from the message, and what was his stays', async () => {
    const field = 'Authentication-Results: mail.home.test; dmarc=pass\r\n'
    const text = mail({ body: 'x'.repeat(300_000) })
    const intake = createDelivery({
      ...parts(),
      authenticator: {
        authenticate: async () => ({ header: 'X: ours\r\n', forged: [{ from: 0, to: field.length }] }),
      },
    })
    const accepted = await intake.accept(await arrival(['ann@example.com'], { text: field + text }))
    expect(accepted).toMatchObject({ kind: 'accepted' })
    const [stored = ''] = await inboxOf('ann@example.com')
    expect(stored.endsWith(text)).toBe(true)
    expect(stored).toContain('X: ours\r\n')
    expect(stored).not.toContain('dmarc=pass')
  })

  test('what a user sends is signed in every copy', async () => {
    const signer = { ...silentSigner, sign: async () => ({ header: 'DKIM-Signature: x\r\n' }) }
    const intake = createDelivery({ ...parts(), signer })
    await intake.accept(await arrival(['ann@example.com'], { origin: byBob() }))
    await intake.accept(await arrival(['ann@example.com']))
    const [sent = '', stranger = ''] = await inboxOf('ann@example.com')
    expect(sent).toContain('DKIM-Signature: x\r\nReceived: from x\r\n')
    expect(stranger).not.toContain('DKIM-Signature')
  })

  test('a refused message is released, an accepted one is not', async () => {
    const released: MessageRef[] = []
    const intake = createDelivery({
      ...parts(),
      bytes: { ...store.bytes, release: async (ref) => void released.push(ref) },
    })
    const refused = await arrival(['nobody@example.com'])
    await intake.accept(refused)
    await intake.accept(await arrival(['ann@example.com']))
    expect(released).toEqual([refused.message])
  })

  test('who signed in may send so many messages, and strangers are not counted', async () => {
    const intake = start()
    const send = async (origin: Origin) => intake.accept(await arrival(['ann@example.com'], { origin }))
    expect((await send(byBob())).kind).toBe('accepted')
    expect((await send(byBob())).kind).toBe('accepted')
    expect(await send(byBob())).toMatchObject({
      code: 450,
      status: '4.2.1',
      text: expect.stringMatching(/24 hours|\d+ hours/),
    })
    expect((await send(arrived)).kind).toBe('accepted')
  })

  test('a mailbox that was deleted after RCPT gets nothing, and the client hears it', async () => {
    const intake = start()
    await auth.admin.delete('user', address('ann@example.com'), 'test')
    expect(await intake.accept(await arrival(['ann@example.com']))).toMatchObject({
      code: 550,
      status: '5.1.1',
    })
  })

  test('a mailbox that the store does not know yet is asked again later', async () => {
    const intake = start()
    await store.accounts.removeAccount(idOf('ann@example.com'))
    const question = { recipient: address('ann@example.com'), sender: undefined, origin: arrived, size: 0 }
    expect(await intake.recipient(question)).toMatchObject({ kind: 'later', reason: 'not-there-yet' })
    expect(await intake.accept(await arrival(['ann@example.com']))).toMatchObject({ kind: 'later' })
  })

  test('one line in the log says what became of a message', async () => {
    const intake = start()
    await intake.accept(await arrival(['team@example.com']))
    await intake.accept(await arrival(['nobody@example.com']))
    expect(events.map(({ event, fields }) => [event, fields['id'], fields['to'], fields['code']])).toEqual([
      ['message.accepted', 'm1', 'team@example.com', undefined],
      ['message.refused', 'm1', 'nobody@example.com', 550],
    ])
  })

  test('everything is still there after a restart', async () => {
    await start().accept(await arrival(['ann@example.com']))
    store = await store.restart()
    expect(await inboxOf('ann@example.com')).toHaveLength(1)
  })
})
