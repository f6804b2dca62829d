import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { imapClient, messagesOf, transport } from '../clients/support/mailbox.ts'
import { run, runHomepost, startServer, type TestServer } from '../support/server.ts'

const folder = mkdtempSync(join(tmpdir(), 'homepost-cli-'))
let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Each test runs on the running server and on the data folder of a stopped one. */
const places = [
  ['a running server', (args: string[], input?: string) => server.homepost(args, input)],
  ['a stopped server', (args: string[], input?: string) => onStopped(args, input)],
] as const

const stopped = { PATH: process.env['PATH'] ?? '', DATA_DIR: join(folder, 'data'), DOMAIN: 'example.test' }
const onStopped = (args: string[], input = '') => runHomepost(args, stopped, input)

beforeAll(async () => {
  mkdirSync(stopped.DATA_DIR)
  await onStopped(['domain', 'add', 'example.test'])
})

describe.each(places)('on %s', (_, homepost) => {
  const json = async (args: string[]) => JSON.parse((await homepost([...args, '--json'])).stdout) as never

  test('domains are added, changed, shown, listed and deleted', async () => {
    expect(await homepost(['domain', 'add', 'büro.example', '--max-users', '5'])).toMatchObject({ code: 0 })
    expect((await homepost(['domain', 'add', 'büro.example'])).code).toBe(1)
    expect((await homepost(['domain', 'set', 'büro.example', '--comment', 'our office'])).code).toBe(0)
    expect(await json(['domain', 'show', 'büro.example'])).toMatchObject({
      maxUsers: 5,
      comment: 'our office',
    })
    expect((await homepost(['domain', 'list'])).stdout).toMatch(/xn--bro-hoa\.example +5/)
    expect((await homepost(['domain', 'delete', 'büro.example'])).code).toBe(0)
    const missing = await homepost(['domain', 'show', 'büro.example'])
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no') })
  })

  test('folders are told how long they keep mail', async () => {
    expect((await homepost(['user', 'add', 'kay@example.test', '--password-stdin'], 'pw\n')).code).toBe(0)
    const set = await homepost(['retention', 'set', 'kay@example.test', 'Trash', '30'])
    expect(set.stdout).toBe('Trash of kay@example.test keeps its messages for 30 days.\n')
    expect((await homepost(['retention', 'set', 'kay@example.test', 'Nowhere', '30'])).code).toBe(1)
    expect((await homepost(['retention', 'set', 'kay@example.test', 'Trash', '-1'])).code).toBe(2)
    expect(await json(['retention', 'list', '--user', 'kay@example.test'])).toEqual([
      { user: 'kay@example.test', folder: 'Trash', days: 30, own: true },
    ])
    expect((await homepost(['retention', 'delete', 'kay@example.test', 'Trash'])).code).toBe(0)
    expect(await json(['retention', 'list'])).toEqual([])
    expect((await homepost(['user', 'delete', 'kay@example.test', '--now'])).code).toBe(0)
  })

  test('folders are shared, and no longer', async () => {
    await homepost(['user', 'add', 'kay@example.test', '--password-stdin'], 'pw\n')
    const kays = ['kay@example.test', 'Archive']
    const set = await homepost(['share', 'set', ...kays, 'anyone', 'write'])
    expect(set.stdout).toBe('Archive of kay@example.test is shared with anyone (lrswite).\n')
    expect((await homepost(['share', 'set', ...kays, 'anyone', 'everything'])).code).toBe(2)
    expect((await homepost(['share', 'set', ...kays, 'kay@example.test', 'read'])).code).toBe(1)
    expect(await json(['share', 'list', '--user', 'kay@example.test'])).toEqual([
      { user: 'kay@example.test', folder: 'Archive', with: 'anyone', rights: 'lrswite', taken: false },
    ])
    expect((await homepost(['share', 'delete', ...kays, 'anyone'])).code).toBe(0)
    expect(await json(['share', 'list'])).toEqual([])
    await homepost(['user', 'delete', 'kay@example.test', '--now'])
  })

  test('users are added, changed, listed and deleted; passwords come from stdin or a file', async () => {
    expect((await homepost(['user', 'add', 'ann@example.test', '--password-stdin'], 'pw\n')).code).toBe(0)
    const file = join(folder, 'password')
    writeFileSync(file, 'from a file')
    expect((await homepost(['user', 'add', 'bob@example.test', '--password-file', file])).code).toBe(0)
    expect((await homepost(['user', 'add', 'bob@example.test', '--password-file', file])).code).toBe(1)
    expect(
      (await homepost(['user', 'set', 'bob@example.test', '--quota', '2G', '--enabled', 'no'])).code,
    ).toBe(0)
    expect(await json(['user', 'show', 'bob@example.test'])).toMatchObject({
      quotaBytes: 2e9,
      enabled: false,
    })
    expect((await homepost(['password', 'bob@example.test', '--password-stdin'], 'other')).code).toBe(0)
    expect((await homepost(['user', 'delete', 'bob@example.test'])).code).toBe(0)
    expect((await homepost(['user', 'list'])).stdout).not.toContain('bob@example.test')
    expect((await homepost(['user', 'delete', 'bob@example.test'])).stderr).toContain('--now')
    expect((await homepost(['user', 'leaving'])).stdout).toContain('bob@example.test')
    expect((await homepost(['user', 'restore', 'bob@example.test'])).code).toBe(0)
    expect(await json(['user', 'show', 'bob@example.test'])).toMatchObject({ quotaBytes: 2e9 })
    expect((await homepost(['user', 'restore', 'bob@example.test'])).code).toBe(1)
    await homepost(['user', 'delete', 'bob@example.test'])
    expect((await homepost(['user', 'delete', 'bob@example.test', '--now'])).code).toBe(0)
    expect(await json(['user', 'leaving'])).toEqual([])
    expect((await homepost(['user', 'restore', 'bob@example.test'])).code).toBe(1)
  })

  test('a user without a password, or in no domain of ours, is refused with what to do', async () => {
    const without = await homepost(['user', 'add', 'eve@example.test'])
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('--password-stdin') })
    const elsewhere = await homepost(['user', 'add', 'eve@nowhere.example', '--password-stdin'], 'pw')
    expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringContaining('nowhere.example') })
  })

  test('a file adds many users at once, or none', async () => {
    const file = join(folder, 'users')
    writeFileSync(
      file,
      'address,password\nc1@example.test,"a,b"\n{"address":"c2@example.test","password":"x"}\n',
    )
    expect((await homepost(['user', 'add', '--from', file])).stdout).toBe('2 users added.\n')
    writeFileSync(file, 'c3@example.test,pw\nnobody,pw\n')
    expect(await homepost(['user', 'add', '--from', file])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('line 2'),
    })
    expect((await homepost(['user', 'show', 'c3@example.test'])).code).toBe(1)
  })

  test('aliases are added, changed, listed and deleted', async () => {
    const add = ['alias', 'add', 'info@example.test', 'ann@example.test', 'x@example.org']
    expect((await homepost(add)).code).toBe(0)
    expect((await homepost(['alias', 'add', '%@example.test', 'ann@example.test', '--wildcard'])).code).toBe(
      0,
    )
    expect((await homepost(['alias', 'set', 'info@example.test', '--disabled', 'true'])).code).toBe(0)
    expect(await json(['alias', 'show', 'info@example.test'])).toMatchObject({
      destination: ['ann@example.test', 'x@example.org'],
      disabled: true,
    })
    expect(await json(['alias', 'show', '%@example.test'])).toMatchObject({ wildcard: true })
    expect((await homepost(['alias', 'delete', '%@example.test'])).code).toBe(0)
    expect((await homepost(['alias', 'list'])).stdout).not.toContain('%@')
  })

  test('an administrator is a user with the right, which can be taken away', async () => {
    expect((await homepost(['admin', 'add', 'boss@new.example', '--password-stdin'], 'pw')).code).toBe(0)
    expect((await homepost(['admin', 'list'])).stdout).toContain('boss@new.example')
    expect((await homepost(['admin', 'delete', 'boss@new.example'])).code).toBe(0)
    expect((await homepost(['admin', 'list'])).stdout).not.toContain('boss@new.example')
    expect((await homepost(['user', 'show', 'boss@new.example'])).code).toBe(0)
  })

  test('wrong arguments are named with what was expected', async () => {
    const { code, stderr } = await homepost(['user', 'set', 'nobody', '--quota', 'much'])
    expect(code).toBe(2)
    expect(stderr).toContain('address: expected an address')
    expect(stderr).toContain('quota: expected a number of bytes')
  })

  test('who is locked out is listed, and what nobody remembers cannot be cleared', async () => {
    expect(await json(['throttle', 'list'])).toEqual([])
    expect(await homepost(['throttle', 'clear', '192.0.2.7'])).toMatchObject({ code: 1 })
  })

  test('store verify finds all well', async () => {
    expect(await homepost(['store', 'verify'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^All is well/),
    })
  })
})

test('health and doctor tell a running server from a stopped one', async () => {
  expect(await server.homepost(['health'])).toMatchObject({ code: 0, stdout: 'ready\n' })
  expect(await onStopped(['health'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No server runs'),
  })
  const doctor = await server.homepost(['doctor'])
  expect(doctor.stdout).toContain('runs and is ready')
  expect(doctor.stdout).toContain('held by the running server')
})

test('a user added on the running server signs in at once, and not after deletion', async () => {
  await server.addUsers('new')
  const client = await imapClient(server, 'new')
  await client.logout()
  await server.homepost(['user', 'delete', 'new@example.test'])
  await expect(imapClient(server, 'new')).rejects.toThrow()
})

test('a password that comes through a pipe slower than it is read is waited for', async () => {
  const command = `cat | "${process.execPath}" bin/homepost.cjs user add piped@example.test --password-stdin`
  const ran = await run('sh', ['-c', command], { env: stopped, input: 'x'.repeat(1_000_000) })
  expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('The password is longer than') })
})

test('a backup of the running server, restored, has the users and their mail', async () => {
  await server.addUsers('keeper')
  await transport(server, 'plain').sendMail({
    from: 'a@example.org',
    to: 'keeper@example.test',
    subject: 'worth keeping',
    text: 'hi',
  })
  const backup = join(folder, 'backup')
  expect(await server.homepost(['backup', backup])).toMatchObject({ code: 0 })
  expect((await server.homepost(['backup', backup])).code).toBe(1)

  const dataDir = join(folder, 'restored')
  const restored = { ...stopped, DATA_DIR: dataDir }
  const { code, stdout } = await runHomepost(['restore', backup], restored)
  expect(stdout).toContain('All is well')
  expect(code).toBe(0)
  expect((await runHomepost(['restore', backup], restored)).stderr).toContain('has data already')

  const second = await startServer({ dataDir })
  try {
    expect((await messagesOf(second, 'keeper')).map(String)).toEqual([
      expect.stringContaining('worth keeping'),
    ])
  } finally {
    await second.stop()
  }

  const nowhere = join(folder, 'not-restored')
  const inside = await runHomepost(['restore', backup], { ...stopped, DATA_DIR: join(backup, 'data') })
  expect(inside).toMatchObject({ code: 1, stderr: expect.stringContaining('inside the backup') })
  truncateSync(join(backup, 'mail.db'))
  const cut = await runHomepost(['restore', backup], { ...stopped, DATA_DIR: nowhere })
  expect(cut).toMatchObject({ code: 1, stderr: expect.stringContaining('mail.db is damaged') })
  expect(existsSync(nowhere)).toBe(false)
})
