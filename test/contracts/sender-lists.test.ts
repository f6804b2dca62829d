import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ListedName, listedNamesOf, parseListedName } from '../../src/lib/listed-name.ts'
import { account, startStore, type TestStore } from '../support/store.ts'

let store: TestStore
const ann = account(1)
const bob = account(2)
const name = (text: string) => parseListedName(text) as ListedName
beforeEach(async () => {
  store = await startStore()
})
afterEach(() => store.end())

test('who says what of whom is kept, and the last word counts', async () => {
  const { senders } = store
  await senders.put(ann, name('Eve@Far.test'), false)
  await senders.put(ann, name('*@far.test'), true)
  await senders.put(ann, name('eve@far.test'), true)
  await senders.put(undefined, name('far.test'), false)
  store = await store.restart()
  expect(await store.senders.list(ann)).toEqual([
    { sender: 'eve@far.test', wanted: true },
    { sender: 'far.test', wanted: true },
  ])
  expect(await store.senders.list(undefined)).toEqual([{ sender: 'far.test', wanted: false }])
  expect(await store.senders.list(bob)).toEqual([])
})

test('asked about a sender it says what these people say, and everybody', async () => {
  const { senders } = store
  await senders.put(ann, name('test'), false)
  await senders.put(bob, name('eve@mail.far.test'), true)
  await senders.put(undefined, name('far.test'), false)
  await senders.put(undefined, name('other.test'), false)
  const names = listedNamesOf('Eve@mail.far.test')
  expect(names).toEqual(['eve@mail.far.test', 'mail.far.test', 'far.test', 'test'])
  expect(await senders.said(names, [ann])).toEqual([
    { owner: undefined, sender: 'far.test', wanted: false },
    { owner: ann, sender: 'test', wanted: false },
  ])
})

test('what is taken away is gone, and so is what somebody said who is gone', async () => {
  const { senders, accounts } = store
  await accounts.putAccount(ann, { quotaBytes: 0 })
  await senders.put(ann, name('far.test'), false)
  await senders.put(ann, name('other.test'), false)
  expect(await senders.remove(ann, name('far.test'))).toEqual({ kind: 'removed' })
  expect(await senders.remove(ann, name('far.test'))).toEqual({ kind: 'missing' })
  expect(await senders.remove(bob, name('other.test'))).toEqual({ kind: 'missing' })
  await accounts.removeAccount(ann)
  expect(await senders.list(ann)).toEqual([])
})

test('a list has an end', async () => {
  const numbers = Array.from({ length: 2_000 }, (_, number) => number)
  await Promise.all(numbers.map((number) => store.senders.put(ann, name(`n${number}.test`), false)))
  expect(await store.senders.put(ann, name('one-more.test'), false)).toEqual({ kind: 'full', most: 2_000 })
  expect(await store.senders.put(bob, name('one-more.test'), false)).toEqual({ kind: 'put' })
})

test.each(['', '@', 'a b.test', 'eve@', '<eve@far.test>', 'eve@far..test'])('%j is no sender', (text) => {
  expect(parseListedName(text)).toBeUndefined()
})
