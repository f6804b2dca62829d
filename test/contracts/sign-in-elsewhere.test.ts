import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LoginAttempt } from '../../src/ports/credentials.ts'
import type { OldServers, OldSignIn } from '../../src/ports/old-servers.ts'
import { address, addUsers, domainRow, newUser, startAuth, type TestAuth } from '../support/auth.ts'

let auth: TestAuth
let asked: OldSignIn[]
let answer: Awaited<ReturnType<OldServers['takes']>>

beforeEach(async () => {
  asked = []
  answer = { kind: 'no' }
  const takes = async (signIn: OldSignIn) => {
    asked.push(signIn)
    return signIn.password === 'old pw' ? ({ kind: 'yes' } as const) : answer
  }
  auth = await startAuth({
    oldServers: { takes },
    settings: { authRatelimitUser: { count: 4, seconds: 86_400 } },
  })
  await auth.admin.add('domain', domainRow('example.com', { oldServer: 'old.example login=%n' }), 'test')
  await addUsers(auth.admin, [
    newUser('ann@example.com', { password: '*' }),
    newUser('bob@example.com'),
    newUser('moved@example.com', { oldServer: 'here' }),
  ])
})
afterEach(() => auth.end())

const ask = (login: string, password: string, more: Partial<LoginAttempt> = {}) =>
  auth.credentials.verify({
    login,
    password,
    service: 'imap',
    ip: '192.0.2.7',
    connection: 'c1',
    ...more,
  })

test('a password that is known here is not asked about, and leads there', async () => {
  expect(await ask('bob@example.com', 'correct horse')).toMatchObject({
    kind: 'accepted',
    elsewhere: { login: 'bob', password: 'correct horse', server: { host: 'old.example' } },
  })
  expect(await ask('bob@example.com', 'old pw')).toMatchObject({ kind: 'refused' })
  expect(asked).toEqual([])
})

test('the first password that the old server takes becomes the password here', async () => {
  expect(await ask('ann@example.com', 'wrong')).toMatchObject({ kind: 'refused', reason: 'wrong-secret' })
  expect(await ask('ann@example.com', 'wrong')).toMatchObject({ kind: 'refused' })
  expect(asked).toHaveLength(1)
  expect(await ask('ann@example.com', 'old pw')).toMatchObject({
    kind: 'accepted',
    elsewhere: { login: 'ann' },
  })
  expect(asked).toHaveLength(2)
  expect(await ask('ann@example.com', 'old pw', { service: 'web' })).toMatchObject({ kind: 'accepted' })
  await auth.admin.set('user', address('ann@example.com'), { oldServer: 'here' }, 'test')
  const after = await ask('ann@example.com', 'old pw')
  expect(after).toMatchObject({ kind: 'accepted' })
  expect(after).not.toHaveProperty('elsewhere')
  expect(asked).toHaveLength(2)
})

test('pages, filters and calendars stay here', async () => {
  for (const service of ['web', 'sieve', 'dav'] as const)
    expect(await ask('bob@example.com', 'correct horse', { service })).not.toHaveProperty('elsewhere')
})

test('who has moved is at home', async () => {
  expect(await ask('moved@example.com', 'correct horse')).not.toHaveProperty('elsewhere')
})

test('while the old server is away, nothing is said of the password, and nothing counts', async () => {
  answer = { kind: 'later', reason: 'unreachable', text: 'away' }
  for (let turn = 0; turn < 10; turn++)
    expect(await ask('ann@example.com', `guess ${turn}`)).toMatchObject({ kind: 'later' })
  expect(await ask('ann@example.com', 'old pw')).toMatchObject({ kind: 'accepted' })
})

test('whoever guesses through us is locked out as ever, and the old server hears no more of it', async () => {
  const verdicts = []
  for (let turn = 0; turn < 10; turn++)
    verdicts.push((await ask('ann@example.com', `guess ${turn}`, { ip: '198.51.100.9' })).kind)
  expect(verdicts.at(-1)).toBe('throttled')
  expect(asked.length).toBeLessThan(10)
})

test('an app token and a bearer lead nowhere, and it is said why; elsewhere than to mail they open the door', async () => {
  const added = await auth.admin.add('token', { user: address('bob@example.com') }, 'test')
  const secret = added.kind === 'added' ? (added.secret ?? '') : ''
  const reason = 'password-needed-elsewhere'
  expect(await ask('bob@example.com', secret)).toMatchObject({ kind: 'refused', reason })
  expect(await ask('bob@example.com', secret, { bearer: true })).toMatchObject({ kind: 'refused', reason })
  expect(await ask('bob@example.com', secret, { service: 'dav' })).toMatchObject({ kind: 'accepted' })
})

test('without an old server nobody is without a password', async () => {
  await auth.admin.set('domain', domainRow('example.com').name, { oldServer: '' }, 'test')
  expect(await auth.admin.add('user', newUser('eve@example.com', { password: '*' }), 'test')).toMatchObject({
    kind: 'refused',
  })
})

test('mail for them leaves again by the way to their server, under their own address', async () => {
  const resolve = (to: string) => auth.addresses.resolve(address(to))
  expect(await resolve('bob@example.com')).toEqual({ kind: 'relayed' })
  expect(await resolve('bob+x@example.com')).toMatchObject({
    hops: [{ kind: 'address', address: 'bob@example.com' }],
  })
  expect(await resolve('moved@example.com')).toMatchObject({ hops: [{ kind: 'mailbox' }] })
  expect(await resolve('nobody@example.com')).toEqual({ kind: 'unknown' })
  const way = async (to: string) => auth.returnPaths.leaving(address('s@far.example'), address(to))
  expect(await way('bob@example.com')).toMatchObject({ sender: 's@far.example', way: 'via:old.example:25' })
  expect(await way('moved@example.com')).toMatchObject({ way: undefined })
})

test('an import that is made once more leaves people where they are', async () => {
  const row = { address: address('moved@example.com'), displayedName: 'Ann' }
  await auth.admin.apply(
    [
      { on: 'domain', do: 'put', row: domainRow('example.com') },
      { on: 'user', do: 'put', row },
    ],
    { actor: 'test' },
  )
  expect(await auth.admin.domains()).toMatchObject([{ oldServer: 'old.example login=%n' }])
  expect(await auth.admin.user(row.address)).toMatchObject({ oldServer: 'here', displayedName: 'Ann' })
})

test('nothing is collected for them: it would go round in circles', async () => {
  const row = { protocol: 'imap', host: 'old.example', port: 993, username: 'u', password: 'pw' } as const
  for (const user of ['bob@example.com', 'moved@example.com'])
    await auth.admin.add('fetch', { user: address(user), ...row }, 'test')
  expect(await auth.fetches.list()).toMatchObject({ fetches: [{ user: 'moved@example.com' }] })
})

test.each(['old.example imap=no', 'two hosts', 'old.example\nimap=143 x'])(
  '%j is refused as an old server',
  async (oldServer) => {
    const outcome = await auth.admin.set('user', address('bob@example.com'), { oldServer }, 'test')
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'invalid' })
  },
)
