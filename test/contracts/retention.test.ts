import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MailChange } from '../../src/ports/mail-store.ts'
import type { MailRetention } from '../../src/ports/retention.ts'
import { bothWays } from '../support/both-ways.ts'
import { account, appendTo, mail, startStore, type TestStore } from '../support/store.ts'

const ann = account(1)
const bob = account(2)
const hour = 60 * 60 * 1000
const day = 24 * hour

let at: TestStore
beforeEach(async () => {
  at = await startStore({ keepDays: { trash: 0, junk: 14 } })
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
  await at.accounts.putAccount(bob, { quotaBytes: 0 })
})
afterEach(async () => {
  expect((await at.care.verify()).problems).toEqual([])
  await at.end()
})

const uidsIn = async (name: string, owner = ann) => {
  const id = (await at.store.mailbox(owner, name))?.id ?? 0
  return [...((await at.store.image(owner, id))?.uids ?? [])]
}
/** Time passes, and the hourly looks happen on the way. */
const pass = async (ms: number) => {
  for (let left = ms; left > 0; left -= hour) await at.clock.advance(Math.min(left, hour))
}
const eventually = (read: () => Promise<unknown>) =>
  expect.poll(async () => {
    await at.clock.advance(hour)
    return read()
  })

describe.each(bothWays)('how long mailboxes keep mail, %s', (_, way) => {
  let retention: MailRetention
  beforeEach(() => {
    retention = way(at.retention)
  })

  test('all of it, unless somebody says otherwise', async () => {
    expect(await retention.list(ann)).toEqual([{ mailbox: 'Junk', days: 14, own: false }])
    await appendTo(at, ann, 'Trash', mail())
    await pass(400 * day)
    expect(await uidsIn('Trash')).toEqual([1])
  })

  test('a rule of the user counts more than the standard, for ever too', async () => {
    expect(await retention.set(ann, 'Junk', 0)).toEqual({ kind: 'done', due: 0 })
    expect(await retention.set(ann, 'inbox', 3)).toEqual({ kind: 'done', due: 0 })
    expect(await retention.list(ann)).toEqual([
      { mailbox: 'INBOX', days: 3, own: true },
      { mailbox: 'Junk', days: 0, own: true },
    ])
    expect(await retention.list(bob)).toHaveLength(1)
    expect(await retention.unset(ann, 'Junk')).toEqual({ kind: 'done', due: 0 })
    expect(await retention.unset(ann, 'Junk')).toEqual({ kind: 'missing' })
    expect(await retention.set(ann, 'Nowhere', 3)).toEqual({ kind: 'missing' })
    expect((await retention.list(ann)).map(({ mailbox }) => mailbox)).toEqual(['INBOX', 'Junk'])
  })

  test('days count from when the message came into that mailbox', async () => {
    await retention.set(ann, 'Trash', 30)
    await appendTo(at, ann, 'INBOX', mail(), mail())
    await pass(29 * day)
    const [inbox, trash] = [await at.store.mailbox(ann, 'INBOX'), await at.store.mailbox(ann, 'Trash')]
    await at.store.move(ann, inbox?.id ?? 0, [1], trash?.id ?? 0)
    await pass(29 * day)
    expect(await uidsIn('Trash')).toEqual([1])
    await eventually(() => uidsIn('Trash')).toEqual([1])
    await pass(day)
    await eventually(() => uidsIn('Trash')).toEqual([])
    expect(await uidsIn('INBOX')).toEqual([2])
  })

  test('who sets a rule is told what it takes at once', async () => {
    await appendTo(at, ann, 'Archive', ...Array.from({ length: 700 }, () => mail()))
    await pass(2 * day)
    await appendTo(at, ann, 'Archive', mail())
    expect(await retention.set(ann, 'Archive', 1)).toEqual({ kind: 'done', due: 700 })
  })

  test('those who look on hear of it as of any expunge, and it is logged', async () => {
    const changes: MailChange[] = []
    at.store.watch(bob, (change) => changes.push(change))
    await appendTo(at, bob, 'Junk', mail(), mail())
    const before = (await at.store.mailbox(bob, 'Junk'))?.highestModSeq ?? 0
    await pass(14 * day)
    await eventually(() => uidsIn('Junk', bob)).toEqual([])
    const { id = 0 } = (await at.store.mailbox(bob, 'Junk')) ?? {}
    expect(changes.at(-1)).toMatchObject({ mailbox: id, expunged: [1, 2] })
    expect(await at.store.changesSince(bob, id, before)).toMatchObject({ expunged: [1, 2] })
    expect(await at.store.usage(bob)).toMatchObject({ messages: 0, usedBytes: 0 })
    expect(at.events.filter(({ event }) => event === 'store.expired')).toMatchObject([
      { fields: { account: bob, mailbox: 'Junk', days: 14, messages: 2 } },
    ])
  })

  test('rules outlive a restart, the mailbox and its renaming, but not the account', async () => {
    await at.store.createMailbox(ann, 'News')
    await retention.set(ann, 'News', 7)
    await at.store.renameMailbox(ann, 'News', 'Olds')
    await at.store.createMailbox(ann, 'News')
    await at.store.deleteMailbox(ann, 'News')
    await at.store.createMailbox(ann, 'News')
    at = await at.restart()
    retention = way(at.retention)
    expect(await retention.list(ann)).toMatchObject([{ mailbox: 'Junk' }, { mailbox: 'News', days: 7 }])
    await at.accounts.removeAccount(ann)
    await eventually(() => at.store.mailboxes(ann)).toEqual([])
    expect(await retention.list(ann)).toEqual([])
  })

  test('what a stopped server had not come to goes after its next start', async () => {
    await retention.set(ann, 'Archive', 10)
    await appendTo(at, ann, 'Archive', ...Array.from({ length: 1_200 }, () => mail()))
    await at.clock.advance(10 * day)
    at = await at.restart()
    expect((await at.care.verify()).problems).toEqual([])
    await eventually(() => uidsIn('Archive')).toEqual([])
  })

  test('a large mailbox goes in many short transactions, and what came later stays', async () => {
    await retention.set(ann, 'Archive', 10)
    await appendTo(at, ann, 'Archive', ...Array.from({ length: 1_200 }, () => mail()))
    await pass(5 * day)
    await appendTo(at, ann, 'Archive', mail())
    const gone: number[] = []
    at.store.watch(ann, (change) => {
      if (change.kind === 'messages') gone.push(change.expunged.length)
    })
    await pass(5 * day)
    await eventually(() => uidsIn('Archive')).toEqual([1201])
    expect(gone).toEqual([500, 500, 200])
  })
})
