import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFakeLog } from '../../../../test/support/fakes/runtime.ts'
import { createSqliteWriter } from '../../../platform/sqlite/writer.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import { ofLikeness } from '../known/likeness.ts'
import type { Prints } from '../known/prints.ts'
import type { Subject } from '../known/subjects.ts'
import { digestOf } from './lessons.ts'
import { SpamMemory } from './memory.ts'

const ann = 1 as AccountId
const bob = 2 as AccountId
const day = 24 * 3_600_000
const eve: Subject = { kind: 'address', name: 'eve@far.example', key: 4711 }
const words = (...single: number[]) => ({ single: Int32Array.from(single), pairs: new Int32Array() })
const print = (...values: number[]): Prints => ({
  text: Int32Array.from({ length: 32 }, (_, at) => values[at] ?? at),
  files: [],
})

async function open(): Promise<SpamMemory> {
  const dataDir = mkdtempSync(join(tmpdir(), 'homepost-spam-'))
  const writer = createSqliteWriter({ log: createFakeLog() })
  const memory = await SpamMemory.open(dataDir, writer, createFakeLog())
  onTestFinished(async () => {
    await memory.close()
    await writer.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return memory
}

async function see({ acquaintance }: SpamMemory, message: ReturnType<typeof words>, spam?: boolean, at = 0) {
  acquaintance.note([{ digest: digestOf(message), subjects: [eve.key], spam, at }], [])
  await acquaintance.flush()
}

const repute = ({ acquaintance }: SpamMemory, account?: AccountId) => acquaintance.repute([eve], account)[0]

test('what the filter thinks of a message is remembered of its sender once', async () => {
  const memory = await open()
  await see(memory, words(1), true)
  await see(memory, words(1), true)
  await see(memory, words(2), false)
  await see(memory, words(3))
  expect(repute(memory)).toEqual({ ham: 1, spam: 1 })
})

test('what people say of a message is remembered of its sender, for them and for all, and taken back', async () => {
  const memory = await open()
  await see(memory, words(1))
  await memory.teach(words(1), true, ann, 0)
  await memory.teach(words(1), true, ann, 0)
  expect(repute(memory)).toEqual({ ham: 0, spam: 5 })
  expect(repute(memory, ann)).toEqual({ ham: 0, spam: 5 })
  expect(repute(memory, bob)).toBeUndefined()
  // Even after it is forgotten whose it was.
  await memory.acquaintance.sweep(31 * day)
  expect(memory.acquaintance.subjectsOf(digestOf(words(1)))).toEqual([])
  await memory.teach(words(1), false, ann, 0)
  expect(repute(memory)?.spam).toBe(0)
  expect(repute(memory, ann)?.spam).toBe(0)
})

test('what was moved to Junk is known again where much of it is the same, until it is moved back', async () => {
  const memory = await open()
  const signs = (account: AccountId, ...values: number[]) =>
    ofLikeness(memory.acquaintance.alike(print(...values)), account).map(
      ({ symbol, weight }) => `${symbol} ${weight.toFixed(1)}`,
    )
  await memory.teach({ ...words(1), prints: print() }, true, ann, 0)
  expect(signs(ann)).toEqual(['FUZZY_DENIED 12.0'])
  expect(signs(bob, -1, -2)).toEqual(['FUZZY_PROB 4.7'])
  expect(signs(bob, ...Array.from({ length: 20 }, (_, at) => -at - 1))).toEqual([])
  await memory.teach({ ...words(1), prints: print() }, true, bob, 0)
  expect(signs(3 as AccountId)).toEqual(['FUZZY_DENIED 12.0'])
  await memory.teach({ ...words(1), prints: print() }, false, ann, 0)
  await memory.teach({ ...words(1), prints: print() }, false, bob, 0)
  expect(signs(ann)).toEqual([])
})

test('what is old is forgotten, and what an account said goes with it', async () => {
  const memory = await open()
  const { acquaintance } = memory
  await see(memory, words(1), true)
  acquaintance.note([], [{ scope: ann, subject: 5, at: 0 }])
  await acquaintance.flush()
  await memory.teach({ ...words(1), prints: print() }, true, ann, 0)
  await memory.forgetAccount(ann)
  expect(acquaintance.hasWritten(ann, 5)).toBe(false)
  expect(acquaintance.alike(print())).toEqual([])
  expect(repute(memory, ann)).toBeUndefined()
  await acquaintance.sweep(119 * day)
  expect(repute(memory)).toEqual({ ham: 0, spam: 6 })
  await acquaintance.sweep(121 * day)
  expect(repute(memory)).toBeUndefined()
})

test('however much is to be noted, it waits in bounds', async () => {
  const { acquaintance } = await open()
  for (let number = 0; number < 20_000; number++)
    acquaintance.note([], [{ scope: 0, subject: number, at: 0 }])
  await acquaintance.flush()
  expect(acquaintance.hasWritten(undefined, 4_999)).toBe(true)
  expect(acquaintance.hasWritten(undefined, 19_999)).toBe(false)
})
