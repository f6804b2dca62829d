import { afterEach, expect, test } from 'vitest'
import {
  address,
  addUsers,
  domainRow,
  newUser,
  startAuth,
  type TestAuth,
} from '../../../../test/support/auth.ts'

let auth: TestAuth
afterEach(() => auth.end())

const letter = { subject: 'Maintenance', body: 'On Sunday.', domain: undefined }

async function start(welcomes = false): Promise<void> {
  auth = await startAuth({ settings: { welcomes } })
  for (const name of ['a.test', 'b.test']) await auth.admin.add('domain', domainRow(name), 'test')
  const names = ['ann@a.test', 'bob@a.test', 'cid@b.test']
  await addUsers(
    auth.admin,
    names.map((name) => newUser(name)),
  )
}

const announced = async (more: object = {}) => {
  const made = await auth.announcements.announce({ ...letter, ...more }, 'root@a.test')
  if (made.kind !== 'announced') throw new Error(made.text)
  return made
}
const next = async (id: number) => (await auth.lettersDue.recipients({ id }, 2)).map((one) => one.address)

test('a letter goes to one after the other, and knows after a restart who has it', async () => {
  await start()
  await auth.admin.add('departure', { user: address('bob@a.test'), deleteAt: Date.now() + 9e8 }, 'test')
  const { id } = await announced()
  expect(await next(id)).toEqual(['ann@a.test', 'cid@b.test'])
  expect(await auth.lettersDue.reached(id, address('ann@a.test'), { sent: 1, skipped: 0 })).toBe(true)
  auth = await auth.restart()
  expect(await next(id)).toEqual(['cid@b.test'])
  await auth.lettersDue.reached(id, address('cid@b.test'), { sent: 0, skipped: 1 })
  expect(await next(id)).toEqual([])
  await auth.lettersDue.over(id)
  expect(await auth.lettersDue.announcement()).toBeUndefined()
  expect(await auth.announcements.list()).toMatchObject([
    { id, ...letter, actor: 'root@a.test', recipients: 2, sent: 1, skipped: 1, state: 'done' },
  ])
})

test('one of a domain goes nowhere else, and is stopped once', async () => {
  await start()
  const { id } = await announced({ domain: domainRow('b.test').name })
  expect(await next(id)).toEqual(['cid@b.test'])
  expect(await auth.announcements.stop(id, 'root@a.test')).toEqual({ kind: 'stopped' })
  expect(await auth.announcements.stop(id, 'root@a.test')).toEqual({ kind: 'missing' })
  expect(await next(id)).toEqual([])
  expect(await auth.lettersDue.reached(id, address('cid@b.test'), { sent: 1, skipped: 0 })).toBe(false)
  expect(await auth.announcements.list()).toMatchObject([{ state: 'stopped', sent: 1 }])
  const [stopped, made] = await auth.admin.audit()
  expect(made).toMatchObject({ actor: 'root@a.test', on: 'announcement', did: 'created' })
  expect(stopped).toMatchObject({ actor: 'root@a.test', on: 'announcement', did: 'modified' })
})

test('whoever is new is welcomed, and nobody who is imported', async () => {
  await start(true)
  let woken = 0
  const unwatch = auth.lettersDue.watch(() => woken++)
  await addUsers(auth.admin, [newUser('dan@a.test')])
  expect(woken).toBe(1)
  unwatch()
  const change = { on: 'user', do: 'put', row: newUser('old@a.test') } as const
  await auth.admin.apply([change], { actor: 'import', overLimits: true })
  await auth.admin.delete('user', address('bob@a.test'), 'test')
  const due = await auth.lettersDue.welcomes(10)
  expect(due.map((one) => one.address).toSorted()).toEqual(['ann@a.test', 'cid@b.test', 'dan@a.test'])
  await auth.lettersDue.welcomed(due.slice(1).map((one) => one.account))
  expect(await auth.lettersDue.welcomes(10)).toEqual(due.slice(0, 1))
})

test('nobody is welcomed where that was not asked for', async () => {
  await start()
  expect(await auth.lettersDue.welcomes(10)).toEqual([])
})
