import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  address,
  addUsers,
  domainRow,
  newUser,
  startAuth,
  type TestAuth,
} from '../../../test/support/auth.ts'
import { makeOwnAlias, mostOwnAliases } from './make.ts'

let auth: TestAuth

beforeAll(async () => {
  auth = await startAuth()
  await auth.admin.add('domain', { ...domainRow('example.com'), anonmailEnabled: true }, 'test')
  await addUsers(auth.admin, [newUser('ann@example.com'), newUser('bob@example.com')])
})
afterAll(() => auth.end())

test('a program makes no more aliases than a person could use, and takes nothing from others', async () => {
  const all = Array.from({ length: mostOwnAliases }, (_, at) => ({
    on: 'alias' as const,
    do: 'add' as const,
    row: {
      address: `a${at}@example.com`,
      destination: [address('ann@example.com')],
      owner: address('ann@example.com'),
    },
  }))
  expect(await auth.admin.apply(all, { actor: 'test' })).toMatchObject({ kind: 'applied' })
  const wanted = { hostname: '', note: '', tries: 3 }
  const made = async (who: string) => {
    const user = await auth.admin.user(address(who))
    return user && makeOwnAlias(auth.admin, user, wanted)
  }
  expect(await made('ann@example.com')).toMatchObject({ kind: 'refused', reason: 'limit' })
  expect(await made('bob@example.com')).toMatchObject({ kind: 'made' })
})
