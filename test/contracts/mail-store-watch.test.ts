import { afterEach, beforeEach, expect, test } from 'vitest'
import { flagBits } from '../../src/lib/flags.ts'
import type { MailboxId, MailChange } from '../../src/ports/mail-store.ts'
import { account, appendTo, delivery, mail, sealed, startStore, type TestStore } from '../support/store.ts'

const ann = account(1)

let at: TestStore
let inbox: MailboxId
let changes: MailChange[]
beforeEach(async () => {
  at = await startStore()
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
  inbox = (await at.store.mailbox(ann, 'INBOX'))?.id ?? 0
  changes = []
  at.store.watch(ann, (change) => changes.push(change))
})
afterEach(() => at.end())

test('a change is told before the writer goes on', async () => {
  const [uid = 0] = await appendTo(at, ann, 'INBOX', mail())
  expect(changes).toMatchObject([
    { kind: 'messages', mailbox: inbox, arrived: [{ uid, flags: 0 }], flagged: [], expunged: [] },
  ])
})

test('all parts of one transaction that touch a mailbox come in one event', async () => {
  const message = await sealed(at.bytes, mail())
  await at.store.accept(delivery(message, {}, { flags: ['\\Seen'] }, { mailbox: 'New' }))
  expect(changes.map((change) => change.kind)).toEqual(['mailboxes', 'messages', 'messages'])
  expect(changes[1]).toMatchObject({
    mailbox: inbox,
    arrived: [{ uid: 1 }, { uid: 2, flags: flagBits['\\Seen'] }],
  })
  expect(new Set(changes.map(({ modSeq }) => modSeq)).size).toBe(1)
})

test('flags, moves and expunges are told with the modseq that the mailbox has then', async () => {
  await appendTo(at, ann, 'INBOX', mail(), mail())
  const trash = (await at.store.mailbox(ann, 'Trash'))?.id ?? 0
  changes = []
  await at.store.changeFlags(ann, inbox, [1], { mode: 'add', flags: ['\\Deleted'] })
  await at.store.move(ann, inbox, [2], trash)
  await at.store.expunge(ann, inbox)
  const told = changes.filter((change) => change.kind === 'messages' && change.mailbox === inbox)
  expect(told).toMatchObject([{ flagged: [{ uid: 1 }] }, { expunged: [2] }, { expunged: [1] }])
  expect((await at.store.mailbox(ann, 'INBOX'))?.highestModSeq).toBe(told.at(-1)?.modSeq)
})

test('annotations are told by their names', async () => {
  await at.store.annotate(ann, inbox, [
    { name: '/private/a', value: Buffer.from('1') },
    { name: '/private/b', value: undefined },
  ])
  await at.store.annotate(ann, undefined, [{ name: '/private/c', value: Buffer.from('1') }])
  expect(changes).toMatchObject([
    { kind: 'annotations', mailbox: inbox, names: ['/private/a'] },
    { kind: 'annotations', mailbox: undefined, names: ['/private/c'] },
  ])
})

test('what changes nothing tells nothing', async () => {
  await at.store.annotate(ann, inbox, [{ name: '/private/a', value: undefined }])
  await at.store.changeFlags(ann, inbox, [5], { mode: 'add', flags: ['\\Deleted'] })
  await at.store.expunge(ann, inbox)
  await at.store.subscribe(ann, 'INBOX')
  await at.store.createMailbox(ann, 'INBOX')
  expect(changes).toEqual([])
})

test('mailboxes that come, change their name and go are told', async () => {
  const made = await at.store.createMailbox(ann, 'a')
  await at.store.renameMailbox(ann, 'a', 'b')
  await at.store.deleteMailbox(ann, 'b')
  const id = made.kind === 'created' ? made.mailbox.id : 0
  expect(changes).toMatchObject([
    { kind: 'mailboxes', deleted: [] },
    { kind: 'mailboxes', deleted: [] },
    { kind: 'mailboxes', deleted: [id] },
  ])
})

test('others are not told, nor who has stopped listening', async () => {
  const bob = account(2)
  await at.accounts.putAccount(bob, { quotaBytes: 0 })
  const stop = at.store.watch(bob, () => expect.fail('told after stop'))
  await appendTo(at, ann, 'INBOX', mail())
  stop()
  await appendTo(at, bob, 'INBOX', mail())
  expect(changes).toHaveLength(1)
})

test('an image shows what was told by then', async () => {
  const images: ReturnType<typeof at.store.image>[] = []
  at.store.watch(ann, () => void images.push(at.store.image(ann, inbox)))
  for (let round = 0; round < 5; round++) await appendTo(at, ann, 'INBOX', mail())
  const sizes = (await Promise.all(images)).map((image) => image?.uids.length)
  expect(sizes).toEqual([1, 2, 3, 4, 5])
})
