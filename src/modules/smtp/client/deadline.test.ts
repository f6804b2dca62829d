import { expect, test } from 'vitest'
import { createFakeClock } from '../../../../test/support/fakes/clock.ts'
import { Deadline } from './deadline.ts'

function watched() {
  const clock = createFakeClock()
  const late: number[] = []
  return { clock, late, deadline: new Deadline(clock, (limitMs) => late.push(limitMs)) }
}

test('a wait that ends in time is not told of, and the next has its own time', async () => {
  const { clock, late, deadline } = watched()
  for (let turn = 0; turn < 5; turn++) {
    deadline.set(1_000)
    await clock.advance(900)
    deadline.clear()
  }
  await clock.advance(5_000)
  expect(late).toEqual([])
})

test('a wait that is not over in time is told of once, with its limit', async () => {
  const { clock, late, deadline } = watched()
  deadline.set(1_000)
  await clock.advance(500)
  deadline.clear()
  deadline.set(3_000)
  await clock.advance(2_900)
  expect(late).toEqual([])
  await clock.advance(200)
  expect(late).toEqual([3_000])
  await clock.advance(10_000)
  expect(late).toEqual([3_000])
})

test('a shorter wait than the one before is told of at its own end', async () => {
  const { clock, late, deadline } = watched()
  deadline.set(600_000)
  deadline.clear()
  deadline.set(5_000)
  await clock.advance(5_000)
  expect(late).toEqual([5_000])
})

test('nothing is told after the end', async () => {
  const { clock, late, deadline } = watched()
  deadline.set(1_000)
  deadline.end()
  await clock.advance(2_000)
  expect(late).toEqual([])
})
