import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'

const forever = 40 * 24 * 3600 * 1000

test('a sleep of no time ends', async () => {
  await expect(systemClock.sleep(0)).resolves.toBeUndefined()
})

test('a sleep longer than a timer can run ends when the signal aborts, and not before', async () => {
  const stop = new AbortController()
  let over = false
  const sleeping = systemClock.sleep(forever, stop.signal).then(() => {
    over = true
  })
  await systemClock.sleep(5)
  expect(over).toBe(false)
  stop.abort()
  await sleeping
})

test('a sleep under an aborted signal is over at once', async () => {
  await expect(systemClock.sleep(forever, AbortSignal.abort())).resolves.toBeUndefined()
})

test('time is UTC milliseconds', () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000)
})
