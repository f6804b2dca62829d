import { expect, test } from 'vitest'
import { account } from '../../../../test/support/store.ts'
import type { MailReader, Uid } from '../../../ports/mail-store.ts'
import { Sizes } from './sizes.ts'

/** Messages whose size is a hundred times their uid; who was asked for. */
function mailbox(gone: readonly Uid[] = []): { store: Pick<MailReader, 'rows'>; asked: Uid[][] } {
  const asked: Uid[][] = []
  const rows: MailReader['rows'] = async (_, _mailbox, uids) => {
    asked.push([...uids])
    return uids.filter((uid) => !gone.includes(uid)).map((uid) => ({ uid, size: uid * 100 }))
  }
  return { store: { rows }, asked }
}

const uids = (...list: number[]) => Uint32Array.from(list)

test('only what is new is read again', async () => {
  const { store, asked } = mailbox()
  const sizes = new Sizes(store)
  await sizes.of(account(1), 7, uids(2, 3, 5))
  const later = await sizes.of(account(1), 7, uids(3, 5, 6, 9))
  expect(later).toEqual({ uids: uids(3, 5, 6, 9), sizes: uids(300, 500, 600, 900) })
  expect(asked).toEqual([
    [2, 3, 5],
    [6, 9],
  ])
  await sizes.of(account(1), 7, uids(3, 9))
  await sizes.of(account(1), 8, uids(3))
  expect(asked.slice(2)).toEqual([[3]])
})

test('what went away while the sizes were read is left out', async () => {
  const { store } = mailbox([3])
  expect(await new Sizes(store).of(account(1), 7, uids(2, 3, 5))).toEqual({
    uids: uids(2, 5),
    sizes: uids(200, 500),
  })
})

test('a large maildrop is read a thousand at a time, and others have their turn between', async () => {
  const { store, asked } = mailbox()
  let turns = 0
  const others = setInterval(() => turns++, 0)
  const all = Uint32Array.from({ length: 20_000 }, (_, index) => index + 1)
  expect((await new Sizes(store).of(account(1), 7, all)).sizes.at(-1)).toBe(2_000_000)
  clearInterval(others)
  expect(asked.map(({ length }) => length)).toEqual(Array.from({ length: 20 }, () => 1000))
  expect(turns).toBeGreaterThan(0)
})
