import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MailboxId, MailStore } from '../../src/ports/mail-store.ts'
import { bothWays } from '../support/both-ways.ts'
import { account, startStore, type TestStore } from '../support/store.ts'

const ann = account(1)
const bob = account(2)

let at: TestStore
beforeEach(async () => {
  at = await startStore()
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
  await at.accounts.putAccount(bob, { quotaBytes: 0 })
})
afterEach(async () => {
  expect((await at.care.verify()).problems).toEqual([])
  await at.end()
})

describe.each(bothWays)('annotations, %s', (_, way) => {
  let store: MailStore
  beforeEach(() => {
    store = way(at.store)
  })

  const idOf = async (name: string, owner = ann) => (await store.mailbox(owner, name))?.id ?? 0
  const set = (mailbox: MailboxId | undefined, texts: Readonly<Record<string, string | undefined>>) =>
    store.annotate(
      ann,
      mailbox,
      Object.entries(texts).map(([name, text]) => ({
        name,
        value: text === undefined ? undefined : new TextEncoder().encode(text),
      })),
    )
  const of = async (mailbox: MailboxId | undefined, owner = ann) =>
    (await store.annotations(owner, mailbox)).map(({ name, value }) => [name, Buffer.from(value).toString()])

  test('each mailbox has its own, and the account too', async () => {
    const [inbox, sent] = [await idOf('INBOX'), await idOf('Sent')]
    await set(inbox, { '/private/b': '2', '/private/a': '' })
    await set(undefined, { '/private/a': 'all' })
    expect([await of(inbox), await of(sent), await of(undefined)]).toEqual([
      [
        ['/private/a', ''],
        ['/private/b', '2'],
      ],
      [],
      [['/private/a', 'all']],
    ])
    expect(await of(undefined, bob)).toEqual([])
  })

  test('a value is replaced, and removed by none', async () => {
    const inbox = await idOf('INBOX')
    await set(inbox, { '/private/a': '1', '/private/b': '2' })
    expect(await set(inbox, { '/private/a': '3', '/private/b': undefined })).toEqual({ kind: 'done' })
    expect(await of(inbox)).toEqual([['/private/a', '3']])
  })

  test('they go with their mailbox, and survive a restart', async () => {
    await store.createMailbox(ann, 'Work')
    const work = await idOf('Work')
    await set(work, { '/private/a': '1' })
    await set(undefined, { '/private/a': '2' })
    await store.deleteMailbox(ann, 'Work')
    expect(await of(work)).toEqual([])
    expect(await set(work, { '/private/a': '1' })).toEqual({ kind: 'missing' })
    at = await at.restart()
    store = way(at.store)
    expect(await of(undefined)).toEqual([['/private/a', '2']])
  })

  test('there is an end to them', async () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`/private/${index}`, 'x']))
    expect(await set(undefined, many)).toEqual({ kind: 'done' })
    expect(await set(undefined, { '/private/more': 'x' })).toEqual({ kind: 'too-many' })
    expect(await set(undefined, { '/private/0': undefined })).toEqual({ kind: 'done' })
    expect(await set(undefined, { '/private/more': 'x' })).toEqual({ kind: 'done' })
  })
})
