import { afterEach, beforeEach, expect, test } from 'vitest'
import { address, aliasRow, domainRow, newUser, startAuth, type TestAuth } from '../support/auth.ts'

let auth: TestAuth
beforeEach(async () => {
  auth = await startAuth()
})
afterEach(() => auth.end())

test('a user that was added is listed', async () => {
  expect(await auth.admin.addDomain(domainRow('example.com'))).toEqual({ kind: 'added' })
  const added = await auth.admin.addUser(newUser('ann@example.com'))
  expect(added).toMatchObject({ kind: 'added' })
  expect(await auth.admin.addAlias(aliasRow('team@example.com', ['ann@example.com']))).toEqual({
    kind: 'added',
  })
  expect(await auth.admin.addUser(newUser('team@example.com'))).toMatchObject({
    kind: 'refused',
    reason: 'exists',
  })
  expect(await auth.admin.users()).toMatchObject([{ address: 'ann@example.com', quotaBytes: 1_000_000_000 }])
  expect(await auth.addresses.resolve(address('team+x@example.com'))).toEqual({
    kind: 'hops',
    hops: [{ kind: 'address', address: 'ann+x@example.com', by: 'alias' }],
  })
  console.log(
    await auth.credentials.verify({
      login: 'ann@example.com',
      password: 'correct horse',
      service: 'imap',
      ip: '127.0.0.1',
      connection: 'x',
    }),
  )
})
