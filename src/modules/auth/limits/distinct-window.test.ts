import { expect, test } from 'vitest'
import { DistinctWindow } from './distinct-window.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 0, 15, 12)

function window(more: Partial<ConstructorParameters<typeof DistinctWindow>[0]> = {}): DistinctWindow {
  return new DistinctWindow({
    kind: 'x',
    rate: { count: 2, seconds: 3_600 },
    maxNames: 100,
    whenFull: 'ignore',
    ...more,
  })
}

test('the same mark counts once, and goes when it has not been seen for the length of the window', () => {
  const marks = window()
  marks.mark('net', 1, start)
  marks.mark('net', 1, start + 1)
  expect(marks.isFull('net', start + 1)).toBe(false)
  marks.mark('net', 2, start + hour / 2)
  expect(marks.isFull('net', start + hour / 2)).toBe(true)
  expect(marks.secondsToRoom('net', start + hour / 2)).toBe(1_800)
  expect(marks.isFull('net', start + hour + 1)).toBe(false)
  expect(marks.secondsToRoom('net', start + hour + 1)).toBe(0)
})

test('a mark that is seen again stays', () => {
  const marks = window()
  marks.mark('net', 1, start)
  marks.mark('net', 1, start + hour / 2)
  expect(marks.has('net', 1, start + hour + 1)).toBe(true)
})

test('a burst of marks fills no memory beyond the rate', () => {
  const marks = window({ rate: { count: 5, seconds: 3_600 } })
  for (let n = 0; n < 1_000; n++) marks.mark('net', n, start)
  expect(marks.takeChanged(start)).toMatchObject([{ name: 'net', marks: { length: 5 } }])
})

test('of places only the latest are known', () => {
  const places = window({ whenFull: 'forget-oldest' })
  for (let n = 1; n <= 3; n++) places.mark('ann', n, start + n)
  expect([1, 2, 3].map((place) => places.has('ann', place, start + 4))).toEqual([false, true, true])
})

test('a flood of names pushes out its own kind, not the name that is guessed at and no lock', () => {
  const marks = window({ rate: { count: 3, seconds: 3_600 } })
  for (const mark of [1, 2, 3]) marks.mark('locked', mark, start)
  for (const mark of [1, 2]) marks.mark('guessed at', mark, start)
  marks.mark('first', 1, start)
  for (let n = 0; n < 10_000; n++) marks.mark(`stranger ${n}`, 1, start + n)
  expect(marks.size).toBeGreaterThan(95)
  expect(marks.size).toBeLessThanOrEqual(100)
  expect(marks.isFull('locked', start + 10_000)).toBe(true)
  expect(marks.has('guessed at', 2, start + 10_000)).toBe(true)
  expect(marks.has('first', 1, start + 10_000)).toBe(false)
})

test('names of one level push out those not seen for longest', () => {
  const marks = window({ maxNames: 2 })
  for (const name of ['a', 'b', 'c']) marks.mark(name, 1, start)
  expect(['a', 'b', 'c'].map((name) => marks.has(name, 1, start))).toEqual([false, true, true])
})

test('who was pushed out is struck off the stored ones as well', () => {
  const marks = window({ maxNames: 1 })
  marks.mark('a', 1, start)
  marks.takeChanged(start)
  marks.mark('b', 1, start)
  expect(marks.takeChanged(start)).toContainEqual(expect.objectContaining({ name: 'a', marks: [] }))
})

test('what has run out takes no room', () => {
  const marks = window()
  for (let n = 0; n < 50; n++) marks.mark(`net ${n}`, 1, start)
  marks.takeChanged(start + hour + 1)
  expect(marks.size).toBe(0)
})

test('what was stored and restored counts as before', () => {
  const before = window()
  before.mark('net', 281_474_976_710_655, start)
  before.mark('net', 2, start)
  const [stored] = before.takeChanged(start)
  const after = window()
  if (stored) after.restore(stored)
  expect(after.isFull('net', start)).toBe(true)
  expect(after.has('net', 281_474_976_710_655, start)).toBe(true)
  expect(stored?.expiresAt).toBe(start + hour)
})

test('what an earlier version stored is left alone where it means nothing', () => {
  const marks = window()
  marks.restore({ name: 'net', marks: [['ann@example.com', start, 1]] })
  expect(marks.size).toBe(0)
})

test('what has not changed is not written again', () => {
  const marks = window()
  marks.mark('net', 1, start)
  marks.takeChanged(start)
  marks.mark('net', 1, start + 1_000)
  expect(marks.takeChanged(start + 1_000)).toEqual([])
})

test('what was cleared is stored as nothing', () => {
  const marks = window()
  marks.mark('net', 1, start)
  expect(marks.forget('net')).toBe(true)
  expect(marks.forget('net')).toBe(false)
  expect(marks.takeChanged(start)).toMatchObject([{ name: 'net', marks: [] }])
})
