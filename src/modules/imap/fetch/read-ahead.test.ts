import { expect, test } from 'vitest'
import type { Uid } from '../../../ports/mail-store.ts'
import { ReadAhead } from './read-ahead.ts'

const kib = 1024
const large = 300 * kib
/** Three reads of about a megabyte, a large message and a missing one between them. */
const sizes = [100, 200, 250, 0, 250, 250, 250, 300, 250, 250].map((size) => size * kib)
const rows = sizes.map((size, index) => ({ uid: index + 1, size }))
const missing: Uid = 4

const store = {
  async bodies(uids: readonly Uid[], maxBytes: number) {
    const found: { uid: Uid; bytes: Uint8Array }[] = []
    let left = maxBytes
    for (const uid of uids) {
      const size = sizes[uid - 1] ?? 0
      left -= size
      if (left < 0) break
      if (uid !== missing) found.push({ uid, bytes: new Uint8Array(size).fill(uid) })
    }
    return found
  },
}

test('each small message comes whole, a large one is left to be read in pieces, a missing one is gone', async () => {
  const ahead = new ReadAhead(store, rows)
  const taken: unknown[] = []
  for (const row of rows) {
    const whole = ahead.taken(row) ?? (await ahead.take(row))
    taken.push(whole instanceof Uint8Array ? [whole.length, whole[0], whole.at(-1)] : whole)
  }
  expect(taken).toEqual(
    rows.map(({ uid, size }) => {
      if (uid === missing) return 'gone'
      return size >= large ? undefined : [size, uid, uid]
    }),
  )
})

test('what was used is given back before more is read', async () => {
  const ahead = new ReadAhead(store, rows)
  const [first, second] = [rows[0], rows[5]]
  const early = first && (await ahead.take(first))
  if (second) await ahead.take(second)
  expect(early).toHaveLength(0)
})
