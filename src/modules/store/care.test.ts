import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  account,
  appendTo,
  delivery,
  mail,
  sealed,
  startStore,
  type TestStore,
} from '../../../test/support/store.ts'
import { openDatabase } from '../../platform/sqlite/database.ts'

const ann = account(1)
const large = mail({ body: 'All work and no play makes Jack a dull boy.\r\n'.repeat(4_000) })
const hour = 60 * 60 * 1000
const day = 24 * hour

let at: TestStore
beforeEach(async () => {
  at = await startStore()
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
})
afterEach(() => at.end())

const blobFiles = () =>
  readdirSync(join(at.dataDir, 'blobs'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
const blobPath = () => {
  const [file] = blobFiles()
  return join(file?.parentPath ?? '', file?.name ?? '')
}
const accept = async (text: string, ...copies: Parameters<typeof delivery>[1][]) =>
  at.store.accept(delivery(await sealed(at.bytes, text), ...copies))

async function expungeInbox(): Promise<void> {
  const image = await at.store.image(ann, (await at.store.mailbox(ann, 'INBOX'))?.id ?? 0)
  const { id = 0 } = image?.mailbox ?? {}
  await at.store.changeFlags(ann, id, [...(image?.uids ?? [])], { mode: 'add', flags: ['\\Deleted'] })
  await at.store.expunge(ann, id)
}

/** Lets the sweeper have its turns until `read` gives what is expected. */
const eventually = <T>(read: () => T | Promise<T>) =>
  expect.poll(async () => {
    await at.clock.advance(15 * 60 * 1000)
    return read()
  })

/** Expunged messages that could still be undone. */
function heldRows(): unknown {
  const db = openDatabase(join(at.dataDir, 'mail.db'), 'read')
  const count = db.prepare('SELECT count(*) FROM expunged WHERE email IS NOT NULL').pluck().get()
  db.close()
  return count
}

/** Changes the file behind the store's back. */
function tamper(sql: string): void {
  const db = openDatabase(join(at.dataDir, 'mail.db'), 'write')
  db.exec(sql)
  db.close()
}

describe('sweeping', () => {
  test('an expunged message can be undone for a day; its file stays another day', async () => {
    await accept(large, {})
    await expungeInbox()
    await at.clock.advance(23 * hour)
    expect(await at.care.verify()).toMatchObject({ messages: 0, bodies: 1, problems: [] })
    await at.clock.advance(2 * hour)
    await eventually(async () => (await at.care.verify()).bodies).toBe(0)
    expect(blobFiles()).toHaveLength(1)
    await at.clock.advance(day)
    await eventually(blobFiles).toHaveLength(0)
    expect((await at.care.verify()).problems).toEqual([])
  })

  test('a body stays while one recipient has it', async () => {
    await accept(mail(), {}, { mailbox: 'Archive' })
    await expungeInbox()
    await at.clock.advance(2 * day)
    await eventually(async () => heldRows()).toBe(0)
    expect(await at.care.verify()).toMatchObject({ bodies: 1, problems: [] })
  })

  test('the log is trimmed after 90 days, and then says that it is too old', async () => {
    await appendTo(at, ann, 'INBOX', mail(), mail())
    const inbox = await at.store.mailbox(ann, 'INBOX')
    const since = inbox?.highestModSeq ?? 0
    await expungeInbox()
    await at.clock.advance(80 * day)
    expect(await at.store.changesSince(ann, inbox?.id ?? 0, since)).toMatchObject({ expunged: [1, 2] })
    await at.clock.advance(11 * day)
    await eventually(async () => (await at.store.changesSince(ann, inbox?.id ?? 0, since)).kind).toBe(
      'too-old',
    )
  })

  test('a removed account takes nothing any more, and its mail goes', async () => {
    const bob = account(2)
    await at.accounts.putAccount(bob, { quotaBytes: 0 })
    await accept(large, {}, { account: bob }, { account: bob, mailbox: 'Archive' })
    await at.accounts.removeAccount(bob)
    expect(await accept(mail(), { account: bob })).toMatchObject({ kind: 'later', reason: 'not-there-yet' })
    expect((await at.store.usage(bob)).active).toBe(false)
    await eventually(() => at.store.mailboxes(bob)).toEqual([])
    await eventually(async () => (await at.care.verify()).bodies).toBe(1)
    expect((await at.care.verify()).problems).toEqual([])
    await at.accounts.putAccount(bob, { quotaBytes: 5 })
    expect((await at.store.usage(bob)).active).toBe(false)
  })

  test('a file that no row names, left by a crash, goes at the next start', async () => {
    await accept(large, {})
    writeFileSync(`${blobPath().slice(0, -2)}zz`, 'left behind')
    expect((await at.care.verify()).problems).toEqual([expect.stringContaining('belongs to no message')])
    at = await at.restart()
    await expect.poll(blobFiles).toHaveLength(1)
    expect((await at.care.verify()).problems).toEqual([])
  })
})

describe('verify finds', () => {
  beforeEach(async () => {
    await accept(large, {}, { mailbox: 'Archive' })
    await appendTo(at, ann, 'INBOX', mail())
  })

  test('nothing to say about a sound store', async () => {
    expect(await at.care.verify()).toEqual({
      accounts: 1,
      mailboxes: 6,
      messages: 3,
      bodies: 2,
      blobs: 1,
      problems: [],
    })
  })

  test.each([
    [
      'a body that changed',
      "UPDATE body SET rest = CAST(x'00' || substr(rest, 2) AS BLOB) WHERE blob IS NULL",
      'checksum',
    ],
    ['a body that is short', "UPDATE body SET rest = x'' WHERE blob IS NULL", 'octets, it says'],
    [
      'a wrong reference count',
      'UPDATE body SET refs = 9 WHERE blob IS NOT NULL',
      'counts 9 emails, there are 2',
    ],
    ['a missing body', 'DELETE FROM body WHERE blob IS NULL', 'has no body'],
    ['a missing email', 'DELETE FROM email WHERE id = 3', 'has no email'],
    ['an email nobody sees', 'DELETE FROM placement WHERE email = 3', 'is in no mailbox'],
    ['a broken index row', "UPDATE email SET envelope = 'NIL' WHERE id = 3", 'broken index row'],
    ['a wrong size', 'UPDATE email SET size = size + 1 WHERE id = 3', 'octets, its body'],
    ['a wrong message counter', "UPDATE mailbox SET messages = 7 WHERE name = 'INBOX'", 'says messages 7'],
    ['a wrong unseen counter', "UPDATE mailbox SET unseen = 7 WHERE name = 'INBOX'", 'says unseen 7'],
    ['a uid that will be used again', "UPDATE mailbox SET uidnext = 2 WHERE name = 'INBOX'", 'next uid is 2'],
    ['a wrong usage', 'UPDATE account SET used = 1', 'says 1 octets used'],
    [
      'an index of parts that cannot be read',
      "UPDATE email SET parts = 'x' WHERE id = 3",
      'broken index row',
    ],
    [
      'a part that ends behind its message',
      `UPDATE email SET parts = '[[-1,0,2,9999999,1,"text/plain","7bit"]]' WHERE id = 3`,
      'broken index row',
    ],
    [
      'messages of no mailbox',
      'UPDATE placement SET mailbox = 99 WHERE email = 3',
      'mailbox 99 has messages',
    ],
    ["another account's message", 'UPDATE email SET account = 2 WHERE id = 3', 'date or account'],
    ['a mailbox of no account', "UPDATE mailbox SET account = 9 WHERE name = 'Sent'", 'no account'],
    ['keywords that are not there', 'UPDATE placement SET flags = 999 << 5 WHERE email = 3', 'keywords'],
    ['keywords that cannot be read', "INSERT INTO keyword_set VALUES (7, 'x')", 'keyword set 7'],
    ['a counter of changes that fell back', 'UPDATE account SET modseq = 1', 'has modseq 1'],
    ['a right to nothing', "INSERT INTO mailbox_grant VALUES (1, 99, 2, 0, 'lr')", 'a right to mailbox 99'],
    [
      'a uidvalidity that will be used again',
      'UPDATE account SET next_uidvalidity = 1',
      'give uidvalidity 1',
    ],
  ])('%s', async (_name, sql, problem) => {
    tamper(sql)
    expect((await at.care.verify()).problems).toContainEqual(expect.stringContaining(problem))
  })

  test.each([
    ['is missing', () => rmSync(blobPath()), 'cannot be read'],
    ['is cut', () => truncateSync(blobPath(), 200_0), 'octets'],
    ['is overwritten', () => writeFileSync(blobPath(), 'x'.repeat(large.length)), 'checksum'],
  ])('a file that %s', async (_name, harm, problem) => {
    harm()
    expect((await at.care.verify()).problems).toContainEqual(expect.stringContaining(problem))
  })
})

describe('a backup', () => {
  test('taken while mail comes in holds a moment of it, and restores to a sound store', async () => {
    await accept(large, {}, { mailbox: 'Archive' })
    const folder = join(at.dataDir, 'backup')
    let busy = true
    const arriving = (async () => {
      for (let index = 0; busy; index++) await appendTo(at, ann, 'INBOX', mail({ subject: `${index}` }))
    })()
    const answer = await at.care.backup(folder)
    busy = false
    await arriving
    if (answer.kind !== 'done') throw new Error(answer.text)
    const dataDir = join(at.dataDir, 'restored')
    await cp(folder, dataDir, { recursive: true })
    const restored = await startStore({ dataDir, clock: at.clock })
    expect(await restored.care.verify()).toMatchObject({ messages: answer.messages, blobs: 1, problems: [] })
    const { usedBytes } = await restored.store.usage(ann)
    expect(usedBytes).toBe(answer.bytes)
    await restored.end()
  })

  test('never writes into a folder that holds something', async () => {
    expect(await at.care.backup(at.dataDir)).toMatchObject({ kind: 'refused' })
  })
})
