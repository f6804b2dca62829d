import { expect, test } from 'vitest'
import { ErrandThread } from './errand-thread.ts'

/** Doubles numbers, and falls over words. */
const doubling = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads'
    parentPort.on('message', ({ id, errand }) => {
      if (typeof errand !== 'number') throw new Error('fell over ' + errand)
      parentPort.postMessage({ id, answer: errand * 2 })
    })`)}`,
)

test('errands are done on another thread, each with its own answer', async () => {
  const thread = new ErrandThread<number, number>(doubling, 'doubling')
  expect(await Promise.all([1, 2, 3].map((errand) => thread.run(errand)))).toEqual([2, 4, 6])
  expect(await thread.run(4)).toBe(8)
})

test('a thread that fails fails who waits for it, and the next errand starts another', async () => {
  const thread = new ErrandThread<number | string, number>(doubling, 'doubling')
  const [first, second] = await Promise.allSettled([thread.run('stone'), thread.run(1)])
  expect(first).toMatchObject({ status: 'rejected', reason: { message: 'fell over stone' } })
  expect(second).toMatchObject({ status: 'rejected' })
  expect(await thread.run(2)).toBe(4)
})
