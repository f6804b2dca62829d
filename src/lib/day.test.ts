import { expect, test } from 'vitest'
import { isDay } from './day.ts'

test.each(['1900-01-01', '2024-02-29', '2999-12-31'])('%s is a day', (text) => {
  expect(isDay(text)).toBe(true)
})

test.each([
  '',
  '2026-02-29',
  '2026-02-30',
  '2026-13-01',
  '2026-00-10',
  '26-01-01',
  '2026-1-1',
  '2026-01-01T00:00',
  ' 2026-01-01',
])('%j is none', (text) => {
  expect(isDay(text)).toBe(false)
})
