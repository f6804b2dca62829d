import { openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
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
import { UnusableFile } from '../../platform/sqlite/failure.ts'

const ann = account(1)
const long = mail({ body: 'x'.repeat(100_000) })

let at: TestStore | undefined
afterEach(async () => {
  await at?.end()
  at = undefined
})

test('a full disk refuses mail for now, keeps what it has, and takes mail again when there is room', async () => {
  at = await startStore({ maxPages: 60 })
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
  const answers: string[] = []
  for (let round = 0; round < 12; round++) {
    const answer = await at.store.accept(delivery(await sealed(at.bytes, long), {}))
    answers.push(answer.kind === 'later' ? answer.reason : answer.kind)
  }
  const accepted = answers.filter((answer) => answer === 'accepted').length
  expect(accepted).toBeGreaterThan(0)
  expect(answers.slice(accepted).every((answer) => answer === 'disk-full')).toBe(true)
  expect(at.events.filter(({ event }) => event === 'sqlite.disk-full')).toHaveLength(1)
  expect(await at.care.verify()).toMatchObject({ messages: accepted, problems: [] })
  const inbox = (await at.store.mailbox(ann, 'INBOX'))?.id ?? 0
  expect(await at.store.changeFlags(ann, inbox, [1], { mode: 'add', flags: ['\\Seen'] })).toMatchObject({
    kind: 'changed',
  })
})

test('on a full disk what was expunged makes room at once', async () => {
  at = await startStore({ maxPages: 60 })
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
  const { store, bytes } = at
  const accept = async () => (await store.accept(delivery(await sealed(bytes, long), {}))).kind
  while ((await accept()) === 'accepted');
  const inbox = (await store.mailbox(ann, 'INBOX'))?.id ?? 0
  const uids = [...((await store.image(ann, inbox))?.uids ?? [])]
  await store.changeFlags(ann, inbox, uids, { mode: 'add', flags: ['\\Deleted'] })
  await store.expunge(ann, inbox)
  await expect.poll(accept).toBe('accepted')
  expect((await at.care.verify()).problems).toEqual([])
})

test('a full disk refuses one of several that wait, and the answer of each is true', async () => {
  at = await startStore({ maxPages: 60 })
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
  const { bytes, store } = at
  const refs = await Promise.all(Array.from({ length: 20 }, () => sealed(bytes, long)))
  const answers = await Promise.all(refs.map((ref) => store.accept(delivery(ref, {}))))
  const accepted = answers.filter(({ kind }) => kind === 'accepted').length
  expect(await at.care.verify()).toMatchObject({ messages: accepted, problems: [] })
})

test('a damaged database refuses new mail from then on and says so', async () => {
  at = await startStore()
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
  for (let round = 0; round < 20; round++) await appendTo(at, ann, 'INBOX', long)
  const { dataDir, clock } = at
  await at.stop()
  overwrite(join(dataDir, 'mail.db'))
  at = await startStore({ dataDir, clock }).catch(() => undefined)
  // Damage may be found at the start already: then nothing runs at all.
  if (!at) return
  const inbox = (await at.store.mailbox(ann, 'INBOX').catch(() => undefined))?.id ?? 1
  const uids = Array.from({ length: 20 }, (_, index) => index + 1)
  const first = await at.store.changeFlags(ann, inbox, uids, { mode: 'add', flags: ['\\Seen'] })
  const second = await at.store.accept(delivery(await sealed(at.bytes, mail()), {}))
  expect([first, second]).toContainEqual(expect.objectContaining({ kind: 'later', reason: 'damaged' }))
  expect((await at.care.verify()).problems).not.toEqual([])
  expect(at.events).toContainEqual(expect.objectContaining({ level: 'error', event: 'sqlite.damaged' }))
})

/** Keeps the first page, so that the file still opens. */
function overwrite(path: string): void {
  const { size } = statSync(path)
  const file = openSync(path, 'r+')
  const page = 16 * 1024
  for (let at = page; at < size; at += page) writeSync(file, Buffer.alloc(page, 0xa5), 0, page, at)
}

test('a store of a newer version is refused, and left as it is', async () => {
  at = await startStore()
  const { dataDir, clock } = at
  await at.stop()
  const db = openDatabase(join(dataDir, 'mail.db'), 'write')
  const version = db.pragma('user_version', { simple: true })
  db.pragma('user_version = 1000')
  db.close()
  const before = readFileSync(join(dataDir, 'mail.db'))
  await expect(startStore({ dataDir, clock })).rejects.toBeInstanceOf(UnusableFile)
  expect(readFileSync(join(dataDir, 'mail.db')).equals(before)).toBe(true)
  tamperBack(dataDir, version)
  at = await startStore({ dataDir, clock })
})

function tamperBack(dataDir: string, version: unknown): void {
  const db = openDatabase(join(dataDir, 'mail.db'), 'write')
  db.pragma(`user_version = ${String(version)}`)
  db.close()
}

test('after a stop, writing says that the service goes down', async () => {
  at = await startStore()
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
  await at.service.stop()
  expect(await at.store.createMailbox(ann, 'a')).toMatchObject({ kind: 'later', reason: 'draining' })
})
