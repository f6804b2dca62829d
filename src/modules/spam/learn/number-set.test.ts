import { expect, test } from 'vitest'
import { NumberSet } from './number-set.ts'

test.each([0, 1, 2047, 2048, 40_000])(
  '%i numbers are kept once each, in their order, also the second time',
  (count) => {
    const numbers = Array.from({ length: count }, (_, at) => Math.imul(at % 30_000, 0x85eb_ca6b))
    const set = new NumberSet()
    for (const round of [1, 2]) {
      set.clear()
      for (const number of numbers) set.add(number)
      expect([round, ...set.values()]).toEqual([round, ...new Set(numbers)])
    }
  },
)
