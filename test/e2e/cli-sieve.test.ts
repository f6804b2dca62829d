import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runHomepost, startServer, type TestServer } from '../support/server.ts'

const folder = mkdtempSync(join(tmpdir(), 'homepost-cli-sieve-'))
const stopped = { PATH: process.env['PATH'] ?? '', DATA_DIR: join(folder, 'data'), DOMAIN: 'example.test' }
let server: TestServer
beforeAll(async () => {
  server = await startServer()
  await server.addUsers('ann')
  mkdirSync(stopped.DATA_DIR)
  await runHomepost(
    ['user', 'add', 'ann@example.test', '--create-domain', '--password-stdin'],
    stopped,
    'pw\n',
  )
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const places = [
  ['a running server', (args: string[], input?: string) => server.homepost(args, input)],
  ['a stopped server', (args: string[], input?: string) => runHomepost(args, stopped, input)],
] as const

describe.each(places)('on %s', { timeout: 60_000 }, (_, homepost) => {
  const sieve = async (args: string, input?: string) => {
    const { code, stdout, stderr } = await homepost(['sieve', ...args.split(' ')], input)
    return [code, stdout + stderr]
  }
  const ann = 'ann@example.test'

  test('a script is kept, shown, made active, renamed and removed', async () => {
    const file = join(folder, 'work.sieve')
    writeFileSync(file, 'require "fileinto";\r\nfileinto "Work";\r\n')
    expect(await sieve(`put ${ann} work ${file} --activate`)).toEqual([0, 'work is active.\n'])
    expect(await sieve(`put ${ann} other`, 'keep;')).toEqual([0, 'other is kept.\n'])
    expect(await sieve(`show ${ann}`)).toEqual([0, 'require "fileinto";\nfileinto "Work";\n'])
    const [, list] = await sieve(`list ${ann} --json`)
    expect(JSON.parse(String(list))).toMatchObject([
      { name: 'other', active: false, bytes: 5 },
      { name: 'work', active: true, bytes: 39 },
    ])
    expect(await sieve(`delete ${ann} work`)).toMatchObject([1, expect.stringContaining('work is active')])
    expect(await sieve(`rename ${ann} work job`)).toEqual([0, 'work is called job now.\n'])
    expect(await sieve(`deactivate ${ann}`)).toEqual([0, `No script sorts the mail of ${ann}.\n`])
    expect(await sieve(`show ${ann}`)).toEqual([1, 'No script is active.\n'])
    expect(await sieve(`delete ${ann} job`)).toEqual([0, 'job is removed.\n'])
    expect(await sieve(`delete ${ann} other`)).toEqual([0, 'other is removed.\n'])
    const { stdout } = await homepost(['audit', 'list', '--count', '6', '--json'])
    const audit: { actor: string; did: string; on: string; key: string }[] = JSON.parse(stdout)
    expect(audit.map(({ actor, did, on, key }) => [actor, did, on, key].join(' ')).toReversed()).toEqual([
      `command line created script ${ann} work`,
      `command line created script ${ann} other`,
      `command line modified script ${ann} work`,
      `command line modified script ${ann} job`,
      `command line deleted script ${ann} job`,
      `command line deleted script ${ann} other`,
    ])
  })

  test('mistakes are told with their lines, and nothing is kept', async () => {
    const bad = 'keep;\nfrop;\nfileinto "x";\n'
    const [code, said] = await sieve(`put ${ann} bad -`, bad)
    expect([code, String(said).split('\n')[0]]).toEqual([1, "line 2, column 1: unknown command 'frop'"])
    expect(String(said).split('\n')[1]).toMatch(/^line 3, column 1: /)
    expect(await sieve(`check ${ann}`, bad)).toEqual([1, said])
    expect(await sieve(`check ${ann}`, 'keep;')).toEqual([0, 'It has no mistakes.\n'])
    expect(await sieve(`list ${ann} --json`)).toEqual([0, '[]\n'])
  })

  test('the server has scripts that everybody may include, none of them active', async () => {
    expect(await sieve('put server common', 'discard;')).toEqual([0, 'common is kept.\n'])
    const text = 'require "include"; include :global "common"; include "mine";'
    expect(await sieve(`put ${ann} main`, text)).toEqual([
      0,
      "main is kept.\nline 1, column 46: the included script 'mine' does not exist\n",
    ])
    expect(await sieve('put server common --activate', 'keep;')).toMatchObject([1, expect.any(String)])
    expect(await sieve('list nobody@example.test')).toEqual([1, 'There is no nobody@example.test.\n'])
    expect(await sieve('activate server common')).toMatchObject([2, expect.any(String)])
    expect(await sieve(`delete ${ann} main`)).toMatchObject([0, expect.any(String)])
  })

  test('an active script that works no more is found', async () => {
    await sieve('put server common', 'discard;')
    await sieve(`put ${ann} main --activate`, 'require "include"; include :global "common";')
    expect(await sieve('problems --json')).toEqual([0, '[]\n'])
    await sieve('put server common', 'require "include"; include :personal "main";')
    const [, found] = await sieve('problems --json')
    expect(JSON.parse(String(found))).toMatchObject([
      { user: ann, script: 'main', problem: expect.stringContaining('circular include') },
    ])
    if (homepost === places[0][1]) {
      const { code, stdout } = await homepost(['doctor'])
      expect([code, stdout]).toEqual([
        1,
        expect.stringMatching(/^bad +Sieve scripts +ann@example\.test: main: /m),
      ])
    }
  })
})
