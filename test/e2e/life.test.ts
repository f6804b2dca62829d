import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { ImapFlow } from 'imapflow'
import { createTransport } from 'nodemailer'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RawClient } from '../clients/support/raw.ts'
import { freePortOffset, runHomepost } from '../support/server.ts'

const root = process.cwd()
const command = join(root, 'bin', 'homepost.cjs')

let folder = ''
let offset = 0
const running: ChildProcess[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'homepost-life-'))
  offset = await freePortOffset()
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((child) => stop(child, 'SIGKILL')))
  rmSync(folder, { recursive: true, force: true })
})

const environment = (more: Record<string, string> = {}) => ({
  PATH: process.env['PATH'] ?? '',
  HOME: folder,
  DATA_DIR: join(folder, 'data'),
  PORT_OFFSET: String(offset),
  ...more,
})

interface Started {
  readonly child: ChildProcess
  readonly output: () => string
}

interface How {
  readonly program?: string
  readonly args?: string[]
  readonly env?: Record<string, string>
}

/** Starts the server as `npm start` does, and waits until it says what `until` looks for. */
async function start(
  until: RegExp,
  { program = process.execPath, args = [command, 'serve', '--home'], env = {} }: How = {},
): Promise<Started> {
  const child = spawn(program, args, { cwd: root, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] })
  running.push(child)
  let output = ''
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk.toString()
      if (until.test(output)) resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', (code) => reject(new Error(`ended with ${code}:\n${output}`)))
  })
  return { child, output: () => output }
}

/** Resolves when everything that holds the program's output has ended, so also its children. */
async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal)
    await once(child, 'close')
  }
  return child.exitCode
}

/** Runs a server that is expected to end by itself. */
const runServer = (more: Record<string, string> = {}, args = ['serve', '--home']) =>
  runHomepost(args, environment(more))

const ready = /"event":"server.ready"/
const tls = { rejectUnauthorized: false }

const account = {
  INITIAL_ADMIN_ACCOUNT: 'root',
  INITIAL_ADMIN_DOMAIN: 'other.example',
  INITIAL_ADMIN_PW: 'a secret',
}

async function signedIn(user: string, pass: string): Promise<ImapFlow> {
  const auth = { user, pass }
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: 993 + offset,
    secure: true,
    auth,
    tls,
    logger: false,
  })
  await client.connect()
  return client
}

async function maySignIn(user: string, pass: string): Promise<boolean> {
  try {
    const client = await signedIn(user, pass)
    await client.logout()
    return true
  } catch (cause) {
    if ((cause as { authenticationFailed?: boolean }).authenticationFailed) return false
    throw cause
  }
}

test('a first start tells an account that signs in, and a message sent to it arrives', async () => {
  const { child, output } = await start(ready)
  const [, user = ''] = /Sign in as (\S+)/.exec(output()) ?? []
  const [, pass = ''] = /Password\s+(\S+)/.exec(output()) ?? []
  expect(user).toBe('admin@home.test')
  expect(pass).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
  expect(output()).toContain(`https://localhost:${443 + offset}/`)

  const out = createTransport({ host: '127.0.0.1', port: 25 + offset, name: 'client.example', tls })
  await out.sendMail({ from: 'bob@example.org', to: user, subject: 'Hello', text: 'the first message' })

  const client = await signedIn(user, pass)
  const lock = await client.getMailboxLock('INBOX')
  const message = await client.fetchOne('1', { envelope: true, source: true })
  lock.release()
  await client.logout()
  if (!message) throw new Error('no message')
  expect(message.envelope?.subject).toBe('Hello')
  expect(message.source?.toString()).toContain('the first message')

  expect(await stop(child, 'SIGTERM')).toBe(0)
})

test('a sign-in is one line in the log, without the password', async () => {
  const { child, output } = await start(ready, { env: account })
  await (await signedIn('root@other.example', 'a secret')).logout()
  await stop(child, 'SIGTERM')
  expect(output().match(/"event":"[^"]*sign-in[^"]*"/g)).toEqual(['"event":"sign-in.accepted"'])
  expect(output()).not.toContain('a secret')
})

// RFC 5321 §4.5.1
test('with npm start, somebody reads what is sent to <Postmaster>', async () => {
  await start(ready)
  const smtp = await RawClient.open(25 + offset)
  await smtp.say('EHLO client.example', /^250 .*\r\n/m)
  await smtp.say('MAIL FROM:<>', /^250 .*\r\n/m)
  await smtp.say('RCPT TO:<Postmaster>', /^250 2\.1\.5 .*\r\n/m)
  smtp.end()
})

test('a second start tells no password', async () => {
  const first = await start(ready)
  await stop(first.child, 'SIGTERM')
  const second = await start(ready)
  expect(second.output()).toContain('IMAP')
  expect(second.output()).not.toContain('Password')
})

test.each([
  ['ifmissing', 'a secret', 'another'],
  ['update', 'another', 'a secret'],
])(
  'INITIAL_ADMIN_MODE=%s on an account that exists: its password is "%s", not "%s"',
  async (mode, now, not) => {
    const first = await start(ready, { env: account })
    await stop(first.child, 'SIGTERM')
    await start(ready, { env: { ...account, INITIAL_ADMIN_PW: 'another', INITIAL_ADMIN_MODE: mode } })
    expect(await maySignIn('root@other.example', now)).toBe(true)
    expect(await maySignIn('root@other.example', not)).toBe(false)
  },
)

test('INITIAL_ADMIN makes the account it names, and with mode create only once', async () => {
  const taken = createServer().listen(25 + offset, '127.0.0.1')
  await once(taken, 'listening')
  // Everything but the ports is done before they are opened.
  expect((await runServer(account)).code).toBe(4)
  taken.close()
  const listed = await runHomepost(['admin', 'list', '--home', '--json'], environment())
  expect(listed.stdout).toContain('root@other.example')
  const twice = await runServer({ ...account, INITIAL_ADMIN_MODE: 'create' })
  expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('INITIAL_ADMIN_MODE=create') })
})

describe('SIGTERM', () => {
  test('tells the sessions, and ends with 0', async () => {
    const { child } = await start(ready)
    const smtp = await RawClient.open(25 + offset)
    await smtp.until(/^220 .*\r\n/)
    const imap = await RawClient.open(143 + offset)
    await imap.until(/^\* OK .*\r\n/)
    const ended = stop(child, 'SIGTERM')
    expect(await smtp.until(/^421 .*\r\n/)).toMatch(/^421 4\.3\.2 /)
    await imap.until(/^\* BYE .*\r\n/)
    expect(await ended).toBe(0)
  })

  test('reaches the server through npm and its shell, and nothing is left behind', async () => {
    const { child } = await start(ready, { program: 'npm', args: ['start'] })
    const pid = Number(readFileSync(join(folder, 'data', 'run', 'pid'), 'utf8'))
    expect(existsSync(`/proc/${pid}`)).toBe(true)
    expect(await stop(child, 'SIGTERM')).toBe(0)
    expect(existsSync(`/proc/${pid}`)).toBe(false)
  })
})

test('after kill -9 the next start finds nothing in its way', async () => {
  const first = await start(ready)
  await stop(first.child, 'SIGKILL')
  const second = await start(ready)
  expect(await stop(second.child, 'SIGTERM')).toBe(0)
})

test('a port that is taken ends the start with 4, and names it', async () => {
  const taken = createServer().listen(993 + offset, '127.0.0.1')
  await once(taken, 'listening')
  const { code, stdout, stderr } = await runServer()
  taken.close()
  expect(code).toBe(4)
  expect(stderr).toContain(String(993 + offset))
  // The account was made, and its password is not told again.
  expect(stdout).toContain('Sign in as admin@home.test')
})

test.each(['mail.db', 'directory.db'])(
  'a %s from a later version ends the start with 3, and is left alone',
  async (name) => {
    const { child } = await start(ready)
    await stop(child, 'SIGTERM')
    const db = new Sqlite(join(folder, 'data', name))
    db.pragma('user_version = 9999')
    db.close()
    const { code, stderr } = await runServer()
    expect(code).toBe(3)
    expect(stderr).toContain(name)
    expect(new Sqlite(join(folder, 'data', name)).pragma('user_version', { simple: true })).toBe(9999)
  },
)

test('two servers never share a data folder', async () => {
  const { child } = await start(ready)
  const { code, stderr } = await runServer({ PORT_OFFSET: String(await freePortOffset()) })
  expect(code).toBe(3)
  expect(stderr).toContain(`in use by process ${child.pid}`)
})
