import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFakeLog } from '../../../../test/support/fakes/runtime.ts'
import { account } from '../../../../test/support/store.ts'
import { createSqliteWriter } from '../../../platform/sqlite/writer.ts'
import { SpamMemory } from './memory.ts'
import { mostOwn } from './own-lessons.ts'
import { readCounts } from './transfer.ts'

async function startMemory(): Promise<SpamMemory> {
  const dataDir = mkdtempSync(join(tmpdir(), 'homepost-spam-'))
  const log = createFakeLog()
  const writer = createSqliteWriter({ log })
  const memory = await SpamMemory.open(dataDir, writer, log)
  onTestFinished(async () => {
    await memory.close()
    await writer.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return memory
}

/** Nothing of it is known before, so that each is counted. */
const message = (number: number) => ({ single: Int32Array.of(1_000_000 + number), pairs: new Int32Array() })
const ann = account(1)

async function learned(memory: SpamMemory) {
  const { tokens: _, ...lessons } = await memory.learned()
  return lessons
}

/** What is counted of each sign. */
async function counted(memory: SpamMemory): Promise<Record<number, string>> {
  const counts = await readCounts(await memory.counts(undefined))
  if (typeof counts === 'number') throw new Error(`line ${counts}`)
  return Object.fromEntries(
    counts.rows
      .filter(([, ham, spam]) => ham + spam > 0)
      .map(([sign, ham, spam]) => [sign, `${ham} ${spam}`]),
  )
}

test('what the filter taught itself it learns once, and no other way', async () => {
  const memory = await startMemory()
  expect(await memory.teachItself(message(1), false, 1)).toBe('learned')
  expect(await memory.teachItself(message(1), false, 2)).toBe('known')
  expect(await memory.teachItself(message(1), true, 3)).toBe('known')
  expect(await learned(memory)).toEqual({ ham: 1, spam: 0, itself: { ham: 1, spam: 0 } })
})

test('both kinds stay near each other, and it teaches itself no more spam than ham', async () => {
  const memory = await startMemory()
  expect(await memory.teachItself(message(1), true, 1)).toBe('unbalanced')
  for (let number = 2; number < 6; number++) await memory.teach(message(number), false, ann, 1)
  // Four ham of hers are no ham of its own.
  expect(await memory.teachItself(message(1), true, 1)).toBe('unbalanced')
  expect(await memory.teachItself(message(1), false, 1)).toBe('unbalanced')
  for (let number = 6; number < 12; number++) await memory.teach(message(number), true, ann, 1)
  expect(await memory.teachItself(message(20), false, 1)).toBe('learned')
  expect(await memory.teachItself(message(21), true, 1)).toBe('unbalanced')
  expect(await memory.teachItself(message(22), false, 1)).toBe('learned')
  expect(await memory.teachItself(message(21), true, 1)).toBe('learned')
})

test('what somebody has taught it leaves alone, and whoever says otherwise later takes it back', async () => {
  const memory = await startMemory()
  await memory.teach(message(1), true, ann, 1)
  expect(await memory.teachItself(message(1), false, 1)).toBe('known')
  await memory.teachItself(message(2), false, 1)
  await memory.teachItself(message(3), false, 1)
  await memory.teach(message(2), true, ann, 1)
  await memory.teach(message(3), true, undefined, 1)
  expect(await counted(memory)).toEqual({ 1000001: '0 1', 1000002: '0 1', 1000003: '0 1' })
  expect(await learned(memory)).toEqual({ ham: 0, spam: 3, itself: { ham: 0, spam: 0 } })
  // Moved there and back: nothing is left but what she said last.
  await memory.teach(message(2), false, ann, 1)
  expect(await counted(memory)).toEqual({ 1000001: '0 1', 1000002: '1 0', 1000003: '0 1' })
})

test('the oldest of its own go when there are many, and all can be taken back at once', async () => {
  const memory = await startMemory()
  const people = 600
  for (let number = 0; number < people; number++) await memory.teach(message(number), true, ann, 1)
  for (let number = 0; number < mostOwn + 3; number++)
    expect(await memory.teachItself(message(5000 + number), false, number)).toBe('learned')
  expect(await learned(memory)).toEqual({ ham: mostOwn, spam: people, itself: { ham: mostOwn, spam: 0 } })
  const counts = await counted(memory)
  expect([counts[1_005_002], counts[1_005_003]]).toEqual([undefined, '1 0'])
  expect(await memory.unteachItself()).toBe(mostOwn)
  expect(await learned(memory)).toEqual({ ham: 0, spam: people, itself: { ham: 0, spam: 0 } })
})

test('counts go to another filter and back, and what was taught before them stays as it is', async () => {
  const [one, other] = [await startMemory(), await startMemory()]
  await one.teach(message(1), true, ann, 1)
  await one.teach(message(2), false, ann, 1)
  await other.teach(message(3), true, ann, 1)
  await other.teachItself(message(4), false, 1)
  const text = await one.counts(undefined)
  expect(text.split('\n')[0]).toBe('{"format":"homepost-spam-counts","version":1,"ham":1,"spam":1}')
  const counts = await readCounts(text)
  if (typeof counts === 'number') throw new Error(`line ${counts}`)
  for (let time = 0; time < 2; time++) {
    await other.putCounts(undefined, counts)
    expect(await other.counts(undefined)).toBe(text)
  }
  // Her lesson counts for her, and for everybody no more: taking it back takes nothing away from others'.
  await other.teach(message(3), false, ann, 2)
  expect(await counted(other)).toEqual({ 1000001: '0 1', 1000002: '1 0', 1000003: '1 0' })
})

test.each([
  ['', 1],
  ['{"format":"homepost-spam-counts","version":2,"ham":1,"spam":1}\n', 1],
  ['{"format":"homepost-spam-counts","version":1,"ham":1}\n', 1],
  ['{"format":"homepost-spam-counts","version":1,"ham":1,"spam":1}\n5 1 0\n5 1\n', 3],
  ['{"format":"homepost-spam-counts","version":1,"ham":1,"spam":1}\n5000000000 1 0\n', 2],
  ['{"format":"homepost-spam-counts","version":1,"ham":1,"spam":1}\n5 70000 0\n', 2],
])('%j cannot be read in line %i', async (text, line) => {
  expect(await readCounts(text)).toBe(line)
})
