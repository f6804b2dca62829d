import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFakeLog } from '../../../../test/support/fakes/runtime.ts'
import { createSqliteWriter } from '../../../platform/sqlite/writer.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Prints } from '../known/prints.ts'
import type { Subject } from '../known/subjects.ts'
import { digestOf, SpamMemory } from './memory.ts'

const ann = 1 as AccountId
const bob = 2 as AccountId
const day = 24 * 3_600_000
const eve: Subject = { kind: 'address', name: 'eve@far.example', key: 4711 }
const words = (...single: number[]) => ({ single: new Set(single), pairs: new Set<number>() })
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
  expect(repute(memory)?.all).toEqual({ ham: 1, spam: 1 })
})

test('what people say of a message is remembered of its sender, for them and for all, and taken back', async () => {
  const memory = await open()
  await see(memory, words(1))
  await memory.teach(words(1), true, ann, 0)
  await memory.teach(words(1), true, ann, 0)
  expect(repute(memory, ann)).toMatchObject({ all: { ham: 0, spam: 5 }, own: { ham: 0, spam: 5 } })
  expect(repute(memory, bob)?.own).toBeUndefined()
  // Even after it is forgotten whose it was.
  await memory.acquaintance.sweep(31 * day)
  expect(memory.acquaintance.subjectsOf(digestOf(words(1)))).toEqual([])
  await memory.teach(words(1), false, ann, 0)
  expect(repute(memory, ann)).toMatchObject({ all: { spam: 0 }, own: { spam: 0 } })
})

test('what was moved to Junk is known again where much of it is the same, until it is moved back', async () => {
  const memory = await open()
  const likeness = (account: AccountId, ...values: number[]) =>
    memory.acquaintance.likeness(print(...values), account)
  await memory.teach({ ...words(1), prints: print() }, true, ann, 0)
  expect(likeness(ann)).toEqual({ own: 1, others: 0, accounts: 0 })
  expect(likeness(bob, -1, -2)).toEqual({ own: 0, others: 30 / 32, accounts: 1 })
  expect(likeness(bob, ...Array.from({ length: 20 }, (_, at) => -at - 1)).accounts).toBe(0)
  await memory.teach({ ...words(1), prints: print() }, false, ann, 0)
  expect(likeness(ann)).toEqual({ own: 0, others: 0, accounts: 0 })
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
  expect(acquaintance.likeness(print(), bob).accounts).toBe(0)
  expect(repute(memory, ann)?.own).toBeUndefined()
  await acquaintance.sweep(119 * day)
  expect(repute(memory)?.all).toEqual({ ham: 0, spam: 6 })
  await acquaintance.sweep(121 * day)
  expect(repute(memory)?.all).toBeUndefined()
})

test('however much is to be noted, it waits in bounds', async () => {
  const { acquaintance } = await open()
  for (let number = 0; number < 20_000; number++)
    acquaintance.note([], [{ scope: 0, subject: number, at: 0 }])
  await acquaintance.flush()
  expect(acquaintance.hasWritten(undefined, 4_999)).toBe(true)
  expect(acquaintance.hasWritten(undefined, 19_999)).toBe(false)
})
