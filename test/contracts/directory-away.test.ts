import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type SqlServer, SqlServerFailure } from '../../src/platform/sql-server/server.ts'
import type { AccountId } from '../../src/ports/accounts.ts'
import { address, addUsers, domainRow, newUser, startAuth, type TestAuth } from '../support/auth.ts'
import { createPglite } from '../support/databases.ts'
import { createFakeClock } from '../support/fakes/clock.ts'

const pglite = createPglite()
const ann = address('ann@example.com')
let auth: TestAuth
let account: AccountId
let isAway = false

beforeEach(async () => {
  const open = await pglite.fresh()
  auth = await startAuth({ openServer: open && (async () => mayBeAway(await open())) })
  await auth.admin.add('domain', domainRow('example.com'), 'test')
  account = (await addUsers(auth.admin, [newUser('ann@example.com')]))[0] ?? (0 as AccountId)
})
afterEach(async () => {
  isAway = false
  await auth.end()
})
afterAll(() => pglite.end())

function mayBeAway(server: SqlServer): SqlServer {
  const gone = async () => {
    throw new SqlServerFailure('away', new Error('connection refused'))
  }
  return { ...server, borrow: () => (isAway ? gone() : server.borrow()) }
}

const attempt = {
  login: ann,
  password: 'correct horse',
  service: 'imap',
  ip: '192.0.2.1',
  connection: 'c',
} as const

describe('while the database is away', () => {
  beforeEach(async () => {
    await auth.addresses.resolve(ann)
    isAway = true
  })
  const soon = () => auth.clock.advance(2_000)

  test('what was just looked up is still known, for two seconds', async () => {
    expect(await auth.addresses.resolve(ann)).toMatchObject({ kind: 'hops' })
    await soon()
    expect(await auth.addresses.resolve(ann)).toMatchObject({ kind: 'later', reason: 'unreachable' })
  })

  test.each<[string, () => Promise<{ readonly kind: string }>]>([
    ['resolution', () => auth.addresses.resolve(ann)],
    ['the right to send', () => auth.senders.maySendAs(account, ann)],
    ['the allowance', () => auth.senders.spendAllowance(account, 1)],
    ['a route', () => auth.relays.relay(domainRow('relay.example').name)],
    ['a return path', () => auth.returnPaths.leaving(ann, ann)],
    ['settings', () => auth.accounts.settings(account)],
    ['what is to be fetched', () => auth.fetches.list()],
    ['a sign-in', () => auth.credentials.verify(attempt)],
    ['a change', () => auth.admin.set('user', ann, { enabled: false }, 'test')],
  ])('%s has to wait, and works without a restart when it is back', async (_, ask) => {
    await soon()
    expect(await ask()).toMatchObject({ kind: 'later', reason: 'unreachable' })
    isAway = false
    expect((await ask()).kind).not.toBe('later')
  })

  test('a list is refused, and nobody hears why', async () => {
    await soon()
    await expect(auth.admin.users()).rejects.toThrow('connection refused')
    isAway = false
    expect(await auth.admin.users()).toHaveLength(1)
  })

  test('what is counted goes on being counted', async () => {
    isAway = false
    for (let n = 0; n < 200; n++) await auth.senders.spendAllowance(account, 1)
    isAway = true
    await auth.clock.advance(5_000)
    isAway = false
    expect(await auth.senders.spendAllowance(account, 1)).toMatchObject({ kind: 'spent' })
  })
})

test('a server that starts before its database waits for it', async () => {
  const open = await pglite.fresh()
  let tries = 0
  const clock = createFakeClock()
  const starting = startAuth({
    clock,
    openServer:
      open &&
      (async () => {
        if (++tries === 1) throw new SqlServerFailure('away', new Error('still starting'))
        return open()
      }),
  })
  while (tries < 2) {
    await clock.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await (await starting).admin.domains()).toEqual([])
  await (await starting).end()
})
