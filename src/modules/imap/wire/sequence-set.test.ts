import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatSet, sequenceSet, settle } from './sequence-set.ts'

test.each([
  ['1:*', 5, [[1, 5]]],
  ['*:3', 5, [[3, 5]]],
  ['559:*', 5, [[5, 559]]],
  ['*', 5, [[5, 5]]],
  [
    '2,4:7,9,12:*',
    15,
    [
      [2, 2],
      [4, 7],
      [9, 9],
      [12, 15],
    ],
  ],
  ['3,1,2', 5, [[1, 3]]],
  ['5:9,7:12', 20, [[5, 12]]],
  ['*', 0, []],
])('%s of %i', (text, largest, expected) => {
  const set = sequenceSet(text)
  const ranges = set?.kind === 'ranges' ? settle(set.ranges, largest) : []
  expect(ranges.map(({ first, last }) => [first, last])).toEqual(expected)
})

test.each([
  [[], ''],
  [[7], '7'],
  [[2, 3, 4, 9], '2:4,9'],
  [[4, 2, 3], '4,2:3'],
])('%j is written %s', (numbers, text) => {
  expect(formatSet(numbers)).toBe(text)
})

test('what is written reads the same', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (numbers) => {
      numbers.sort((a, b) => a - b)
      const set = sequenceSet(formatSet(numbers))
      const ranges = set?.kind === 'ranges' ? settle(set.ranges, 60) : []
      const read = ranges.flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, i) => first + i),
      )
      expect(read).toEqual(numbers)
    }),
  )
})
