import { expect, test } from 'vitest'
import { gather } from './gather.ts'

async function* pieces(...texts: readonly string[]) {
  for (const text of texts) {
    yield Buffer.from(text)
    if (text === 'last') throw new Error('nothing after this is wanted')
  }
}

test('what came in pieces is one', async () => {
  expect(String(await gather(pieces('ab', '', 'c'), 3))).toBe('abc')
  expect(String(await gather(pieces(), 0))).toBe('')
})

test('what is too long is not read further', async () => {
  expect(await gather(pieces('ab', 'last'), 5)).toBeUndefined()
})
