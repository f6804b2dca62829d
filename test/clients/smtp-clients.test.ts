import { randomBytes } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run, startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'
import { messagesOf, transport } from './support/mailbox.ts'

let server: TestServer
const folder = mkdtempSync(join(tmpdir(), 'homepost-swaks-'))

beforeAll(async () => {
  await requireDebian('swaks', 'libnet-ssleay-perl')
  server = await startServer()
  await server.addUsers('ann', 'swaks', 'mailer', 'grün')
})
afterAll(() => server.stop())

/** The newest message of the mailbox, parsed by an independent parser. */
const newest = async (user: string) =>
  simpleParser((await messagesOf(server, user)).at(-1) ?? Buffer.alloc(0))

function swaks(...args: string[]) {
  const target = [
    '--server',
    '127.0.0.1',
    '--port',
    String(server.ports.smtp),
    '--ehlo',
    'client.example.org',
  ]
  return run('swaks', [...target, '--from', 'sender@example.org', '--to', 'swaks@example.test', ...args])
}

describe('swaks', () => {
  test('delivers a plain message', async () => {
    const { code, stdout } = await swaks('--header', 'Subject: plain swaks', '--body', 'hello')
    expect(stdout).toContain('250 2.')
    expect(code).toBe(0)
    expect((await newest('swaks')).subject).toBe('plain swaks')
  })

  test('delivers over STARTTLS, and Received says so', async () => {
    const { code } = await swaks('--tls', '--header', 'Subject: over tls')
    expect(code).toBe(0)
    const { subject, headers } = await newest('swaks')
    expect(subject).toBe('over tls')
    expect(JSON.stringify(headers.get('received'))).toMatch(/with ESMTPS/)
  })

  test('delivers an attachment unharmed', async () => {
    const file = join(folder, 'picture.dat')
    const content = randomBytes(300_000)
    writeFileSync(file, content)
    expect((await swaks('--attach-type', 'application/octet-stream', '--attach', `@${file}`)).code).toBe(0)
    expect((await newest('swaks')).attachments[0]?.content.equals(content)).toBe(true)
  })

  test('delivers 8-bit text as it was sent', async () => {
    const text = 'Grüße aus Köln, 東京'
    const headers = [
      '--header',
      'Content-Type: text/plain; charset=utf-8',
      '--header',
      'Content-Transfer-Encoding: 8bit',
    ]
    expect((await swaks(...headers, '--body', text)).code).toBe(0)
    expect((await messagesOf(server, 'swaks')).at(-1)?.includes(Buffer.from(text))).toBe(true)
  })

  test('is told at RCPT that nobody of that name is here', async () => {
    const { code, stdout } = await swaks('--to', 'nobody@example.test')
    expect(stdout).toMatch(/<\*\* 550 5\.1\.1/)
    expect(code).toBe(24)
  })

  test('may not relay', async () => {
    const { stdout } = await swaks('--to', 'someone@elsewhere.example')
    expect(stdout).toMatch(/<\*\* 55\d 5\.7\.1/)
  })

  test('submits with a login over TLS, and the client stays unnamed', async () => {
    const login = [
      '--auth',
      'PLAIN',
      '--auth-user',
      'ann@example.test',
      '--auth-password',
      'pw',
      '--from',
      'ann@example.test',
    ]
    const { code, stdout } = await swaks(
      '--tls',
      '--port',
      String(server.ports.submission),
      ...login,
      '--header',
      'X-Mailer: secret 1.0',
    )
    expect(stdout).toContain('235 2.7.0')
    expect(code).toBe(0)
    const source = (await messagesOf(server, 'swaks')).at(-1)?.toString() ?? ''
    expect(source).not.toMatch(/X-Mailer|127\.0\.0\.1/)
  })
})

describe('nodemailer', () => {
  test.each(['plain', 'starttls', 'submission', 'submissions'] as const)('delivers by %s', async (how) => {
    await transport(server, how).sendMail({
      from: 'ann@example.test',
      to: 'mailer@example.test',
      subject: `by ${how}`,
      text: 'Grüße',
      attachments: [{ filename: 'ä.txt', content: 'attached' }],
    })
    const message = await newest('mailer')
    expect(message.subject).toBe(`by ${how}`)
    expect(message.attachments[0]?.filename).toBe('ä.txt')
    expect(message.attachments[0]?.content.toString()).toBe('attached')
  })

  test('delivers to an address in UTF-8', async () => {
    await transport(server, 'starttls').sendMail({
      envelope: { from: 'jürgen@example.org', to: ['grün@example.test'] },
      from: 'jürgen@example.org',
      to: 'grün@example.test',
      subject: 'SMTPUTF8',
      text: 'hi',
    })
    expect((await newest('grün')).subject).toBe('SMTPUTF8')
  })

  test('delivers 30 MB to the byte', async () => {
    const content = randomBytes(22_000_000)
    await transport(server, 'starttls').sendMail({
      from: 'a@example.org',
      to: 'mailer@example.test',
      subject: 'large',
      attachments: [{ filename: 'large.dat', content }],
    })
    const message = await newest('mailer')
    expect(message.attachments[0]?.content.equals(content)).toBe(true)
  })

  test('is told the size limit before it sends', async () => {
    const sending = transport(server, 'plain').sendMail({
      from: 'a@example.org',
      to: 'mailer@example.test',
      raw: Buffer.alloc(60_000_000, 'a line of text that ends properly here and is long enough\r\n'),
    })
    await expect(sending).rejects.toThrow(/552/)
  })
})
