import { expect, test } from 'vitest'
import { retryAfterMs } from './retry-plan.ts'

const minutes = (attempts: number, random = 0.5) =>
  retryAfterMs({ why: 'temporary', attempts, random }) / 60_000

test.each([
  [0, 5],
  [1, 10],
  [2, 20],
  [4, 80],
  [5, 120],
  [500, 120],
])('after %i attempts it waits about %i minutes', (attempts, expected) => {
  expect(minutes(attempts)).toBe(expected)
})

test('give or take a fifth', () => {
  expect([minutes(0, 0), minutes(0, 0.9999999)]).toEqual([4, expect.closeTo(6, 4)])
})

test('recipients that did not fit into a transaction go on at once', () => {
  expect(retryAfterMs({ why: 'too-many-recipients', attempts: 9, random: 0.5 })).toBe(1_000)
})
