import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run, startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'
import { messagesOf, transport } from './support/mailbox.ts'

const execute = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'homepost-managesieve-'))
let server: TestServer

beforeAll(async () => {
  await requireDebian('sieve-connect', 'php-cli', 'php-net-sieve', 'python3-sievelib')
  server = await startServer()
  await server.addUsers('ann')
}, 600_000)
afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const scriptFile = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('sieve-connect', () => {
  /** It checks the certificate. */
  const sieveConnect = async (...args: string[]) => {
    const certificate = join(server.dataDir, 'certs', 'self-signed.cert.pem')
    const place = ['--server', 'localhost', '--port', String(server.ports.sieve), '--tlscafile', certificate]
    const who = ['--user', 'ann@example.test', '--passwordfd', '0']
    const { code, stdout, stderr } = await run('sieve-connect', [...place, ...who, ...args], {
      input: 'pw\n',
    })
    return [code, stdout + stderr]
  }

  test('a script is uploaded, activated, downloaded, sorts what comes, and is deleted', async () => {
    const file = scriptFile('a.sieve', 'require ["fileinto", "mailbox"];\r\nfileinto :create "Büro";\r\n')
    expect(await sieveConnect('--upload', '--localsieve', file, '--remotesieve', 'büro')).toEqual([0, ''])
    expect(await sieveConnect('--activate', '--remotesieve', 'büro')).toEqual([0, ''])
    expect(await sieveConnect('--list')).toEqual([0, '"büro" ACTIVE\n'])
    const [code, text] = await sieveConnect('--download', '--remotesieve', 'büro', '--localsieve', '-')
    expect([code, String(text).trim()]).toEqual([
      0,
      'require ["fileinto", "mailbox"];\r\nfileinto :create "Büro";',
    ])
    expect(await sieveConnect('--delete', '--remotesieve', 'büro')).toMatchObject([1, /ACTIVE/])
    const message = { from: 's@example.org', to: 'ann@example.test', subject: 'sorted', text: 'x' }
    await transport(server, 'plain').sendMail(message)
    expect(String(await messagesOf(server, 'ann', 'Büro'))).toContain('Subject: sorted')
    await sieveConnect('--deactivate')
    expect(await sieveConnect('--delete', '--remotesieve', 'büro')).toEqual([0, ''])
  })

  test('every mistake comes with its line', async () => {
    const file = scriptFile('bad.sieve', 'keep;\nfrop;\nfileinto "x";\n')
    const [code, said] = await sieveConnect('--checkscript', '--localsieve', file)
    expect(code).toBe(1)
    expect(said).toContain("line 2: error: unknown command 'frop'")
    expect(said).toContain('line 3: error: ')
  })
})

test("Roundcube's plugin keeps its rules, reads them again, and marks the lines that are wrong", async () => {
  await execute('apt-get', ['-q', 'download', 'roundcube-plugins'], { cwd: folder, timeout: 120_000 })
  const archive = readdirSync(folder).find((name) => name.startsWith('roundcube-plugins')) ?? ''
  await execute('dpkg-deb', ['--extract', join(folder, archive), folder])
  const plugin = join(folder, 'usr/share/roundcube/plugins/managesieve')
  const script = join(import.meta.dirname, 'support/roundcube.php')
  const { stdout, stderr } = await run('php', [script, plugin, String(server.ports.sieve)])
  const steps = stdout.trim().split('\n')
  expect(
    steps.map((line) => JSON.parse(line) as unknown),
    stderr,
  ).toEqual([
    ['connect', false, true],
    ['empty set', true, true],
    ['two rules', true, true, 'roundcube', ['roundcube']],
    ['read again', ['Büro "x"', 'away'], 'Line\n.dot\nend'],
    ['mistakes', false, ['2', '3']],
    ['copy', true, true, true],
    ['remove', true, true, []],
  ])
}, 300_000)

test('sievelib signs in and keeps a script', async () => {
  const program = `
from sievelib.managesieve import Client
c = Client("127.0.0.1", ${server.ports.sieve})
print(c.connect("ann@example.test", "pw", starttls=True, authmech="PLAIN"))
print(c.havespace("lib", 100), c.putscript("lib", 'keep;\\n'), c.setactive("lib"), c.listscripts())
print(repr(c.getscript("lib")), c.renamescript("lib", "other"), c.deletescript("other"))
print(c.setactive(""), c.deletescript("other"), c.checkscript("frop;"))
c.logout()
`
  const { stdout, stderr } = await run('/usr/bin/python3', ['-c', program])
  expect(stdout.trim().split('\n'), stderr).toEqual([
    'True',
    "True True True ('lib', [])",
    String.raw`'keep;\n' True False`,
    'True True False',
  ])
})
