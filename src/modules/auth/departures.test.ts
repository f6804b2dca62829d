import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  address,
  addUsers,
  aliasRow,
  domainRow,
  newUser,
  startAuth,
  type TestAuth,
} from '../../../test/support/auth.ts'

const ann = address('ann@example.com')
const dayMs = 24 * 3600 * 1000
const attempt = {
  login: ann,
  password: 'correct horse',
  service: 'imap',
  ip: '192.0.2.1',
  connection: 'c',
} as const
let auth: TestAuth

beforeEach(async () => {
  auth = await startAuth()
  await auth.admin.add('domain', domainRow('example.com'), 'test')
  await addUsers(auth.admin, [newUser('ann@example.com', { displayedName: 'Ann' })])
  await auth.admin.add('token', { user: ann }, 'test')
  await auth.admin.add(
    'alias',
    { ...aliasRow('hidden@example.com', ['ann@example.com']), owner: ann },
    'test',
  )
})
afterEach(() => auth.end())

const leave = (deleteAt: number) => auth.admin.add('departure', { user: ann, deleteAt }, 'root@example.com')
const all = { domains: undefined, text: '', from: { after: '' }, most: 10 }

test('who is deleted is not there any more, and nobody else gets the address', async () => {
  expect((await leave(auth.clock.now() + dayMs)).kind).toBe('added')
  expect(await auth.admin.user(ann)).toBeUndefined()
  expect(await auth.admin.users()).toEqual([])
  expect((await auth.admin.findUsers(all)).rows).toEqual([])
  expect((await auth.credentials.verify(attempt)).kind).toBe('refused')
  expect(await auth.addresses.resolve(ann)).toMatchObject({ kind: 'unknown' })
  expect(await auth.addresses.resolve(address('hidden@example.com'))).toMatchObject({ kind: 'disabled' })
  const { users, tokens } = await auth.admin.everything()
  expect([users, tokens]).toEqual([[], []])
  expect((await auth.admin.add('user', newUser('ann@example.com'), 'test')).kind).toBe('refused')
  expect((await auth.admin.set('user', ann, { enabled: false }, 'test')).kind).toBe('refused')
  expect(auth.told.filter((line) => line.startsWith('remove'))).toEqual([])
})

test('who is taken back has everything again', async () => {
  const before = await auth.admin.user(ann)
  await leave(auth.clock.now() + dayMs)
  expect(await auth.admin.departures()).toMatchObject([{ user: ann, deleteAt: auth.clock.now() + dayMs }])
  expect((await auth.admin.delete('departure', ann, 'root@example.com')).kind).toBe('changed')
  expect(await auth.admin.user(ann)).toEqual(before)
  expect((await auth.credentials.verify(attempt)).kind).toBe('accepted')
  expect(await auth.admin.tokens(ann)).toHaveLength(1)
  expect((await auth.admin.audit()).slice(0, 2)).toMatchObject([
    { actor: 'root@example.com', on: 'departure', key: ann, did: 'deleted' },
    { actor: 'root@example.com', on: 'departure', key: ann, did: 'created' },
  ])
})

test('when the time is over, the mail goes too, although the server was off', async () => {
  await leave(auth.clock.now() + dayMs)
  auth = await auth.restart()
  expect(await auth.admin.departures()).toHaveLength(1)
  await auth.clock.advance(dayMs)
  auth = await auth.restart()
  await expect.poll(() => auth.admin.departures()).toEqual([])
  expect((await auth.admin.add('user', newUser('ann@example.com'), 'test')).kind).toBe('added')
})

test('who is deleted without delay is gone at once', async () => {
  await leave(auth.clock.now() + dayMs)
  expect((await auth.admin.delete('user', ann, 'test')).kind).toBe('changed')
  expect(await auth.admin.departures()).toEqual([])
  expect(auth.told.filter((line) => line.startsWith('remove'))).toHaveLength(1)
})
