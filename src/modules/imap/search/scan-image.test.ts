import { expect, test } from 'vitest'
import type { Mailbox } from '../../../ports/mail-store.ts'
import { SharedImage } from '../selected/image.ts'
import { Numbering } from '../selected/numbering.ts'
import { scanImage } from './scan-image.ts'

function imageOf(count: number): SharedImage {
  const mailbox = { highestModSeq: 1, uidNext: count + 1 } as Mailbox
  const uids = Uint32Array.from({ length: count }, (_, index) => index + 1)
  return new SharedImage({
    mailbox,
    uids,
    flags: new Uint32Array(count),
    modSeqs: new Float64Array(count),
  })
}
const expunge = (image: SharedImage, expunged: number[]) =>
  image.apply({ modSeq: 2, arrived: [], flagged: [], expunged })

test('others have their turn while a long mailbox is scanned', async () => {
  let turns = 0
  const count = () => {
    turns++
    next = setImmediate(count)
  }
  let next = setImmediate(count)
  await scanImage(new Numbering(imageOf(20_000), () => undefined), () => true)
  clearImmediate(next)
  expect(turns).toBeGreaterThan(5)
})

test('messages that others expunge during the scan hide no other message, and keep the numbers of the rest', async () => {
  const image = imageOf(5000)
  const scanning = scanImage(new Numbering(image, () => undefined), () => undefined)
  // Of those scanned already, and of those to come.
  expunge(image, [1, 2, 3, 4999])
  const { open } = await scanning
  const expected = Array.from({ length: 5000 }, (_, index) => index + 1).filter((uid) => uid !== 4999)
  expect(open.map(({ uid }) => uid)).toEqual(expected)
  expect(open.every(({ uid, number }) => uid === number)).toBe(true)
})

test('messages that arrive during the scan are not among its hits', async () => {
  const image = imageOf(5000)
  const scanning = scanImage(new Numbering(image, () => undefined), () => true)
  image.apply({ modSeq: 2, arrived: [{ uid: 5001, flags: 0, modSeq: 2 }], flagged: [], expunged: [] })
  expect((await scanning).hits).toHaveLength(5000)
})
