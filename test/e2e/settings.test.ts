import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runHomepost } from '../support/server.ts'

const folder = mkdtempSync(join(tmpdir(), 'homepost-settings-'))
afterAll(() => rmSync(folder, { recursive: true }))

const environment = (more: Record<string, string>) => ({
  PATH: process.env['PATH'] ?? '',
  DATA_DIR: folder,
  ...more,
})

test.each(['serve', 'config check', 'user list', 'doctor'])(
  '%s tells every mistake at once and ends with 2',
  async (words) => {
    const mistakes = { DOMAIN: 'not a domain', TLS_PERMISSIVE: 'perhaps', RELAYNETS_FILE: '/nowhere' }
    const { code, stdout, stderr } = await runHomepost(words.split(' '), environment(mistakes))
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^3 mistakes in the settings:\n/)
    for (const name of Object.keys(mistakes)) expect(stderr).toContain(`  ${name}: `)
  },
)

test.each([
  [['config', 'check'], { mistakes: [expect.stringMatching(/^TLS_FLAVOR: expected /)] }],
  [['user', 'frobnicate'], { mistake: expect.stringContaining("unknown command 'frobnicate'") }],
  [['user', 'list', '--frob'], { mistake: expect.stringContaining('--frob') }],
])('with --json, what is wrong with %j is JSON on stdout', async (args, told) => {
  const { code, stdout, stderr } = await runHomepost([...args, '--json'], environment({ TLS_FLAVOR: 'no' }))
  expect(code).toBe(2)
  expect(JSON.parse(stdout)).toEqual(told)
  expect(stderr).toBe('')
})

test('a mailu.env is good as it is', async () => {
  const { code, stdout } = await runHomepost(
    ['config', 'check', '--config', join('test', 'fixtures', 'settings', 'mailu.env')],
    environment({}),
  )
  expect(code).toBe(0)
  expect(stdout).toMatch(/^The settings are good\.\nnot yet used by this version: WEBMAIL, /)
})

test('a secret comes from a file, and is not shown', async () => {
  writeFileSync(join(folder, 'token'), 'tell-nobody\n')
  const { stdout } = await runHomepost(
    ['config', 'show'],
    environment({ METRICS_TOKEN_FILE: join(folder, 'token') }),
  )
  expect(stdout).toMatch(/METRICS_TOKEN +<hidden> +secret file/)
  expect(stdout).not.toContain('tell-nobody')
})

test('a config file that is named and missing is a mistake', async () => {
  const { code, stderr } = await runHomepost(['config', 'check', '--config', '/nowhere.env'], environment({}))
  expect(code).toBe(2)
  expect(stderr).toContain('/nowhere.env')
})

test.each([
  [['serve', '--frob']],
  [['frob']],
  [['user', 'add', 'a@b.test', 'password']],
  [['alias', 'add', 'info@b.test']],
])('%j is told to be wrong, with 2', async (args) => {
  const { code, stderr } = await runHomepost(args, environment({}))
  expect(code).toBe(2)
  expect(stderr).toMatch(/--help/)
})

test('a data folder that no system makes is told, and the end is 3', async () => {
  const { code, stderr } = await runHomepost(['serve'], environment({ DATA_DIR: '/proc/homepost' }))
  expect(stderr).toMatch(/cannot start: .*\/proc\/homepost/)
  expect(code).toBe(3)
})
