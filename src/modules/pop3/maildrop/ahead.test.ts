import { expect, test } from 'vitest'
import { account } from '../../../../test/support/store.ts'
import type { MailReader, Uid } from '../../../ports/mail-store.ts'
import { Ahead } from './ahead.ts'

/** A maildrop of messages of these sizes; uids begin at 11. */
function maildrop(sizes: readonly number[], gone: readonly Uid[] = []): { ahead: Ahead; asked: Uid[][] } {
  const asked: Uid[][] = []
  const bodies: MailReader['bodies'] = async (_, _mailbox, uids) => {
    asked.push([...uids])
    return uids.filter((uid) => !gone.includes(uid)).map((uid) => ({ uid, bytes: Uint8Array.of(uid) }))
  }
  const uids = Uint32Array.from(sizes, (_, index) => index + 11)
  const ahead = new Ahead({ bodies }, account(1), 7, { uids, sizes: Uint32Array.from(sizes) })
  return { ahead, asked }
}

test('who takes one after the other has more and more of them at hand', async () => {
  const { ahead, asked } = maildrop(Array.from({ length: 20 }, () => 1000))
  for (let index = 0; index < 15; index++) expect(await ahead.take(index)).toEqual(Uint8Array.of(index + 11))
  expect(asked.map(({ length }) => length)).toEqual([1, 2, 4, 8])
})

test('who wants one message makes us read one', async () => {
  const { ahead, asked } = maildrop([1000, 1000, 1000, 1000])
  await ahead.take(2)
  await ahead.take(0)
  expect(asked).toEqual([[13], [11]])
})

test('what is read ahead stays small, and large messages are left out', async () => {
  const { ahead, asked } = maildrop([1000, 1000, 200_000, 1000, 100_000, 100_000, 100_000])
  for (const index of [0, 1, 3, 4, 5]) await ahead.take(index)
  expect(asked).toEqual([[11], [12], [14, 15, 16]])
})

test('a message that was removed meanwhile is not there', async () => {
  const { ahead } = maildrop([1000, 1000], [12])
  expect(await ahead.take(1)).toBeUndefined()
})

test('what nobody came for is given back, and read again when somebody does', async () => {
  const { ahead, asked } = maildrop([1000, 1000, 1000])
  await ahead.take(0)
  const held = await ahead.take(1)
  ahead.forget()
  expect(held?.length).toBe(0)
  expect(await ahead.take(2)).toEqual(Uint8Array.of(13))
  expect(asked.at(-1)).toEqual([13])
})
