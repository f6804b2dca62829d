import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eicar } from '../support/clamd.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { writeSignatures } from './support/clamd.ts'
import { requireDebian } from './support/debian.ts'
import { transport } from './support/mailbox.ts'

// Debian's clamd as a child of the server. Its freshclam would ask the world: another program of that name stands in front of it.

const folder = mkdtempSync(join(tmpdir(), 'supervised-'))
const dataDir = join(folder, 'data')
const home = join(dataDir, 'antivirus')
let server: TestServer

const start = () =>
  startServer({
    dataDir,
    env: { ANTIVIRUS: 'supervised', PATH: `${folder}:${process.env['PATH'] ?? ''}`, LOG_LEVEL: 'DEBUG' },
  })

beforeAll(async () => {
  await requireDebian('clamav-daemon')
  mkdirSync(join(home, 'signatures'), { recursive: true, mode: 0o700 })
  writeSignatures(join(home, 'signatures'))
  const updater = join(folder, 'freshclam')
  writeFileSync(updater, '#!/bin/sh\necho "$0 $*"\nexec sleep 1000\n')
  chmodSync(updater, 0o755)
  server = await start()
  await server.addUsers('ann')
})
afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const pidOf = (name: string) => Number(readFileSync(join(home, `${name}.pid`), 'utf8'))
const lives = (pid: number) =>
  existsSync(`/proc/${pid}/stat`) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))

async function answer(content: string): Promise<string> {
  const sent = transport(server, 'plain').sendMail({
    from: 'shop@example.org',
    to: 'ann@example.test',
    text: `See the file. ${Math.random()}`,
    attachments: [{ filename: 'x.dat', content }],
  })
  return await sent.then(
    ({ response }) => response,
    (cause: Error) => cause.message,
  )
}

const soon = { timeout: 60_000, interval: 500 }

test('a virus is refused by a clamd that the server has started', async () => {
  await expect.poll(() => answer('clean'), soon).toMatch(/250 2\./)
  expect(await answer(eicar)).toMatch(/550 5\.7\.1 .*Eicar-Test-Signature/)
  expect(server.output()).toContain('--daemon --foreground --config-file=')
})

test('a clamd that dies comes back', async () => {
  const pid = pidOf('clamd')
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => (pidOf('clamd') === pid ? '' : answer(`clean ${pid}`)), soon).toMatch(/250 2\./)
  expect(await answer(`${eicar} again`)).toMatch(/550 5\.7\.1/)
})

test('when the server is killed its programs go, too, and a new one starts them again', async () => {
  const pids = [pidOf('clamd'), pidOf('freshclam')]
  await server.stop('SIGKILL')
  await expect.poll(() => pids.some(lives), soon).toBe(false)
  server = await start()
  await expect.poll(() => answer('clean after a kill'), soon).toMatch(/250 2\./)
})

test('what an earlier life has left behind is ended, and other programs are left alone', async () => {
  await server.stop()
  const configuration = `--config-file=${join(home, 'clamd.conf')}`
  const leftover = spawn('sh', ['-c', 'sleep 1000; true', configuration], { stdio: 'ignore' })
  const other = spawn('sleep', ['1000'], { stdio: 'ignore' })
  writeFileSync(join(home, 'clamd.pid'), `${leftover.pid}\n`)
  writeFileSync(join(home, 'freshclam.pid'), `${other.pid}\n`)
  server = await start()
  expect(lives(leftover.pid ?? 0)).toBe(false)
  expect(lives(other.pid ?? 0)).toBe(true)
  other.kill('SIGKILL')
})

test('a server that is told to stop takes its programs with it', async () => {
  await expect.poll(() => answer('clean before the end'), soon).toMatch(/250 2\./)
  const pids = [pidOf('clamd'), pidOf('freshclam')]
  expect(await server.stop()).toBe(0)
  expect(pids.map(lives)).toEqual([false, false])
})
