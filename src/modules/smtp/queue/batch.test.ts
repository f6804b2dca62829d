import { expect, test } from 'vitest'
import type { QueuedRecipient } from '../../../ports/outgoing-queue.ts'
import { Turns } from './batch.ts'

const row = (id: number, account: number, message = id) =>
  ({ id, account, message }) as unknown as QueuedRecipient

test('who sends a thousand messages to one place delays others there by one', () => {
  const turns = new Turns()
  const many = Array.from({ length: 1000 }, (_, at) => row(at, 1))
  const due = [...many, row(2000, 2), row(2001, 3)]
  const served = [1, 2, 3, 4, 5].map(() => turns.next(due)?.[0].account)
  expect(served).toEqual([1, 2, 3, 1, 1])
})

test('recipients of one message go together, as many as may, and nobody twice at once', () => {
  const turns = new Turns()
  const due = [row(1, 1, 7), row(2, 1, 8), row(3, 1, 7), row(4, 1, 7)]
  const first = turns.next(due, 2)
  expect(first?.map(({ id }) => id)).toEqual([1, 3])
  expect(turns.next(due)?.map(({ id }) => id)).toEqual([2])
  expect(turns.next(due)?.map(({ id }) => id)).toEqual([4])
  expect(turns.next(due)).toBe(undefined)
  if (first) turns.end(first)
  expect(turns.hasFree(due)).toBe(true)
})
