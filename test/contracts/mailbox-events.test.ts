import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDelivery, createMailboxEvents } from '../../src/modules/delivery/index.ts'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { MailboxEvent } from '../../src/ports/mailbox-events.ts'
import { addUsers, domainRow, newUser, startAuth, type TestAuth } from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'
import { deliveryRules } from '../support/delivery-rules.ts'
import { createFakeLog, type LoggedEvent } from '../support/fakes/runtime.ts'
import { intakeParts, textsIn } from '../support/intake.ts'
import { mail, sealed, startStore, type TestStore } from '../support/store.ts'

let auth: TestAuth
let store: TestStore
let ann: AccountId
let logged: readonly LoggedEvent[]

beforeEach(async () => {
  store = await startStore()
  auth = await startAuth({ mailAccounts: store.accounts, clock: store.clock })
  await auth.admin.add('domain', domainRow('example.com'), 'test')
  const [first = 0 as AccountId] = await addUsers(auth.admin, [
    newUser('ann@example.com', { quotaBytes: 100_000 }),
  ])
  ann = first
})
afterEach(async () => {
  await auth.end()
  await store.end()
})

const entry = '/shared/imapsieve/script'

async function mailboxId(name: string): Promise<number> {
  const found = await store.store.mailbox(ann, name)
  if (found) return found.id
  const made = await store.store.createMailbox(ann, name)
  if (made.kind !== 'created') throw new Error(made.kind)
  return made.mailbox.id
}

async function append(name: string, text = mail()): Promise<number> {
  const message = { message: await sealed(store.bytes, text), flags: [], receivedAt: 1 }
  const appended = await store.store.append(ann, await mailboxId(name), [message])
  return appended.kind === 'appended' ? (appended.uids[0] ?? 0) : 0
}

describe.each(bothWays)('scripts that wait for IMAP, %s', (_, way) => {
  function start() {
    const log = createFakeLog()
    logged = log.events
    const parts = intakeParts(store, auth)
    const made = createMailboxEvents({
      ...parts,
      ...deliveryRules(store),
      store: store.store,
      intake: createDelivery(parts),
      log,
    })
    return { ...made, events: way(made.events) }
  }

  async function waits(name: string, text: string, mailbox: string | undefined): Promise<void> {
    const { scripts } = deliveryRules(store)
    expect((await scripts.put(ann, name, text)).kind).toBe('stored')
    const id = mailbox === undefined ? undefined : await mailboxId(mailbox)
    await store.store.annotate(ann, id, [{ name: entry, value: Buffer.from(name) }])
  }

  const event = async (mailbox: string, more: Partial<MailboxEvent>): Promise<MailboxEvent> => ({
    owner: ann,
    mailbox: await mailboxId(mailbox),
    user: ann,
    cause: 'APPEND',
    uids: [],
    changedFlags: [],
    ...more,
  })

  test('one mailbox’s script runs for it alone, and is done when the service has ended', async () => {
    const { events, service } = start()
    await waits('sort', 'require ["fileinto", "mailbox"]; fileinto :create "Sorted";', 'Work')
    expect(await events.areAwaited(ann, await mailboxId('Work'))).toBe(true)
    expect(await events.areAwaited(ann, await mailboxId('INBOX'))).toBe(false)
    await events.happened(await event('Work', { uids: [await append('Work')] }))
    await events.happened(await event('INBOX', { uids: [await append('INBOX')] }))
    await expect.poll(() => textsIn(store, ann, 'Sorted')).toHaveLength(1)
    await service.drain()
    expect(await textsIn(store, ann, 'Work')).toEqual([])
    expect(await textsIn(store, ann)).toHaveLength(1)
    expect(await store.store.decisions(ann, 10)).toHaveLength(1)
  })

  test('duplicate is remembered from one event to the next', async () => {
    const { events } = start()
    await waits('twice', 'require ["duplicate", "imap4flags"]; if duplicate { addflag "$Again"; }', undefined)
    const text = mail({ headers: ['Message-ID: <1@example.com>'] })
    const uids = [await append('INBOX', text), await append('INBOX', text)]
    await events.happened(await event('INBOX', { uids, cause: 'COPY' }))
    const flagged = async () => {
      const image = await store.store.image(ann, await mailboxId('INBOX'))
      const sets = await store.store.keywordSets([...(image?.flags ?? [])].map((flags) => flags >>> 5))
      return sets.map((names) => names.join())
    }
    await expect.poll(flagged).toEqual(['', '$Again'])
  })

  test.each<[string, string, number]>([
    ['what has no room elsewhere stays', 'fileinto "Other"; fileinto "INBOX";', 1],
    ['nobody brings the message, so nobody is refused', 'reject "No.";', 1],
    ['a copy to a folder that is not there is none', 'fileinto "Nowhere";', 1],
  ])('%s', async (_name, text, left) => {
    const { events, service } = start()
    await mailboxId('Other')
    await waits('tries', `require ["fileinto", "reject", "copy"]; ${text}`, 'Work')
    const large = mail({ body: 'x'.repeat(60_000) })
    await events.happened(await event('Work', { uids: [await append('Work', large)] }))
    await expect.poll(() => store.store.decisions(ann, 10)).toHaveLength(1)
    await service.drain()
    expect(await textsIn(store, ann, 'Work')).toHaveLength(left)
    expect(await textsIn(store, ann, 'Other')).toEqual([])
  })

  test('what is gone, unknown, or too much is left alone', async () => {
    const { events, service } = start()
    await waits('any', 'discard;', undefined)
    await events.happened(await event('INBOX', { uids: [77] }))
    await events.happened(await event('INBOX', { owner: 9 as AccountId, uids: [1] }))
    await events.happened(
      await event('INBOX', { uids: Array.from({ length: 100_001 }, (_each, n) => n + 1) }),
    )
    await service.drain()
    await events.happened(await event('INBOX', { uids: [await append('INBOX')] }))
    expect(await textsIn(store, ann)).toHaveLength(1)
    expect(logged.map(({ event: name }) => name)).toContain('imap-script.skipped')
  })
})
