import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { messagesOf, transport } from '../clients/support/mailbox.ts'
import { runHomepost, startServer, type TestServer } from '../support/server.ts'

const fixture = join(process.cwd(), 'test', 'fixtures', 'mailu', 'config-export.yml')
const folder = mkdtempSync(join(tmpdir(), 'homepost-config-'))
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

let server: TestServer
beforeAll(async () => {
  // What it fetches of its own accord would stand in the exports that are compared.
  server = await startServer({ env: { FETCHMAIL_ENABLED: 'false' } })
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

let made = 0
/** A data folder of its own, without a server. */
function newHome() {
  made += 1
  const env = {
    PATH: process.env['PATH'] ?? '',
    DATA_DIR: join(folder, `data${made}`),
    DOMAIN: 'example.test',
  }
  mkdirSync(env.DATA_DIR)
  return (args: readonly string[], input = '') => runHomepost(args, env, input)
}

/** Each test runs on the running server, which it leaves empty, and on the data folder of a stopped one. */
const places = [
  ['a running server', () => (args: readonly string[], input?: string) => server.homepost(args, input)],
  ['a stopped server', newHome],
] as const

const empty = 'domain: [{name: example.test}]\n'

describe.each(places)('on %s', (_, place) => {
  const homepost = place()
  const exported = async () => (await homepost(['config', 'export', '--secrets', '--full'])).stdout

  test('a Mailu’s export goes in whole, and what comes out goes into an empty server and is the same', async () => {
    const imported = await homepost(['config', 'import', fixture])
    expect(imported).toMatchObject({ code: 0, stderr: '' })
    expect(imported.stdout).toMatch(
      /Committing changes\. Created: alias\(3\) domain\(2\) domain_access\(1\) fetch\(1\) manager\(3\) relay\(2\) token\(2\) user\(3\)/,
    )
    const first = await exported()
    expect(first).toContain('BEGIN PRIVATE KEY')
    expect(first).toContain("password: 's3cret: # yes'")

    const other = newHome()
    expect((await other(['config', 'import', '-'], first)).code).toBe(0)
    expect((await other(['config', 'export', '--secrets', '--full'])).stdout).toBe(first)

    const json = (await homepost(['config', 'export', '--secrets', '--json'])).stdout
    const third = newHome()
    expect((await third(['config-import'], json)).code).toBe(0)
    expect((await third(['config', 'export', '--secrets', '--full'])).stdout).toBe(first)
  })

  test('an export without secrets, imported again, keeps the secrets', async () => {
    const before = await exported()
    const plain = (await homepost(['config', 'export'])).stdout
    expect(plain).toContain('dkim_key: <hidden>')
    expect(plain).not.toContain('s3cret')
    const imported = await homepost(['config', 'import', '-'], plain)
    expect(imported).toMatchObject({ code: 0, stdout: 'Committing changes. No changes.\n' })
    expect(await exported()).toBe(before)
  })

  test('a dry run shows what would be done, secrets hidden, and does nothing', async () => {
    const before = await exported()
    const update =
      'user: [{email: foo@example.com, quota_bytes: 5G, password: s3cr3t-and-long, hash_password: true}]'
    const dry = await homepost(['config-import', '-u', '-n', '-'], update)
    expect(dry.stdout).toContain('Modified user: foo@example.com quota_bytes: 2000000000 -> 5000000000\n')
    expect(dry.stdout).toContain('Modified user: foo@example.com password: <hidden> -> <hidden>\n')
    expect(dry.stdout).toMatch(/Dry run\. Not committing changes\. Modified: user\(1\)\n$/)
    expect(dry.stdout).not.toContain('s3cr3t')
    expect(await exported()).toBe(before)
  })

  test('mistakes are told all at once with their place, and nothing is changed', async () => {
    const before = await exported()
    const wrong =
      'user:\n  - email: foo@example.com\n    quota_bytes: much\n    spam_treshold: 5\nalias:\n  - email: new@example.com\n    destination: [a@b.test]\n'
    const { code, stderr } = await homepost(['config', 'import', '--update', '-'], wrong)
    expect(code).toBe(2)
    expect(stderr).toContain('line 3, user[0].quota_bytes: expected a number of bytes')
    expect(stderr).toContain('line 4, user[0].spam_treshold: there is no attribute')
    const refused =
      'alias: [{email: new@example.com, destination: [a@b.test]}]\nuser: [{email: x@nowhere.example, password: $2b$12$kPvmGwvVhCqkJFw2HSWXIeTf0ErKJXpYQ9lnPOHiYOXb1nSxnpabG}, {email: y@example.com, password: nohash}]'
    const later = await homepost(['config', 'import', '--update', '-'], refused)
    expect(later.code).toBe(1)
    expect(later.stderr).toMatch(/line 2, user\[0\]: .*nowhere\.example/)
    expect(later.stderr).toMatch(/line 2, user\[1\]: /)
    expect(await exported()).toBe(before)
  })

  test('users whom the file does not name, and their mail, go only where that is said', async () => {
    const refused = await homepost(['config', 'import', '-'], empty)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--delete-users') })
    expect((await homepost(['user', 'show', 'foo@example.com'])).code).toBe(0)
    const dry = await homepost(['config', 'import', '--dry-run', '-'], empty)
    expect(dry.stdout).toContain('This would delete 3 users')
    expect((await homepost(['config', 'import', '--delete-users', '-'], empty)).code).toBe(0)
    expect((await homepost(['config', 'export'])).stdout).toBe(
      'domain:\n  - name: example.test\n\nuser: []\n\nalias: []\n\nrelay: []\n',
    )
  })

  test('the older config-update adds, overwrites, and with -d deletes', async () => {
    const hash = '$2b$12$kPvmGwvVhCqkJFw2HSWXIeTf0ErKJXpYQ9lnPOHiYOXb1nSxnpabG'
    const yaml = `
domains: [{name: one.test, max_users: 4}]
users: [{localpart: ann, domain: two.test, password_hash: ${hash}, quota_bytes: 7}]
aliases: [{localpart: info, domain: two.test, destination: "ann@two.test,o@p.test"}]
managers: [{domain: two.test, user: ann}]
`
    const updated = await homepost(['config-update', '-v', '1'], yaml)
    expect(updated.stdout).toMatch(/Created: alias\(1\) domain\(2\) manager\(1\) user\(1\)/)
    expect((await homepost(['config-update'], yaml)).stdout).toBe('Committing changes. No changes.\n')
    expect((await homepost(['config-update', '-d'], yaml)).stdout).toMatch(/Deleted: domain\(1\)/)
    const left = JSON.parse((await homepost(['domain', 'list', '--json'])).stdout) as { name: string }[]
    expect(left.map(({ name }) => name)).toEqual(['one.test', 'two.test'])
    await homepost(['config', 'import', '--delete-users', '-'], empty)
  })

  test('a filter names what is exported, and a file is for its owner alone', async () => {
    const only = await homepost(['config-export', '-j', 'domain.name', 'domain.dns_mx'])
    expect(JSON.parse(only.stdout)).toEqual({
      domain: [{ name: 'example.test', dns_mx: expect.stringMatching(/^example\.test\. 600 IN MX 10 /) }],
    })
    expect(await homepost(['config', 'export', 'user.shoe_size'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Invalid filter: user.shoe_size: expected one of'),
    })
    const path = join(folder, `export-${made}.yml`)
    expect(await homepost(['config-export', '-o', path])).toMatchObject({ code: 0, stdout: '' })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).toContain('name: example.test')
  })
})

test('a replaced user keeps account and mail', async () => {
  await server.addUsers('keeper')
  await transport(server, 'plain').sendMail({
    from: 'a@example.org',
    to: 'keeper@example.test',
    subject: 'worth keeping',
    text: 'hi',
  })
  const account = async () =>
    JSON.parse((await server.homepost(['user', 'show', 'keeper@example.test', '--json'])).stdout)
  const { account: before } = (await account()) as { account: number }
  const yaml = 'domain: [{name: example.test}]\nuser: [{email: keeper@example.test, displayed_name: Kay}]'
  expect((await server.homepost(['config', 'import', '-'], yaml)).stdout).toMatch(/Modified: user\(1\)\n$/)
  expect(await account()).toMatchObject({ account: before, displayedName: 'Kay' })
  expect((await messagesOf(server, 'keeper')).map(String)).toEqual([expect.stringContaining('worth keeping')])
})

test('a file that is no YAML, or has aliases, is refused before anybody is asked', async () => {
  for (const text of ['user: [', 'a: &a [1]\nuser: *a']) {
    expect(await server.homepost(['config', 'import', file('wrong.yml', text)])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^line \d/),
    })
  }
})
