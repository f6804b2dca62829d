import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MailStore } from '../../src/ports/mail-store.ts'
import type { MessageBytes } from '../../src/ports/message.ts'
import { bothWays } from '../support/both-ways.ts'
import { account, appendTo, mail, startStore, type TestStore } from '../support/store.ts'

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

describe.each(bothWays)('mailboxes, %s', (wayName, way) => {
  let store: MailStore
  let bytes: MessageBytes
  beforeEach(() => {
    store = way(at.store)
    bytes = way(at.bytes)
  })

  const idOf = async (name: string) => (await store.mailbox(ann, name))?.id ?? 0
  const append = (name: string, ...texts: string[]) => appendTo({ store, bytes }, ann, name, ...texts)
  const uidsIn = async (name: string) => [...((await store.image(ann, await idOf(name)))?.uids ?? [])]

  test('are made with those above them, and found without regard to the case of INBOX', async () => {
    const made = await store.createMailbox(ann, 'inbox/a/b')
    expect(made).toMatchObject({
      kind: 'created',
      mailbox: { name: 'INBOX/a/b', messages: 0, uidNext: 1, subscribed: false },
    })
    expect(await store.mailbox(ann, 'InBoX/a')).toMatchObject({ name: 'INBOX/a' })
    expect(await store.createMailbox(ann, 'INBOX/a')).toEqual({ kind: 'exists' })
    expect(await store.createMailbox(ann, 'inbox')).toEqual({ kind: 'exists' })
  })

  test.each([
    ['', ''],
    ['/', '/'],
    ['a//b', 'a//b'],
    ['a/', 'a/'],
    ['a line feed', 'line\nfeed'],
    ['more than 1,000 characters', 'x'.repeat(1_001)],
  ])('cannot be called %s', async (_name, name) => {
    expect(await store.createMailbox(ann, name)).toEqual({ kind: 'limit' })
  })

  test('never take a special use from another, but have it once that one is gone', async () => {
    expect(await store.createMailbox(ann, 'Gesendet', '\\Sent')).toEqual({ kind: 'use-taken' })
    expect(await store.mailbox(ann, 'Gesendet')).toBeUndefined()
    await store.deleteMailbox(ann, 'Sent')
    await store.createMailbox(ann, 'Gesendet', '\\Sent')
    const sent = (await store.mailboxes(ann)).filter(({ specialUse }) => specialUse === '\\Sent')
    expect(sent.map(({ name }) => name)).toEqual(['Gesendet'])
  })

  test.runIf(wayName === 'bare')('can be subscribed to by many names, but not without end', async () => {
    for (let first = 0; first < 20_000; first += 1000) {
      const names = Array.from({ length: 1000 }, (_, index) => `s${first + index}`)
      await Promise.all(names.map((name) => store.subscribe(ann, name)))
    }
    expect(await store.subscribe(ann, 'one more')).toEqual({ kind: 'limit' })
    expect(await store.unsubscribe(ann, 's1')).toEqual({ kind: 'done' })
    expect(await store.subscriptions(ann)).toHaveLength(19_999)
  })

  test('are renamed with their children and keep their numbers and messages', async () => {
    await store.createMailbox(ann, 'a/b/c')
    await store.createMailbox(ann, 'ab')
    await append('a/b', mail())
    const before = await store.mailbox(ann, 'a/b')
    expect(await store.renameMailbox(ann, 'a', 'x/y')).toEqual({ kind: 'renamed' })
    const names = (await store.mailboxes(ann)).map(({ name }) => name).filter((name) => /^[ax]/.test(name))
    expect(names).toEqual(['ab', 'x', 'x/y', 'x/y/b', 'x/y/b/c'])
    expect(await store.mailbox(ann, 'x/y/b')).toEqual({ ...before, name: 'x/y/b' })
  })

  test('can be renamed below themselves', async () => {
    await store.createMailbox(ann, 'a/b')
    expect(await store.renameMailbox(ann, 'a', 'a/x')).toEqual({ kind: 'renamed' })
    const names = (await store.mailboxes(ann)).map(({ name }) => name).filter((name) => name.startsWith('a'))
    expect(names).toEqual(['a', 'a/x', 'a/x/b'])
  })

  test('are not renamed onto others, nor from nothing', async () => {
    await store.createMailbox(ann, 'a')
    expect(await store.renameMailbox(ann, 'a', 'Sent')).toEqual({ kind: 'exists' })
    expect(await store.renameMailbox(ann, 'nobody', 'b')).toEqual({ kind: 'missing' })
    expect(await store.renameMailbox(ann, 'a', 'b//')).toEqual({ kind: 'limit' })
  })

  test('renaming INBOX moves its messages and leaves it empty', async () => {
    await append('INBOX', mail(), mail())
    expect(await store.renameMailbox(ann, 'INBOX', 'Old')).toEqual({ kind: 'renamed' })
    expect([await uidsIn('INBOX'), await uidsIn('Old')]).toEqual([[], [1, 2]])
  })

  test('go with their messages; children stay, INBOX cannot go', async () => {
    await store.createMailbox(ann, 'a/b')
    await append('a', mail())
    const gone = await idOf('a')
    expect(await store.deleteMailbox(ann, 'a')).toEqual({ kind: 'deleted' })
    expect(await store.deleteMailbox(ann, 'a')).toEqual({ kind: 'missing' })
    expect(await store.deleteMailbox(ann, 'inbox')).toEqual({ kind: 'refused' })
    expect(await store.image(ann, gone)).toBeUndefined()
    expect(await store.mailbox(ann, 'a/b')).toBeDefined()
    expect((await store.usage(ann)).usedBytes).toBe(0)
  })

  test('made anew under an old name have a higher UIDVALIDITY', async () => {
    const made = await store.createMailbox(ann, 'a')
    await store.deleteMailbox(ann, 'a')
    const again = await store.createMailbox(ann, 'a')
    if (made.kind !== 'created' || again.kind !== 'created') throw new Error('not created')
    expect(again.mailbox.uidValidity).toBeGreaterThan(made.mailbox.uidValidity)
    expect(again.mailbox.id).toBeGreaterThan(made.mailbox.id)
  })

  test('subscriptions outlive them', async () => {
    await store.subscribe(ann, 'a')
    await store.createMailbox(ann, 'a')
    expect((await store.mailbox(ann, 'a'))?.subscribed).toBe(true)
    await store.deleteMailbox(ann, 'a')
    expect(await store.subscriptions(ann)).toContain('a')
    await store.unsubscribe(ann, 'a')
    expect(await store.subscriptions(ann)).not.toContain('a')
  })
})
