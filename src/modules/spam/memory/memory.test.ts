import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFakeLog } from '../../../../test/support/fakes/runtime.ts'
import { createSqliteWriter } from '../../../platform/sqlite/writer.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Tokens } from '../learn/tokens.ts'
import { SpamMemory } from './memory.ts'

const ann = 1 as AccountId
const bob = 2 as AccountId

/** A message with these words, each a number. */
const words = (...single: number[]): Tokens => ({ single: Int32Array.from(single), pairs: new Int32Array() })

/** Twelve messages of each kind, all different; spam has the word 7, ham the word 8. */
async function teachBasics(memory: SpamMemory, account: AccountId | undefined): Promise<void> {
  for (let number = 0; number < 12; number++) {
    await memory.teach(words(7, 1000 + number), true, account, 0)
    await memory.teach(words(8, 2000 + number), false, account, 0)
  }
}

async function open(
  folder?: string,
): Promise<{ memory: SpamMemory; folder: string; close: () => Promise<void> }> {
  const dataDir = folder ?? mkdtempSync(join(tmpdir(), 'homepost-spam-'))
  const writer = createSqliteWriter({ log: createFakeLog() })
  const memory = await SpamMemory.open(dataDir, writer, createFakeLog())
  let closed = false
  const close = async () => {
    if (closed) return
    closed = true
    await memory.close()
    await writer.stop()
  }
  onTestFinished(async () => {
    await close()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return { memory, folder: dataDir, close }
}

test('who knows little says nothing', async () => {
  const { memory } = await open()
  expect(await memory.score(words(7), ann)).toBeUndefined()
  await memory.teach(words(7), true, ann, 0)
  expect(await memory.score(words(7), ann)).toBeUndefined()
})

test('what one has taught helps everybody', async () => {
  const { memory } = await open()
  await teachBasics(memory, ann)
  expect(await memory.score(words(7), bob)).toBeGreaterThan(0)
  expect(await memory.score(words(8), bob)).toBeLessThan(0)
})

test('what somebody has taught himself weighs more for him than for others', async () => {
  const { memory } = await open()
  await teachBasics(memory, ann)
  await teachBasics(memory, bob)
  for (let number = 0; number < 30; number++) await memory.teach(words(9, 3000 + number), true, ann, 0)
  for (let number = 0; number < 30; number++) await memory.teach(words(9, 4000 + number), false, bob, 0)
  expect(await memory.score(words(9), ann)).toBeGreaterThan((await memory.score(words(9), bob)) ?? 0)
})

test('the same again changes nothing, the opposite takes it back', async () => {
  const { memory } = await open()
  await teachBasics(memory, ann)
  const before = await memory.score(words(7, 55), ann)
  await memory.teach(words(7, 55, 56), true, ann, 0)
  const after = await memory.score(words(7, 55), ann)
  await memory.teach(words(7, 55, 56), true, ann, 0)
  expect(await memory.score(words(7, 55), ann)).toBe(after)
  await memory.teach(words(7, 55, 56), false, ann, 0)
  expect(await memory.score(words(7, 55), ann)).toBeLessThan(before ?? 0)
})

test('a person knows better than the filter, which says no more of what he spoke of', async () => {
  const { memory } = await open()
  await teachBasics(memory, ann)
  await memory.teach(words(7, 61), true, undefined, 0)
  await memory.teach(words(7, 61), false, ann, 0)
  const told = await memory.score(words(61), ann)
  await memory.teach(words(7, 61), true, undefined, 0)
  expect(await memory.score(words(61), ann)).toBe(told)
  expect(told).toBeLessThan(0)
})

test('a restart forgets nothing', async () => {
  const first = await open()
  await teachBasics(first.memory, ann)
  await first.memory.teach(words(7, 71, -5), true, ann, 0)
  const asked = [words(7), words(8), words(71), words(-5)]
  const before = await Promise.all(asked.map((one) => first.memory.score(one, ann)))
  await first.close()
  const { memory } = await open(first.folder)
  expect(await Promise.all(asked.map((one) => memory.score(one, ann)))).toEqual(before)
  await memory.teach(words(7, 71, -5), true, ann, 0)
  expect(await memory.score(words(71), ann)).toBe(before[2])
})

test('an account that is gone leaves nothing of its own', async () => {
  const { memory } = await open()
  await teachBasics(memory, ann)
  expect(memory.accounts()).toEqual([ann])
  await memory.forgetAccount(ann)
  expect(memory.accounts()).toEqual([])
  // What it taught everybody stays.
  expect(await memory.score(words(7), ann)).toBeGreaterThan(0)
})

test('lessons side by side count as one after the other', async () => {
  const { memory } = await open()
  await Promise.all(
    Array.from({ length: 40 }, (_, number) =>
      memory.teach(words(number % 2 ? 7 : 8, 100 + number), number % 2 === 1, ann, 0),
    ),
  )
  await Promise.all(Array.from({ length: 40 }, () => memory.teach(words(7, 99), true, ann, 0)))
  expect(await memory.score(words(7), bob)).toBeGreaterThan(0)
})
