import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { startServer, type TestServer } from '../support/server.ts'

const people = 60

test('after kills everybody has an announcement and his welcome, and nobody has them twice', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'homepost-letters-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const env = {
    TLS_FLAVOR: 'notls',
    WELCOME: 'true',
    WELCOME_SUBJECT: 'Grüß Gott',
    SITENAME: 'Home, "sweet"',
  }
  const file = join(dataDir, 'users.csv')
  writeFileSync(file, Array.from({ length: people }, (_, n) => `u${n}@example.test,pw-${n}-long\n`).join(''))

  const first = await startServer({ dataDir, env })
  expect((await first.homepost(['user', 'add', '--from', file])).code).toBe(0)
  await first.stop('SIGKILL')
  const second = await startServer({ dataDir, env })
  await second.homepost(['admin', 'add', 'root@example.test', '--password-stdin'], 'pw')
  await announce(second)
  await second.stop('SIGKILL')
  const last = await startServer({ dataDir, env })
  await expect.poll(() => overview(last), { timeout: 30_000, interval: 300 }).toContain('Sent')
  const page = await overview(last)
  expect(page).toContain(`${people + 1} of ${people + 1} people have it`)
  await last.stop()

  const counts = messagesPerAccount(dataDir)
  expect(counts).toEqual(Array.from({ length: people + 1 }, () => 2))
}, 120_000)

const site = ({ ports }: TestServer) => `http://127.0.0.1:${ports.http}`

async function cookieOf(server: TestServer): Promise<string> {
  const signedIn = await fetch(`${site(server)}/sso/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: site(server) },
    body: new URLSearchParams({ email: 'root@example.test', pw: 'pw' }),
  })
  return signedIn.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
}

async function announce(server: TestServer): Promise<void> {
  const sent = await fetch(`${site(server)}/admin/announcement/create`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: site(server), Cookie: await cookieOf(server) },
    body: new URLSearchParams({ subject: 'Maintenance', body: 'On Sunday.\nAll day.', domain: '' }),
  })
  expect(sent.status).toBe(303)
}

async function overview(server: TestServer): Promise<string> {
  const headers = { Cookie: await cookieOf(server), 'Accept-Language': 'en' }
  return (await fetch(`${site(server)}/admin/announcement`, { headers })).text()
}

/** As they lie on the disk: the server has ended. */
function messagesPerAccount(dataDir: string): number[] {
  const db = new Database(join(dataDir, 'mail.db'), { readonly: true })
  const rows = db.prepare('SELECT count(*) AS n FROM email GROUP BY account').all() as { n: number }[]
  db.close()
  return rows.map(({ n }) => n)
}
