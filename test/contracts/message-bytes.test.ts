import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MailStore } from '../../src/ports/mail-store.ts'
import type { MessageBytes, MessageRef } from '../../src/ports/message.ts'
import { bothWays } from '../support/both-ways.ts'
import { account, delivery, mail, sealed, startStore, type TestStore } from '../support/store.ts'

const ann = account(1)
/** Neither too regular nor too random to compress. */
const octets = (count: number) => {
  const text = Array.from({ length: Math.ceil(count / 12) }, (_, index) => `${index * 7919}\r\n`).join('')
  return mail({ body: text.slice(0, count) })
}
const large = octets(3_500_000)
const small = octets(20_000)

const settings = [
  ['as they come', undefined],
  ['compressed', { level: 3 }],
] as const
const ways = bothWays.flatMap(([name, way]) =>
  settings.map(([kind, level]) => [name, kind, way, level] as const),
)

describe.each(ways)('message bytes, %s, %s', (_way, _kind, way, compression) => {
  let at: TestStore
  let bytes: MessageBytes
  let store: MailStore
  beforeEach(async () => {
    at = await startStore(compression ? { compression } : {})
    await at.accounts.putAccount(ann, { quotaBytes: 0 })
    bytes = way(at.bytes)
    store = way(at.store)
  })
  afterEach(async () => {
    expect((await at.care.verify()).problems).toEqual([])
    expect(spoolFiles()).toEqual([])
    await at.end()
  })

  const spoolFiles = () => readdirSync(join(at.dataDir, 'blobs', 'spool'))
  const readAll = async (ref: MessageRef) =>
    Buffer.from(await bytes.read(ref, { from: 0, to: ref.size })).toString()

  test.each([
    ['small', small, 'inline'],
    ['large', large, 'spooled'],
  ])('a %s message is read back before it is stored, and given up', async (_name, text, kind) => {
    const ref = await sealed(bytes, text)
    expect(ref).toMatchObject({ kind, size: text.length, index: { size: text.length } })
    expect(await readAll(ref)).toBe(text)
    expect(Buffer.from(await bytes.read(ref, { from: 10, to: 20 })).toString()).toBe(text.slice(10, 20))
    await bytes.release(ref)
  })

  test('a discarded draft leaves nothing, whatever it held', async () => {
    for (const text of [small, large]) {
      const draft = await bytes.begin()
      await bytes.write(draft, new TextEncoder().encode(text))
      await bytes.discard(draft)
      await bytes.discard(draft)
    }
  })

  test.each([
    ['small', small],
    ['large', large],
    ['strange', 'Subject: holes\0\r\n\r\n\0 and \0'],
  ])('a %s message comes out of the store as it went in, whole and in ranges', async (_name, text) => {
    const prefix = 'Delivered-To: ann\r\n'
    const stored = prefix + text
    await store.accept(delivery(await sealed(bytes, text), { prefix }))
    const inbox = (await store.mailbox(ann, 'INBOX'))?.id ?? 0
    const read = async (from?: number, to?: number) => {
      const range = from === undefined || to === undefined ? undefined : { from, to }
      return Buffer.from((await store.bytes(ann, inbox, 1, range)) ?? []).toString()
    }
    expect((await read()) === stored).toBe(true)
    const middle = Math.floor(text.length / 2)
    const mega = 1024 * 1024
    const ranges = [
      [0, 5],
      [10, 30],
      [prefix.length, prefix.length + 4],
      [middle, middle + 100],
      [mega - 10, mega + 10],
      [stored.length - 3, stored.length + 50],
      [prefix.length + 2 * mega - 1, prefix.length + 3 * mega + 1],
    ] as const
    for (const [from, to] of ranges) expect(await read(from, to)).toBe(stored.slice(from, to))
    const [whole] = await store.bodies(ann, inbox, [1], 1)
    expect(Buffer.from(whole?.bytes ?? []).toString() === stored).toBe(true)
  })

  test('one file serves all recipients', async () => {
    await store.accept(delivery(await sealed(bytes, large), {}, { mailbox: 'Archive' }, { mailbox: 'Trash' }))
    expect(await at.care.verify()).toMatchObject({ messages: 3, bodies: 1, blobs: 1 })
  })

  test('a message that is refused is not kept', async () => {
    const refused = await store.append(ann, 12_345, [
      { message: await sealed(bytes, large), flags: [], receivedAt: 0 },
    ])
    expect(refused).toEqual({ kind: 'missing' })
    expect(await at.care.verify()).toMatchObject({ bodies: 0, problems: [] })
  })

  test('a message that could not be taken now can be tried again', async () => {
    const message = await sealed(bytes, large)
    expect(await store.accept(delivery(message, { account: account(7) }))).toMatchObject({ kind: 'later' })
    expect(await store.accept(delivery(message, {}))).toMatchObject({ kind: 'accepted' })
  })

  test('a message that could not be taken and is given up leaves no file', async () => {
    const message = await sealed(bytes, large)
    expect(await store.accept(delivery(message, { account: account(7) }))).toMatchObject({ kind: 'later' })
    await bytes.release(message)
    expect(await at.care.verify()).toMatchObject({ problems: [] })
  })

  test('what a crash leaves in the spool is gone at the next start', async () => {
    const message = await sealed(bytes, large)
    expect(message.kind === 'spooled' && existsSync(join(at.dataDir, 'blobs', 'spool', message.spool))).toBe(
      true,
    )
    at = await at.restart()
    expect(spoolFiles()).toEqual([])
  })
})
