import { expect, test } from 'vitest'
import { sortInSlices } from './in-slices.ts'

test.each([0, 1, 2, 1023, 1024, 1025, 5000, 40_000])(
  '%i elements are sorted, equal ones left in order',
  async (count) => {
    const values = Array.from({ length: count }, (_, index) => (index * 7919) % 97)
    const items = Uint32Array.from(values, (_, index) => index)
    const sorted = await sortInSlices(items, (a, b) => (values[a] ?? 0) - (values[b] ?? 0))
    const expected = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
    expect([...sorted]).toEqual(expected)
  },
)

test('others have their turn while 200,000 are sorted', async () => {
  let turns = 0
  const beat = () => {
    turns++
    if (turns < 10_000) timer = setImmediate(beat)
  }
  let timer = setImmediate(beat)
  const items = Uint32Array.from({ length: 200_000 }, (_, index) => (index * 7919) % 200_000)
  const sorted = await sortInSlices(items, (a, b) => a - b)
  clearImmediate(timer)
  expect(sorted[0]).toBe(0)
  expect(sorted.every((value, index) => index === 0 || value >= (sorted[index - 1] ?? 0))).toBe(true)
  expect(turns).toBeGreaterThan(200)
})
