import { expect, test } from 'vitest'
import { MovingWindow } from './moving-window.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 0, 15, 12)

test('spends what fits within the window and no more', () => {
  const window = new MovingWindow('x', { count: 3, seconds: 3_600 })
  const spends = [0, 10, 20, 30].map((minutes) => window.spend('ann', 1, start + minutes * 60_000))
  expect(spends).toEqual([true, true, true, false])
  expect(window.spend('bob', 1, start)).toBe(true)
})

test('what was spent comes back one by one as the window moves on', () => {
  const window = new MovingWindow('x', { count: 2, seconds: 3_600 })
  window.spend('ann', 1, start)
  window.spend('ann', 1, start + hour / 2)
  expect(window.spend('ann', 1, start + hour - 1_000)).toBe(false)
  expect(window.spend('ann', 1, start + hour + 4_000)).toBe(true)
  expect(window.spend('ann', 1, start + hour + 8_000)).toBe(false)
})

test('never counts less than was spent within any window', () => {
  const window = new MovingWindow('x', { count: 10, seconds: 3_600 })
  const granted: number[] = []
  for (let at = start; at < start + 3 * hour; at += 37_000) {
    if (window.spend('ann', 1, at)) granted.push(at)
  }
  const most = granted.map((from) => granted.filter((at) => at >= from && at < from + hour).length)
  expect(Math.max(...most)).toBe(10)
})

test('says how long until there is room', () => {
  const window = new MovingWindow('x', { count: 1, seconds: 3_600 })
  window.spend('ann', 1, start)
  const seconds = window.secondsToRoom('ann', 1, start + hour / 2)
  expect(seconds).toBeGreaterThanOrEqual(1_800)
  expect(seconds).toBeLessThan(1_810)
  expect(window.spend('ann', 1, start + hour / 2 + seconds * 1_000)).toBe(true)
})

test('what was stored and restored counts as before', () => {
  const before = new MovingWindow('x', { count: 2, seconds: 3_600 })
  before.spend('ann', 2, start)
  const [stored] = before.takeChanged(start)
  const after = new MovingWindow('x', { count: 2, seconds: 3_600 })
  if (stored) after.restore(stored)
  expect(after.spend('ann', 1, start + 1)).toBe(false)
  expect(stored?.expiresAt).toBe(start + hour)
})

test('what has not changed is not written again', () => {
  const window = new MovingWindow('x', { count: 2, seconds: 3_600 })
  window.spend('ann', 1, start)
  window.takeChanged(start)
  expect(window.takeChanged(start + 1_000)).toEqual([])
})
