import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { WebSessions } from '../../src/ports/web-sessions.ts'
import {
  address,
  addUsers,
  domainRow,
  newUser,
  silentUser,
  startAuth,
  type TestAuth,
} from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'

const minute = 60_000
const hour = 60 * minute
const here = { ip: '192.0.2.7', browser: 'Firefox' }
const ann = address('ann@example.com')

describe.each(bothWays)('WebSessions, %s', (_, way) => {
  let auth: TestAuth
  let sessions: WebSessions
  let account: AccountId

  beforeEach(async () => {
    auth = await startAuth()
    sessions = way(auth.sessions)
    await auth.admin.add('domain', domainRow('example.com'), 'test')
    await addUsers(auth.admin, [newUser('ann@example.com'), newUser('bob@example.com')])
    account = (await auth.admin.user(ann))?.account ?? (0 as AccountId)
  })
  afterEach(() => auth.end())

  async function ticketOf(login = 'ann@example.com', password = 'correct horse'): Promise<string> {
    const attempt = { login, password, service: 'web', ip: here.ip, connection: 'c1' } as const
    const verdict = await auth.credentials.verify(attempt)
    return verdict.kind === 'accepted' ? (verdict.ticket ?? '') : ''
  }
  async function begin(seen = here): Promise<string> {
    const begun = await sessions.begin(await ticketOf(), seen)
    if (begun.kind !== 'begun') throw new Error(begun.kind)
    return begun.key
  }
  const kindOf = async (key: string) => (await sessions.find(key, here)).kind

  test('a key leads to who signed in, and nothing like it does', async () => {
    const key = await begin()
    expect(await sessions.find(key, here)).toMatchObject({ session: { account, address: ann } })
    for (const other of ['', key.slice(1), `${key}a`, key.toUpperCase(), "' OR 1=1 --", '\0'.repeat(43)])
      expect(await kindOf(other)).toBe('missing')
  })

  test('it survives a restart', async () => {
    const key = await begin()
    auth = await auth.restart()
    expect((await auth.sessions.find(key, here)).kind).toBe('found')
  })

  test('a page does not wait for the end of a long change, and its visit is noted after it', async () => {
    const key = await begin()
    await auth.clock.advance(2 * minute)
    const order: string[] = []
    const table = Array.from({ length: 300 }, (_, n) => silentUser(`u${n}@example.com`))
    await Promise.all([
      addUsers(auth.admin, table).then(() => order.push('table')),
      sessions.find(key, { ...here, ip: '192.0.2.8' }).then(() => order.push('page')),
    ])
    expect(order).toEqual(['page', 'table'])
    // Whoever writes now comes after the note.
    await begin()
    expect((await sessions.list(account)).map(({ seenFrom }) => seenFrom)).toContain('192.0.2.8')
  })

  test('it ends after an hour without use, and lives while it is used', async () => {
    const [used, unused] = [await begin(), await begin()]
    for (let at = 0; at < 3; at++) {
      await auth.clock.advance(40 * minute)
      expect(await kindOf(used)).toBe('found')
    }
    expect(await kindOf(unused)).toBe('missing')
    expect(await sessions.list(account)).toHaveLength(1)
  })

  test('it ends after thirty days, however much it is used', async () => {
    auth = await auth.restart({ idleSeconds: 31 * 24 * 3600 })
    sessions = way(auth.sessions)
    const key = await begin()
    await auth.clock.advance(29 * 24 * hour)
    expect(await kindOf(key)).toBe('found')
    await auth.clock.advance(24 * hour)
    expect(await kindOf(key)).toBe('missing')
  })

  test.each([
    ['the password changes', () => auth.admin.set('user', ann, { password: 'another one' }, 'test')],
    ['he is switched off', () => auth.admin.set('user', ann, { enabled: false }, 'test')],
    ['he is deleted', () => auth.admin.delete('user', ann, 'test')],
    ['all are ended', () => sessions.endAll(account)],
  ])('all of an account end when %s', async (_what, act) => {
    const keys = [await begin(), await begin()]
    await act()
    for (const key of keys) expect(await kindOf(key)).toBe('missing')
    await auth.admin.set('user', ann, { enabled: true }, 'test')
    for (const key of keys) expect(await kindOf(key)).toBe('missing')
  })

  test('other changes end none', async () => {
    const key = await begin()
    await auth.admin.set('user', ann, { displayedName: 'Ann' }, 'test')
    expect(await kindOf(key)).toBe('found')
  })

  test('the list tells from where and with what, the last used first', async () => {
    await begin()
    await auth.clock.advance(2 * minute)
    const key = await begin({ ip: '2001:db8::1', browser: `Safari\r\n${'x'.repeat(1000)}` })
    const [last, first] = await sessions.list(account)
    expect(first).toMatchObject({ seenFrom: '192.0.2.7', browser: 'Firefox' })
    expect(last?.browser).toMatch(/^Safari {2}x+$/)
    expect(last?.browser.length).toBe(200)
    expect(JSON.stringify(last)).not.toContain(key)
  })

  test('one is ended by its owner, and by nobody else', async () => {
    const key = await begin()
    const [{ id } = { id: '' }] = await sessions.list(account)
    const bob = (await auth.admin.user(address('bob@example.com')))?.account ?? account
    expect(await sessions.end(bob, id)).toEqual({ kind: 'missing' })
    expect(await kindOf(key)).toBe('found')
    expect(await sessions.end(account, id)).toEqual({ kind: 'ended' })
    expect(await kindOf(key)).toBe('missing')
  })

  test('of more than a hundred the oldest makes room', async () => {
    const first = await begin()
    await auth.clock.advance(minute)
    for (let count = 0; count < 100; count++) await begin()
    expect(await kindOf(first)).toBe('missing')
    expect(await sessions.list(account)).toHaveLength(100)
  })
})
