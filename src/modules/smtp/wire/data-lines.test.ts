import { expect, test } from 'vitest'
import { cpuMs } from '../../../../test/support/cpu-time.ts'
import { DataLines } from './data-lines.ts'

/** Feeds the chunks; gives the content up to the end of the message and what came behind it. */
function read(...chunks: string[]): { content: string; rest: string | undefined } {
  const lines = new DataLines()
  let content = ''
  for (const chunk of chunks) {
    const unstuffed = lines.push(Buffer.from(chunk))
    content += unstuffed.content.toString()
    if (unstuffed.rest) return { content, rest: unstuffed.rest.toString() }
  }
  return { content, rest: undefined }
}

test.each([
  [['a\r\n.\r\n'], 'a\r\n', ''],
  [['.\r\n'], '', ''],
  [['a\r\n.\r\nMAIL'], 'a\r\n', 'MAIL'],
  [['..\r\n.\r\n'], '.\r\n', ''],
  [['...\r\n.x\r\n.\r\n'], '..\r\nx\r\n', ''],
  [['a\r', '\n.', '\r', '\nX'], 'a\r\n', 'X'],
  [['a\r\n', '.', '.b\r\n.\r\n'], 'a\r\n.b\r\n', ''],
  [['a\r\n.', 'b\r\n.\r\n'], 'a\r\nb\r\n', ''],
  [['a\r', '\n..\r\n.\r\n'], 'a\r\n.\r\n', ''],
  [['a\r\n.\r', 'b\r\n.\r\n'], 'a\r\n\rb\r\n', ''],
])('%j holds %j, then %j', (chunks, content, rest) => {
  expect(read(...chunks)).toEqual({ content, rest })
})

test.each([
  'a\n.\n',
  'a\n.\r\n',
  'a\r\n.\n',
  'a\r.\r',
  'a\r\n.\r',
  'a\r.\r\n',
  'a\r\n.\0\r\n',
  'a\r\n .\r\n',
  'a\r\n.',
])('%j is not the end of a message', (text) => {
  expect(read(text).rest).toBeUndefined()
})

test('a message of nothing but dots is read at more than 20 MB a second', () => {
  const dots = Buffer.from('..\r\n'.repeat(16_000))
  const lines = new DataLines()
  const took = cpuMs(() => {
    for (let times = 0; times < 16; times++) lines.push(Buffer.from(dots))
  })
  expect(took).toBeLessThan(50 * 16)
})
