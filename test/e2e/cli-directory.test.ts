import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runHomepost, startServer, type TestServer } from '../support/server.ts'

const folder = mkdtempSync(join(tmpdir(), 'homepost-cli-'))
const stopped = { PATH: process.env['PATH'] ?? '', DATA_DIR: join(folder, 'data'), DOMAIN: 'example.test' }
let server: TestServer
beforeAll(async () => {
  server = await startServer()
  mkdirSync(stopped.DATA_DIR)
  await runHomepost(['domain', 'add', 'example.test'], stopped)
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const places = [
  ['a running server', (args: string[], input?: string) => server.homepost(args, input)],
  ['a stopped server', (args: string[], input?: string) => runHomepost(args, stopped, input)],
] as const

describe.each(places)('on %s', (_, homepost) => {
  const json = async (...args: string[]) => JSON.parse((await homepost([...args, '--json'])).stdout) as never
  const done = async (args: string, input?: string) => {
    const ran = await homepost(args.split(' '), input)
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    return ran.stdout
  }

  test('a domain gets another name, and loses it', async () => {
    await done('domain alternative add example.test other.test')
    expect(await json('domain', 'show', 'example.test')).toMatchObject({ alternatives: ['other.test'] })
    expect((await homepost(['domain', 'add', 'other.test'])).code).toBe(1)
    expect((await homepost(['domain', 'alternative', 'add', 'example.test', 'other.test'])).code).toBe(1)
    await done('domain alternative delete example.test other.test')
    expect((await homepost(['domain', 'alternative', 'delete', 'example.test', 'other.test'])).code).toBe(1)
  })

  test('a domain with users goes only where it is said so', async () => {
    await done('user add ann@full.test --password-stdin --create-domain', 'a long sentence')
    expect(await homepost(['domain', 'delete', 'full.test'])).toMatchObject({
      code: 1,
      stderr:
        'full.test has a user. Delete them first, or say --with-users to delete them and all their mail with it.\n',
    })
    expect(await json('user', 'list', '--domain', 'full.test')).toHaveLength(1)
    await done('domain delete full.test --with-users')
    expect(await json('user', 'list', '--domain', 'full.test')).toEqual([])
  })

  test.each([
    'admin delete boss@example.test',
    'user set boss@example.test --enabled false',
    'user delete boss@example.test',
    'domain delete boss.test --with-users',
  ])('%s says that nobody can administer the server any more', async (words) => {
    const boss = words.includes('boss.test') ? 'boss@boss.test' : 'boss@example.test'
    await done(`admin add ${boss} --password-stdin --mode update`, 'a long sentence')
    await done(`user set ${boss} --enabled`)
    expect(await done(words)).toContain('Nobody can administer this server now.')
  })

  test.each([
    'user set all@example.test',
    'domain set example.test',
    'alias set a@b.test',
    'relay set a.test',
  ])('%s without an option has changed nothing, and says so', async (words) => {
    expect(await homepost(words.split(' '))).toMatchObject({
      code: 2,
      stderr: 'Say what to change: --help has the options.\n',
    })
  })

  test('a relay is added, changed, listed and deleted', async () => {
    await done('relay add relay.test --target mx:host.test:2525')
    await done('relay set relay.test --comment branch')
    expect(await done('relay list')).toMatch(/relay\.test +mx:host\.test:2525 +branch/)
    expect(await homepost(['relay', 'set', 'relay.test', '--target', 'mx:[::1]'])).toMatchObject({ code: 2 })
    await done('relay delete relay.test')
  })

  test('every column of a user is an option', async () => {
    await done(
      'user add all@example.test --password-stdin --quota 2G --time-zone Europe/Berlin',
      'a long sentence',
    )
    const said =
      '--reply-enabled --reply-subject Away --reply-start 2027-01-31 --spam-threshold 40 --message-rate 5/hour'
    await done(`user set all@example.test ${said} --forward-to o@p.test,q@r.test`)
    expect(await json('user', 'show', 'all@example.test')).toMatchObject({
      quotaBytes: 2e9,
      timeZone: 'Europe/Berlin',
      replyEnabled: true,
      replySubject: 'Away',
      replyStart: '2027-01-31',
      spamThreshold: 40,
      messageRate: { count: 5, seconds: 3600 },
      forwardEnabled: true,
      forwardDestination: ['o@p.test', 'q@r.test'],
    })
    expect(
      await homepost(['user', 'set', 'all@example.test', '--time-zone', 'Europe/Nowhere']),
    ).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('time-zone: expected a time zone'),
    })
  })

  test('an app password is told once', async () => {
    const { id, secret }: { readonly id: number; readonly secret: string } = await json(
      'token',
      'add',
      'all@example.test',
      '--services',
      'imap',
      '--expires',
      '2027-01-31',
    )
    expect(secret).toMatch(/^[\da-f]{32}$/)
    const shown = await done(`token show ${id}`)
    expect(shown).toContain('services: imap')
    expect(shown).not.toContain(secret)
    await done(`token set ${id} --networks 10.0.0.0/8`)
    expect(await done('token list --user all@example.test')).toMatch(/10\.0\.0\.0\/8/)
    await done(`token delete ${id}`)
    expect((await homepost(['token', 'show', String(id)])).code).toBe(1)
  })

  test('mail is collected from elsewhere, with the port of the protocol', async () => {
    const added = '--host pop.test --username all --protocol pop3 --tls --password-stdin'
    expect((await homepost(['fetch', 'add', 'all@example.test', ...added.split(' ')])).code).toBe(2)
    await done(`fetch add all@example.test ${added}`, 'secret')
    const [row] = (await json('fetch', 'list')) as { id: number; port: number }[]
    expect(row).toMatchObject({ port: 995, tls: true, protocol: 'pop3' })
    await done(`fetch set ${row?.id} --keep`)
    expect(await done(`fetch show ${row?.id}`)).not.toContain('secret')
    await done(`fetch delete ${row?.id}`)
  })

  test.each(['manager', 'access'])('%s is given and taken', async (kind) => {
    await done(`${kind} add example.test all@example.test`)
    expect((await homepost([kind, 'add', 'example.test', 'all@example.test'])).code).toBe(1)
    expect(await json(kind, 'list', '--domain', 'example.test')).toEqual([
      { domain: 'example.test', user: 'all@example.test' },
    ])
    await done(`${kind} delete example.test all@example.test`)
    expect(await json(kind, 'list')).toEqual([])
  })

  test('who changed what is listed, without secrets', async () => {
    await done('password all@example.test --password-stdin', 'an even longer sentence')
    await done('user set all@example.test --comment seen')
    const listed = await done('audit list --count 2')
    expect(listed).toMatch(/command line \(\w+\) +modified +user all@example\.test +comment: "" -> "seen"/)
    expect(listed).toMatch(/password: "<hidden>" -> "<hidden>"/)
    const rows = (await json('audit', 'list')) as { id: number }[]
    const next = (await json('audit', 'list', '--before', String(rows.at(-1)?.id))) as { id: number }[]
    expect(next.every(({ id }) => id < (rows.at(-1)?.id ?? 0))).toBe(true)
  })

  test('Mailu’s commands do what they do there', async () => {
    await done('domain mailu.test -u 5 -a 6 -q 7000000000')
    expect(await json('domain', 'show', 'mailu.test')).toMatchObject({
      maxUsers: 5,
      maxAliases: 6,
      maxQuotaBytes: 7e9,
    })
    await done('domain mailu.test -u 50')
    expect(await json('domain', 'show', 'mailu.test')).toMatchObject({ maxUsers: 5 })
    await done('setlimits mailu.test -1 -1 0')
    expect(await json('domain', 'show', 'mailu.test')).toMatchObject({ maxUsers: -1, maxQuotaBytes: 0 })

    await done('user ann new.test -', 'a long sentence\n')
    expect(await json('user', 'show', 'ann@new.test')).toMatchObject({ mustChangePassword: true })
    await done('setmanager new.test ann')
    await done('password ann new.test -', 'another sentence')
    await done('admin boss new.test -', 'a long sentence')
    expect((await homepost(['admin', 'boss', 'new.test', '-'], 'a long sentence')).code).toBe(1)
    await done('admin boss new.test - -m ifmissing', 'other')
    await done('admin boss new.test - --mode update --json', 'other sentence')

    await done('alias %x new.test ann@new.test,o@p.test -w')
    expect(await json('alias', 'show', '%x@new.test')).toMatchObject({
      wildcard: true,
      destination: ['ann@new.test', 'o@p.test'],
    })
    await done('alias-delete %x@new.test')
    await done('user-delete ann@new.test')
    expect(await json('user', 'show', 'ann@new.test')).toMatchObject({ enabled: false })
    await done('user-delete ann@new.test -r')
    expect((await homepost(['user', 'show', 'ann@new.test'])).code).toBe(1)
    const hash = '$2b$12$kPvmGwvVhCqkJFw2HSWXIeTf0ErKJXpYQ9lnPOHiYOXb1nSxnpabG'
    await done(`user-import old new.test ${hash}`)
    await done('user-import other new.test -', hash)
    expect(await done('config-export user.password')).toContain(hash)
  })

  test('a password as an argument is refused, with what to do', async () => {
    for (const args of [
      ['user', 'eve', 'new.test', 'secret'],
      ['admin', 'eve', 'new.test', 'secret'],
      ['password', 'boss', 'new.test', 'secret'],
    ]) {
      const { code, stderr } = await homepost(args)
      expect(code).toBe(2)
      expect(stderr).toContain('Write - in its place')
      expect(stderr).not.toContain('secret')
    }
  })

  test('a command that is not there adds no domain and no user', async () => {
    for (const args of [['domain', 'lst'], ['user', 'lst'], ['alias', 'lst', 'x'], ['admin']]) {
      expect((await homepost(args)).code).toBe(2)
    }
    expect(await done('domain list')).not.toContain('lst')
  })
})

test('users are added from a file with all that is refused told', async () => {
  const file = join(folder, 'users')
  writeFileSync(
    file,
    'n1@example.test,a long sentence\nn2@nowhere.test,a long sentence\nn3@nowhere.test,a long sentence\n',
  )
  const { code, stderr } = await server.homepost(['user', 'add', '--from', file])
  expect(code).toBe(1)
  expect(stderr).toContain('n2@nowhere.test: ')
  expect(stderr).toContain('n3@nowhere.test: ')
  expect((await server.homepost(['user', 'show', 'n1@example.test'])).code).toBe(1)
})
