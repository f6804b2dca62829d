import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ImapFlow } from 'imapflow'
import { createTransport } from 'nodemailer'
import { expect, onTestFinished, test } from 'vitest'
import { mailZone, startMailInternet } from '../support/mail-internet.ts'
import { playing, scriptedServer } from '../support/scripted-server.ts'
import { startServer, type TestServer } from '../support/server.ts'

/** Keys of example.test, where the server looks for them, and the lines that publish them. */
function keysIn(dataDir: string): string[] {
  mkdirSync(join(dataDir, 'dkim'), { recursive: true })
  return (['rsa', 'ed25519'] as const).map((type) => {
    const { privateKey } =
      type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')
    const selector = type === 'rsa' ? 'dkim' : 'dkim-ed25519'
    writeFileSync(
      join(dataDir, 'dkim', `example.test.${selector}.key`),
      privateKey.export({ type: 'pkcs8', format: 'pem' }),
    )
    const der = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
    const p = (type === 'rsa' ? der : der.subarray(-32)).toString('base64')
    const texts = `v=DKIM1; k=${type}; p=${p}`.match(/.{1,200}/g) ?? []
    return `${selector}._domainkey.example.test. 300 TXT ${texts.map((text) => `"${text}"`).join(' ')}`
  })
}

interface Stage extends TestServer {
  /** What the MX of far.test got. */
  readonly got: readonly string[]
}

async function start(rules: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const far = { lines: [], messages: [] as string[] }
  const port = await scriptedServer(playing(['8BITMIME'], rules, far))
  const dataDir = mkdtempSync(join(tmpdir(), 'homepost-dkim-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true }))
  const net = await startMailInternet({
    'far.test': mailZone('far.test', '127.0.0.1'),
    'example.test': {
      lines: [
        'example.test. 300 MX 20 mail.example.test.',
        'example.test. 300 TXT "v=spf1 mx a:mail.example.test ~all"',
        'mail.example.test. 300 A 127.0.0.1',
        '_dmarc.example.test. 300 TXT "v=DMARC1; p=quarantine"',
        ...keysIn(dataDir),
      ],
    },
  })
  const server = await startServer({ dataDir, env: { ...net.env, OUTBOUND_PORT: String(port) } })
  onTestFinished(async () => void (await server.stop()))
  await server.addUsers('ann', 'bob')
  return { ...server, got: far.messages }
}

async function inbox({ ports }: TestServer, user: string): Promise<string[]> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: ports.imaps,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: `${user}@example.test`, pass: 'pw' },
    logger: false,
  })
  await client.connect()
  await client.mailboxOpen('INBOX')
  const texts: string[] = []
  for await (const { source } of client.fetch('1:*', { source: true })) texts.push(source?.toString() ?? '')
  await client.logout()
  return texts
}

test('what ann sends is signed twice, and proves itself when it comes back from elsewhere', async () => {
  const at = await start()
  const submission = createTransport({
    host: '127.0.0.1',
    port: at.ports.submissions,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: 'ann@example.test', pass: 'pw' },
  })
  const text = 'Grüße,  von weit.\n\n\n'
  await submission.sendMail({ from: 'Änn <ann@example.test>', to: 'x@far.test', subject: 'Hi', text })
  await expect.poll(() => at.got.length, { timeout: 15_000, interval: 50 }).toBe(1)
  const [sent = ''] = at.got
  expect(sent.match(/^DKIM-Signature: /gm)).toHaveLength(2)

  const forged = 'Authentication-Results: mail.example.test; dmarc=pass (forged)\r\n'
  const stranger = createTransport({
    host: '127.0.0.1',
    port: at.ports.smtp,
    tls: { rejectUnauthorized: false },
  })
  const envelope = { from: 'list@far.test', to: 'bob@example.test' }
  await stranger.sendMail({ envelope, raw: forged + sent })
  await stranger.sendMail({ envelope, raw: forged + sent.replace('Subject: Hi', 'Subject: Ho') })
  const [good = '', bad = ''] = (await inbox(at, 'bob')).map((mail) => mail.replaceAll('\r\n', '\n'))
  expect(good).toMatch(/^Authentication-Results: mail\.example\.test;\n\tiprev=/m)
  expect(good.match(/dkim=pass header\.d=example\.test/g)).toHaveLength(2)
  expect(good).toContain('dmarc=pass header.from=example.test policy.dmarc=quarantine')
  expect(bad.match(/dkim=fail/g)).toHaveLength(2)
  expect(bad).toContain('dmarc=fail')
  expect(good + bad).not.toContain('forged')
}, 60_000)

test('the report on what could not be delivered is signed as well', async () => {
  const at = await start({ 'RCPT TO:<x@': '550 5.1.1 Nobody of this name' })
  const submission = createTransport({
    host: '127.0.0.1',
    port: at.ports.submissions,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: 'ann@example.test', pass: 'pw' },
  })
  await submission.sendMail({ from: 'ann@example.test', to: 'x@far.test', subject: 'Hi', text: 'There.' })
  await expect.poll(async () => (await inbox(at, 'ann')).length, { timeout: 15_000, interval: 100 }).toBe(1)
  const [report = ''] = await inbox(at, 'ann')
  const [header = ''] = report.split('\r\n\r\n')
  expect(header).toMatch(/^From: Mail delivery <MAILER-DAEMON@mail\.example\.test>/m)
  expect(header.match(/^DKIM-Signature: .* d=example\.test;/gm)).toHaveLength(2)
}, 60_000)

test('homepost says what to publish, and what of it is there', async () => {
  const at = await start()
  const { stdout, code } = await at.homepost(['domain', 'dns', 'example.test', '--json'])
  expect(code).toBe(0)
  const records: { name: string; type: string; state: string; found: string[] }[] = JSON.parse(stdout)
  const states = Object.fromEntries(records.map(({ name, type, state }) => [`${name} ${type}`, state]))
  expect(states).toMatchObject({
    'example.test MX': 'other',
    'example.test TXT': 'published',
    'dkim._domainkey.example.test TXT': 'published',
    'dkim-ed25519._domainkey.example.test TXT': 'published',
    '_dmarc.example.test TXT': 'other',
    '_smtp._tls.example.test TXT': 'missing',
    '_imaps._tcp.example.test SRV': 'missing',
  })
  expect(records.find(({ type }) => type === 'MX')?.found).toEqual(['20 mail.example.test.'])
  const zone = await at.homepost(['domain', 'dns', 'example.test', '--zone'])
  expect(zone.stdout).toContain('example.test. 600 IN MX 10 mail.example.test.\n')
}, 60_000)

test('keys are replaced in steps, and none signs before DNS has it', async () => {
  const at = await start()
  const say = async (...words: string[]) => {
    const { code, stdout, stderr } = await at.homepost(['dkim', ...words])
    return { code, text: stdout + stderr }
  }
  expect(await say('generate', 'example.test')).toMatchObject({ code: 1 })
  const prepared = await say('prepare', 'example.test')
  expect(prepared.text).toMatch(/^dkim-\d{8}\._domainkey\.example\.test\. 600 IN TXT "v=DKIM1; k=rsa; p=/m)
  expect(await say('advance', 'example.test')).toMatchObject({
    code: 1,
    text: expect.stringContaining('missing'),
  })
  expect(await say('advance', 'example.test', '--unchecked')).toMatchObject({ code: 0 })
  expect((await say('list')).text).toMatch(/dkim +rsa +retired/)
  expect(await say('retire', 'example.test')).toMatchObject({ code: 1 })
  expect(await say('retire', 'example.test', '--now')).toMatchObject({ code: 0 })
  expect((await say('list')).text).not.toContain('retired')
}, 60_000)
