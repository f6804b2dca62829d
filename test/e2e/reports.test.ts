import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ImapFlow } from 'imapflow'
import { createTransport } from 'nodemailer'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/platform/sqlite/database.ts'
import type { DmarcSummary, TlsSummary } from '../../src/ports/mail-reports.ts'
import { startMailInternet } from '../support/mail-internet.ts'
import { startServer, type TestServer } from '../support/server.ts'

const domains = { ours: 'example.test', far: 'far.test' } as const

/** A data folder with a key of a domain, and the domain's zone. */
function house(domain: string): { dataDir: string; lines: string[] } {
  const dataDir = mkdtempSync(join(tmpdir(), 'homepost-reports-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true }))
  mkdirSync(join(dataDir, 'dkim'))
  const { privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(
    join(dataDir, 'dkim', `${domain}.dkim.key`),
    privateKey.export({ type: 'pkcs8', format: 'pem' }),
  )
  const key = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(-32)
  return {
    dataDir,
    lines: [
      `${domain}. 300 MX 10 mail.${domain}.`,
      `mail.${domain}. 300 A 127.0.0.1`,
      `_dmarc.${domain}. 300 TXT "v=DMARC1; p=reject; rua=mailto:dmarc@${domain}"`,
      `_smtp._tls.${domain}. 300 TXT "v=TLSRPTv1; rua=mailto:postmaster@${domain}"`,
      `dkim._domainkey.${domain}. 300 TXT "v=DKIM1; k=ed25519; p=${key.toString('base64')}"`,
    ],
  }
}

const settingsOf = (domain: string) => ({
  DOMAIN: domain,
  HOSTNAMES: `mail.${domain}`,
  DMARC_RUA: 'dmarc',
  DMARC_SEND_REPORTS: 'true',
  SITENAME: `Mail of ${domain}`,
})

/** What was counted today was counted some days ago. */
function letDaysPass(dataDir: string, change = "UPDATE seen SET day = date(day, '-3 days')"): void {
  const db = openDatabase(join(dataDir, 'reports.db'), 'write')
  db.exec(change)
  db.exec(change.replace('seen', 'seen_domain'))
  db.close()
}

async function add(server: TestServer, address: string): Promise<void> {
  const { code, stderr } = await server.homepost(['user', 'add', address, '--password-stdin'], 'pw\n')
  if (code !== 0) throw new Error(stderr)
}

async function summary(server: TestServer, domain: string): Promise<DmarcSummary | undefined> {
  const { stdout } = await server.homepost(['reports', 'dmarc', domain, '--json'])
  return (JSON.parse(stdout) as DmarcSummary[])[0]
}

async function two() {
  const [ours, far] = [house(domains.ours), house(domains.far)]
  const net = await startMailInternet({
    [domains.ours]: { lines: ours.lines },
    [domains.far]: { lines: far.lines },
  })
  const start = async (domain: string, dataDir: string, toPort: number) => {
    const env = { ...settingsOf(domain), ...net.env, OUTBOUND_PORT: String(toPort) }
    const server = await startServer({ dataDir, env })
    onTestFinished(async () => void (await server.stop()))
    return server
  }
  const atFar = await start(domains.far, far.dataDir, 9)
  await add(atFar, 'carl@far.test')
  const atOurs = await start(domains.ours, ours.dataDir, atFar.ports.smtp)
  await add(atOurs, 'ann@example.test')
  await add(atOurs, 'dmarc@example.test')
  return { atFar, atOurs, again: () => start(domains.far, far.dataDir, atOurs.ports.smtp) }
}

const forge = ({ ports }: TestServer) =>
  createTransport({ host: '127.0.0.1', port: ports.smtp, tls: { rejectUnauthorized: false } }).sendMail({
    from: 'ann@example.test',
    to: 'carl@far.test',
    subject: 'Pay',
    text: 'Now.',
  })

async function write({ ports }: TestServer, from: string, to: string): Promise<void> {
  const submission = createTransport({
    host: '127.0.0.1',
    port: ports.submissions,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: from, pass: 'pw' },
  })
  await submission.sendMail({ from, to, subject: 'Hi', text: 'There.' })
}

/** Messages in the postbox for reports. */
async function reportsAt({ ports }: TestServer): Promise<number> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: ports.imaps,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: 'dmarc@example.test', pass: 'pw' },
    logger: false,
  })
  await client.connect()
  const { messages = 0 } = (await client.status('INBOX', { messages: true })) || {}
  await client.logout()
  return messages
}

test('what arrives in our name at another server is counted there, told us, and shown', async () => {
  const { atFar, atOurs, again } = await two()
  await write(atOurs, 'ann@example.test', 'carl@far.test')
  await expect.poll(() => atFar.output(), { timeout: 20_000 }).toContain('message.accepted')
  await forge(atFar)
  await atFar.stop()

  letDaysPass(atFar.dataDir)
  const restarted = await again()
  await expect
    .poll(async () => (await summary(atOurs, 'example.test'))?.messages, { timeout: 20_000 })
    .toBe(2)
  expect(await summary(atOurs, 'example.test')).toMatchObject({
    reporters: [{ domain: 'far.test', name: 'Mail of far.test', reports: 1 }],
    messages: 2,
    passed: 1,
    policy: 'reject',
    sources: [{ ip: '127.0.0.1', messages: 2, byDkim: 1, bySpf: 0, signedBy: ['example.test'] }],
    next: [{ kind: 'mend', ip: '127.0.0.1', messages: 1 }],
  })
  const { stdout } = await atOurs.homepost(['reports', 'dmarc'])
  expect(stdout).toContain(
    'example.test, the last 30 days: 2 messages in its name, 1 proven, 1 not. Policy: reject.',
  )
  expect(restarted.output()).not.toContain('dmarc.reports-wait')
}, 90_000)

test('a report that has left does not leave again, though the server was killed before it could forget', async () => {
  const { atFar, atOurs, again } = await two()
  await forge(atFar)
  await atFar.stop()
  const path = join(atFar.dataDir, 'reports.db')
  letDaysPass(atFar.dataDir)
  copyFileSync(path, `${path}.before`)
  const first = await again()
  await expect.poll(() => reportsAt(atOurs), { timeout: 20_000 }).toBe(1)
  await first.stop('SIGKILL')
  // The transaction that put it into the queue was in another file: this one still has all of it.
  for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true })
  copyFileSync(`${path}.before`, path)
  const second = await again()
  await expect.poll(() => daysIn(second), { timeout: 20_000 }).toBe(0)
  expect(await reportsAt(atOurs)).toBe(1)
}, 90_000)

test('what encryption with our server came to, another server tells us as well', async () => {
  const { atFar, atOurs, again } = await two()
  await add(atOurs, 'postmaster@example.test')
  await atFar.stop()
  const first = await again()
  await write(first, 'carl@far.test', 'ann@example.test')
  await expect.poll(() => first.output(), { timeout: 20_000 }).toContain('outgoing.done')
  await first.stop()
  const db = openDatabase(join(first.dataDir, 'mail.db'), 'write')
  db.exec(
    "UPDATE outgoing_note SET name = date(substr(name, 1, 10), '-1 day') || substr(name, 11) WHERE kind = 'tls'",
  )
  db.close()
  // Reports are sent together with the next message.
  await write(await again(), 'carl@far.test', 'ann@example.test')
  const told = async () => {
    const { stdout } = await atOurs.homepost(['reports', 'tls', 'example.test', '--json'])
    return (JSON.parse(stdout) as TlsSummary[])[0]
  }
  await expect.poll(async () => (await told())?.sessions, { timeout: 20_000 }).toBe(1)
  expect(await told()).toMatchObject({
    reporters: [{ domain: 'far.test', reports: 1 }],
    failed: 0,
    policies: ['no-policy-found'],
    next: [{ kind: 'no-policy' }],
  })
}, 90_000)

function daysIn({ dataDir }: TestServer): number {
  const db = openDatabase(join(dataDir, 'reports.db'), 'read')
  try {
    return Number(db.prepare('SELECT count(*) FROM seen_domain').pluck().get())
  } finally {
    db.close()
  }
}
