import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MailboxId, MailStore } from '../../src/ports/mail-store.ts'
import type { MessageBytes } from '../../src/ports/message.ts'
import { bothWays } from '../support/both-ways.ts'
import { account, appendTo, mail, sealed, startStore, type TestStore } from '../support/store.ts'

const ann = account(1)

let at: TestStore
beforeEach(async () => {
  at = await startStore()
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
})
afterEach(async () => {
  expect((await at.care.verify()).problems).toEqual([])
  await at.end()
})

describe.each(bothWays)('the mail store, %s', (_, way) => {
  let store: MailStore
  let bytes: MessageBytes
  let inbox: MailboxId
  beforeEach(async () => {
    store = way(at.store)
    bytes = way(at.bytes)
    inbox = await idOf('INBOX')
  })

  const idOf = async (name: string) => (await store.mailbox(ann, name))?.id ?? 0
  const append = (name: string, ...texts: string[]) => appendTo({ store, bytes }, ann, name, ...texts)
  const uidsOf = async (id: MailboxId) => [...((await store.image(ann, id))?.uids ?? [])]

  test('replacing a message puts the new one in and takes the old one out at once', async () => {
    await append('INBOX', mail({ subject: 'draft' }))
    const drafts = await idOf('Drafts')
    const changes: string[] = []
    const stop = at.store.watch(ann, (change) => changes.push(`${change.kind} ${change.modSeq}`))
    const made = async () => ({
      message: await sealed(bytes, mail({ subject: 'better' })),
      flags: ['\\Draft'],
      receivedAt: 7,
    })
    const replaced = await store.replace(ann, inbox, 1, drafts, await made())
    expect(replaced).toMatchObject({ kind: 'replaced', uid: 1 })
    expect([await uidsOf(inbox), await uidsOf(drafts)]).toEqual([[], [1]])
    expect(new Set(changes).size).toBe(1)
    // In its own place: the uid is new.
    expect(await store.replace(ann, drafts, 1, drafts, await made())).toMatchObject({
      kind: 'replaced',
      uid: 2,
    })
    expect(await uidsOf(drafts)).toEqual([2])
    // Nothing is put in where nothing is taken out.
    expect(await store.replace(ann, drafts, 1, drafts, await made())).toEqual({ kind: 'missing' })
    expect(await store.replace(ann, drafts, 2, 999, await made())).toEqual({ kind: 'missing-target' })
    expect(await uidsOf(drafts)).toEqual([2])
    const { usedBytes } = await store.usage(ann)
    await at.accounts.putAccount(ann, { quotaBytes: usedBytes })
    expect(await store.replace(ann, drafts, 2, drafts, await made())).toMatchObject({ kind: 'replaced' })
    const larger = { ...(await made()), message: await sealed(bytes, mail({ subject: 'much larger' })) }
    expect(await store.replace(ann, drafts, 3, drafts, larger)).toEqual({ kind: 'over-quota' })
    stop()
  })
})
