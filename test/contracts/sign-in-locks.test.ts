import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SignInLocks } from '../../src/ports/credentials.ts'
import { addUsers, domainRow, newUser, startAuth, type TestAuth } from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'

const ip = '198.51.100.9'

describe.each(bothWays)('SignInLocks, %s', (_, way) => {
  let auth: TestAuth
  let locks: SignInLocks
  beforeEach(async () => {
    auth = await startAuth({ settings: { authRatelimitUser: { count: 2, seconds: 3600 } } })
    await auth.admin.add('domain', domainRow('example.com'), 'test')
    await addUsers(auth.admin, [newUser('ann@example.com', { password: 'correct horse' })])
    locks = way(auth.locks)
  })
  afterEach(() => auth.end())

  const ask = async (login: string, password: string) =>
    (await auth.credentials.verify({ login, password, ip, service: 'imap', connection: 'c' })).kind

  test('nobody is locked out who has not failed', async () => {
    expect(await locks.list()).toEqual([])
    expect(await locks.clear('ann@example.com')).toEqual({ kind: 'missing' })
  })

  test.each(['198.51.100.0/24', '198.51.100.9', '198.51.100.200'])(
    'a network is told, and let in again by %s',
    async (who) => {
      for (let n = 0; n < 5; n++) await ask(`u${n}@example.com`, 'guess')
      expect(await locks.list()).toEqual([
        { kind: 'network', who: '198.51.100.0/24', retryAfterSeconds: expect.any(Number) },
      ])
      expect(await ask('ann@example.com', 'correct horse')).toBe('throttled')
      expect(await locks.clear(who)).toEqual({ kind: 'cleared' })
      expect(await locks.list()).toEqual([])
      expect(await ask('ann@example.com', 'correct horse')).toBe('accepted')
    },
  )

  test('a login is told, and let in again', async () => {
    await ask('ann@example.com', 'guess 1')
    await ask('ann@example.com', 'guess 2')
    expect(await locks.list()).toEqual([
      { kind: 'login', who: 'ann@example.com', retryAfterSeconds: expect.any(Number) },
    ])
    expect(await locks.clear('Ann@example.com')).toEqual({ kind: 'cleared' })
    expect(await ask('ann@example.com', 'correct horse')).toBe('accepted')
  })

  test('what was cleared stays cleared after a restart', async () => {
    await ask('ann@example.com', 'guess 1')
    await ask('ann@example.com', 'guess 2')
    auth = await auth.restart()
    expect(await auth.locks.list()).toHaveLength(1)
    await auth.locks.clear('ann@example.com')
    auth = await auth.restart()
    expect(await auth.locks.list()).toEqual([])
  })
})
