import { expect, test } from 'vitest'
import { render, replies } from './reply.ts'

test('every reply carries an enhanced code of its own class', () => {
  for (const { code, status } of Object.values<{ code: number; status: string | undefined }>(replies)) {
    if (code !== 354) expect(status?.[0]).toBe(String(code)[0])
  }
})

test.each([
  [{ code: 250, status: '2.0.0', text: 'OK' }, '250 2.0.0 OK\r\n'],
  [{ code: 250, status: undefined, text: ['a', 'b'] }, '250-a\r\n250 b\r\n'],
  [{ code: 550, status: '5.1.1', text: 'two\r\n250 lines' }, '550 5.1.1 two  250 lines\r\n'],
])('%j is said as %j', (reply, expected) => {
  expect(render(reply)).toBe(expected)
})

test('no line is longer than a client must read', () => {
  expect(render({ code: 550, status: '5.1.1', text: 'x'.repeat(1000) }).length).toBeLessThanOrEqual(512)
})
