import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { domainOf } from '../../src/lib/address.ts'
import type { Leaving } from '../../src/ports/leaving.ts'
import type { Attempt, OutgoingQueue, QueuedRecipient } from '../../src/ports/outgoing-queue.ts'
import { address } from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'
import { account, delivery, mail, sealed, startStore, type TestStore } from '../support/store.ts'

const ann = account(1)
const hour = 3_600_000

let at: TestStore
beforeEach(async () => {
  at = await startStore()
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
})
afterEach(async () => {
  expect((await at.care.verify()).problems).toEqual([])
  await at.end()
})

const leaving = (to: readonly string[], more: Partial<Leaving> = {}): Leaving => ({
  account: ann,
  sender: address('ann@home.test'),
  prefix: 'Received: by us\r\n',
  smtpUtf8: false,
  requireTls: false,
  envelopeId: 'id 1',
  returnContent: 'headers',
  recipients: to.map((text) => ({
    address: address(text),
    notify: ['delay'],
    originalRecipient: 'rfc822;x',
  })),
  notBefore: 0,
  expires: 100 * hour,
  notice: 4 * hour,
  ...more,
})

const accept = async (envelopes: readonly Leaving[], text = mail(), copies: object[] = []) =>
  at.store.accept({ ...delivery(await sealed(at.bytes, text), ...copies), outgoing: envelopes })

const attempt: Attempt = {
  at: 5,
  server: 'mx.far.example',
  why: 'temporary',
  step: 'RCPT TO',
  code: 451,
  status: '4.3.0',
  text: 'Busy',
  saidBy: 'them',
}

describe.each(bothWays)('the queue, %s', (_, way) => {
  let queue: OutgoingQueue
  beforeEach(() => {
    queue = way(at.queue)
  })

  const all = () => queue.list(0, 100)
  const addresses = (rows: readonly QueuedRecipient[]) => rows.map((row) => row.address)
  const now = () => at.clock.now()

  test('what was accepted is in the queue, with all that was said about it', async () => {
    expect(await accept([leaving(['bob@far.example', 'eve@near.example'])])).toEqual({
      kind: 'accepted',
      placed: [],
    })
    const [bob] = await all()
    expect(bob).toEqual({
      id: 1,
      message: 1,
      arrival: 'd1',
      destination: 'far.example',
      address: 'bob@far.example',
      notify: ['delay'],
      originalRecipient: 'rfc822;x',
      account: ann,
      sender: 'ann@home.test',
      size: mail().length + 17,
      held: false,
      acceptedAt: now(),
      due: now(),
      attempts: 0,
      expires: 100 * hour,
      notice: 4 * hour,
      last: undefined,
    })
    expect(await queue.message(1)).toEqual({
      arrival: 'd1',
      account: ann,
      sender: 'ann@home.test',
      size: mail().length + 17,
      smtpUtf8: false,
      requireTls: false,
      envelopeId: 'id 1',
      returnContent: 'headers',
      acceptedAt: now(),
    })
    expect(await queue.dueDestinations(now(), 10)).toEqual(['far.example', 'near.example'])
  })

  test.each([
    ['in a row', 'Hi there.\r\n'],
    ['in a file', 'x'.repeat(300_000)],
  ])('the octets of a body %s can be read, trace first, until nobody needs them', async (_name, body) => {
    const text = mail({ body })
    await accept([leaving(['bob@far.example'])], text, [{}])
    const whole = `Received: by us\r\n${text}`
    const read = async (from: number, to: number) =>
      Buffer.from((await queue.bytes(1, { from, to })) ?? []).toString()
    expect(await read(0, 1e9)).toBe(whole)
    expect(await read(10, 60)).toBe(whole.slice(10, 60))
    expect(await read(150, whole.length)).toBe(whole.slice(150))
    await queue.settle({ rows: [{ id: 1, kind: 'over' }], reports: [] })
    expect(await queue.bytes(1, { from: 0, to: 10 })).toBeUndefined()
    // The copy in the mailbox has its own share of the body.
    const inbox = await at.store.mailbox(ann, 'INBOX')
    expect((await at.store.bytes(ann, inbox?.id ?? 0, 1))?.length).toBe(text.length)
  })

  test('the null sender and an envelope without parameters come back as they went in', async () => {
    const bare = { address: address('bob@far.example'), notify: undefined, originalRecipient: undefined }
    const given = {
      sender: undefined,
      account: undefined,
      envelopeId: undefined,
      returnContent: undefined,
      notice: undefined,
    }
    await accept([leaving([], { ...given, recipients: [bare] })])
    expect((await all())[0]).toMatchObject({
      ...bare,
      sender: undefined,
      account: undefined,
      notice: undefined,
    })
    expect(await queue.message(1)).toMatchObject({
      sender: undefined,
      envelopeId: undefined,
      returnContent: undefined,
    })
  })

  test('nothing is due before its time; the longest waiting destination comes first', async () => {
    await accept([leaving(['late@c.example'], { notBefore: now() + 3 * hour })])
    await accept([leaving(['later@b.example'], { notBefore: now() + 2 * hour })])
    await accept([leaving(['soon@a.example', 'too@a.example'], { notBefore: now() + hour })])
    expect(await queue.nextDue()).toBe(now() + hour)
    expect(await queue.dueDestinations(now(), 10)).toEqual([])
    expect(await queue.dueDestinations(now() + 2 * hour, 10)).toEqual(['a.example', 'b.example'])
    expect(await queue.dueDestinations(now() + 3 * hour, 1)).toEqual(['a.example'])
    const rows = await queue.due(domainOf(address('x@a.example')), now() + hour, 10)
    expect(addresses(rows)).toEqual(['soon@a.example', 'too@a.example'])
  })

  test('what was put off is due later, and remembers why', async () => {
    await accept([leaving(['bob@far.example'])])
    const due = now() + hour
    const row = { id: 1, kind: 'later', due, last: attempt, noticed: false } as const
    await queue.settle({ rows: [row], reports: [] })
    expect(await all()).toMatchObject([{ due, attempts: 1, last: attempt, notice: 4 * hour }])
    expect(await queue.nextDue()).toBe(due)
    await queue.settle({ rows: [{ ...row, noticed: true }], reports: [] })
    expect(await all()).toMatchObject([{ attempts: 2, notice: undefined }])
  })

  test('what is over is gone, and a report comes in the same step: to a mailbox, or out again', async () => {
    await accept([leaving(['bob@far.example', 'eve@far.example'])])
    const home = delivery(await sealed(at.bytes, mail({ subject: 'Undelivered' })), {})
    const away = {
      ...delivery(await sealed(at.bytes, mail({ subject: 'Undelivered' }))),
      outgoing: [leaving(['owner@list.example'], { sender: undefined, account: undefined })],
    }
    const rows = [{ id: 1, kind: 'over' } as const]
    expect(await queue.settle({ rows, reports: [home, away] })).toEqual({ kind: 'settled' })
    expect(addresses(await all())).toEqual(['eve@far.example', 'owner@list.example'])
    expect(await at.store.mailbox(ann, 'INBOX')).toMatchObject({ messages: 1 })
  })

  test('what may be said once is said once, and what was not done is whole', async () => {
    const report = async () => ({
      ...delivery(await sealed(at.bytes, mail())),
      outgoing: [leaving(['owner@list.example'], { anyhow: true })],
    })
    const once = { kind: 'told', name: 'x', value: '', until: now() + hour } as const
    expect(await queue.settle({ rows: [], reports: [await report()], once })).toEqual({ kind: 'settled' })
    const again = await report()
    expect(await queue.settle({ rows: [], reports: [again], once })).toEqual({ kind: 'known' })
    await at.bytes.release(again.message)
    expect((await all()).map(({ destination }) => destination)).toEqual(['anyhow:list.example'])
    await at.clock.advance(2 * hour)
    expect(await queue.settle({ rows: [], reports: [await report()], once })).toEqual({ kind: 'settled' })
  })

  test('a report to an account that is gone is left away; the rest is settled', async () => {
    await accept([leaving(['bob@far.example'])])
    const report = delivery(await sealed(at.bytes, mail()), { account: account(9) })
    expect(await queue.settle({ rows: [{ id: 1, kind: 'over' }], reports: [report] })).toEqual({
      kind: 'settled',
    })
    expect(await all()).toEqual([])
  })

  test('what is sent another way is due there now, held or not, until it goes its own way again', async () => {
    await accept([leaving(['bob@far.example', 'eve@far.example'], { notBefore: now() + hour })])
    await queue.hold([1])
    expect(await queue.reroute([1, 7], 'via:relay.example:587')).toEqual({ kind: 'changed', count: 1 })
    expect(await queue.dueDestinations(now(), 10)).toEqual(['via:relay.example:587'])
    expect(addresses(await queue.due('via:relay.example:587', now(), 10))).toEqual(['bob@far.example'])
    expect(await queue.reroute([1], undefined)).toEqual({ kind: 'changed', count: 1 })
    expect(await queue.dueDestinations(now(), 10)).toEqual(['far.example'])
    expect(addresses(await queue.due('far.example', now(), 10))).toEqual(['bob@far.example'])
  })

  test('what is settled twice, or was dropped meanwhile, stays gone', async () => {
    await accept([leaving(['bob@far.example'])])
    expect(await queue.drop([1, 7])).toEqual({ kind: 'changed', count: 1 })
    const rows = [
      { id: 1, kind: 'over' },
      { id: 1, kind: 'later', due: 1, last: attempt, noticed: true },
    ] as const
    expect(await queue.settle({ rows, reports: [] })).toEqual({ kind: 'settled' })
    expect(await all()).toEqual([])
    expect(await queue.nextDue()).toBeUndefined()
  })

  test('held mail is not due until it is released, or tried by hand', async () => {
    await accept([leaving(['bob@far.example', 'eve@far.example'])])
    expect(await queue.hold([1, 2])).toEqual({ kind: 'changed', count: 2 })
    expect(await queue.nextDue()).toBeUndefined()
    expect(await queue.dueDestinations(now(), 10)).toEqual([])
    await queue.release([1])
    const far = domainOf(address('x@far.example'))
    expect(addresses(await queue.due(far, now(), 10))).toEqual(['bob@far.example'])
    await queue.settle({
      rows: [{ id: 1, kind: 'later', due: now() + hour, last: attempt, noticed: false }],
      reports: [],
    })
    await queue.retry([1, 2])
    expect(addresses(await queue.due(far, now(), 10))).toEqual(['bob@far.example', 'eve@far.example'])
  })

  test('what waits is there after a restart', async () => {
    await accept([leaving(['bob@far.example'])])
    const before = await all()
    at = await at.restart()
    expect(await at.queue.list(0, 10)).toEqual(before)
  })
})

test('who watches hears of everything that may be due, and by which ways where that is known', async () => {
  const heard: unknown[] = []
  const stop = at.queue.watch((ways) => heard.push(ways))
  await accept([leaving(['bob@far.example', 'eve@far.example', 'ida@other.example'])])
  expect(heard).toEqual([['far.example', 'other.example']])
  await at.queue.retry([1])
  const later = { id: 1, kind: 'later', due: at.clock.now() + 1, last: attempt, noticed: false } as const
  await at.queue.settle({ rows: [later], reports: [] })
  expect(heard.slice(1)).toEqual([undefined, undefined])
  await at.queue.settle({ rows: [{ id: 2, kind: 'over' }], reports: [] })
  stop()
  await at.queue.drop([1])
  expect(heard).toHaveLength(3)
})

test('damage is found: a lost body, a destination that would never be due', async () => {
  const message = await sealed(at.bytes, mail())
  await at.store.accept({ ...delivery(message), outgoing: [leaving(['bob@far.example'])] })
  const healthy = at
  const { default: Sqlite } = await import('better-sqlite3')
  await healthy.stop()
  const db = new Sqlite(`${healthy.dataDir}/mail.db`)
  db.exec('DELETE FROM outgoing_destination; UPDATE outgoing SET size = 1')
  db.close()
  const broken = await startStore({ dataDir: healthy.dataDir, clock: healthy.clock })
  expect((await broken.care.verify()).problems).toEqual([
    'outgoing message 1 has no body, or one of another size',
    'destination far.example is not due when its first recipient is',
  ])
  await broken.end()
  at = await startStore()
})
