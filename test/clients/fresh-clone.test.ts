import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ImapFlow } from 'imapflow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePortOffset, run } from '../support/server.ts'

// README's first command on a machine that has nothing but Node and npm: no compiler is used, nothing but packages is fetched.

const clone = join(mkdtempSync(join(tmpdir(), 'homepost-clone-')), 'homepost')

beforeAll(async () => {
  const cloned = await run('git', ['clone', '-q', process.cwd(), clone])
  if (cloned.code !== 0) throw new Error(cloned.stderr)
  // A PATH without compilers, so that a hidden build step would show.
  const installed = await run('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: clone,
    timeoutMs: 280_000,
    env: plainEnvironment(),
  })
  if (installed.code !== 0) throw new Error(installed.stdout + installed.stderr)
}, 300_000)
afterAll(() => rmSync(join(clone, '..'), { recursive: true, force: true }))

/** The environment of a person who just logged in; not that of the test runner, which runs on the pinned Node. */
function plainEnvironment(): Record<string, string> {
  const path = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('node_modules'))
  return { PATH: path.join(':'), HOME: process.env['HOME'] ?? '/tmp', CC: '/bin/false', CXX: '/bin/false' }
}

/** Every process whose working folder or command names the clone. */
function leftovers(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        const running = command.includes(clone) || readlinkSync(`/proc/${pid}/cwd`).startsWith(clone)
        return running && !command.startsWith('git ') ? [`${pid} ${command}`] : []
      } catch {
        return [] // it ended meanwhile
      }
    })
}

test('npm start serves, the printed account signs in, and SIGTERM drains: sessions are told, exit 0, nothing is left', async () => {
  const offset = await freePortOffset()
  const child = spawn('npm', ['start'], {
    cwd: clone,
    env: { ...plainEnvironment(), PORT_OFFSET: String(offset) },
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await expect.poll(() => output, { timeout: 60_000 }).toMatch(/admin@home\.test/)
  const password = /password[^\S\n]*:?[^\S\n]+(\S+)/i.exec(output)?.[1] ?? ''
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: 993 + offset,
    secure: true,
    auth: { user: 'admin@home.test', pass: password },
    tls: { rejectUnauthorized: false },
    logger: false,
  })
  await expect
    .poll(() => client.connect().then(() => 'signed in', String), { timeout: 20_000 })
    .toBe('signed in')
  await client.mailboxOpen('INBOX')
  const closed = new Promise<string>((resolve) => client.once('close', () => resolve('told and closed')))
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  child.kill('SIGTERM')
  expect(await closed).toBe('told and closed')
  expect(await exit).toBe(0)
  await expect.poll(leftovers, { timeout: 5_000 }).toEqual([])
  expect(existsSync(join(clone, 'data', 'mail.db'))).toBe(true)
})
