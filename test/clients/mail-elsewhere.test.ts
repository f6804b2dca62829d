import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { ImapFlow } from 'imapflow'
import { createTransport } from 'nodemailer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'
import { freePort } from './support/far-servers.ts'
import { type OldMailServer, startOldServer } from './support/old-server.ts'

let old: OldMailServer
let server: TestServer
const folder = mkdtempSync(join(tmpdir(), 'homepost-elsewhere-'))

beforeAll(async () => {
  await requireDebian('dovecot-imapd', 'dovecot-pop3d', 'postfix', 'isync', 'curl', 'swaks', 'python3')
  old = await startOldServer(['ann', ...many])
  server = await startServer({ env: { NODE_EXTRA_CA_CERTS: old.certificateFile } })
  await server.addUsers('bob')
  await homepost('domain', 'set', 'example.test', '--old-server', there())
  await homepost('user', 'set', 'bob@example.test', '--old-server', 'here')
  const added = await server.homepost(['user', 'add', 'ann@example.test', '--password-stdin'], '*\n')
  expect(added.code, added.stderr).toBe(0)
}, 120_000)
afterAll(async () => {
  await server.stop()
  await old.end()
  rmSync(folder, { recursive: true, force: true })
})

const many = Array.from({ length: 100 }, (_, number) => `u${number}`)

const there = () => {
  const { imaps, pop3s, smtp } = old.ports
  return `127.0.0.1 imap=${imaps} pop3=${pop3s} submission=starttls:${smtp} smtp=${smtp}`
}

async function homepost(...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await server.homepost(args)
  expect(code, stdout + stderr).toBe(0)
}

const certificate = () => join(server.dataDir, 'certs', 'self-signed.cert.pem')

function imap(password = 'old pw', user = 'ann@example.test'): ImapFlow {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: server.ports.imaps,
    secure: true,
    auth: { user, pass: password },
    tls: { rejectUnauthorized: false },
    logger: false,
  })
  client.on('error', () => undefined)
  return client
}

const submit = (subject: string, to = 'ann@example.test') =>
  createTransport({
    host: '127.0.0.1',
    port: server.ports.submissions,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: 'ann@example.test', pass: 'old pw' },
  }).sendMail({ from: 'ann@example.test', to, subject, text: 'text' })

test('the first sign-in is checked by the old server, and from then on the password is known here', async () => {
  const wrong = imap('wrong')
  await expect(wrong.connect()).rejects.toMatchObject({ authenticationFailed: true })
  const client = imap()
  await client.connect()
  // Dovecot's: THREAD=REFS is its own, REPLACE is ours.
  const able = [...client.capabilities.keys()]
  expect(able).toEqual(expect.arrayContaining(['THREAD=REFS', 'IMAP4rev1']))
  expect(able).not.toEqual(expect.arrayContaining(['REPLACE']))
  expect(await client.append('INBOX', 'Subject: from before\r\n\r\ntext\r\n')).toBeTruthy()
  await client.logout()
  expect(server.output()).toContain('sign-in.password-taken-over')
  const stat = await run('curl', [
    '-sk',
    '--url',
    `pop3s://127.0.0.1:${server.ports.pop3s}`,
    '-u',
    'ann@example.test:old pw',
  ])
  expect(stat.stdout).toMatch(/^1 \d+/)
})

test('mail submitted by ann goes through the old server', async () => {
  await submit('sent by the old server')
  await expect.poll(() => old.postfix.messages().join('')).toContain('Subject: sent by the old server')
  const message = old.postfix.messages().find((text) => text.includes('sent by the old server'))
  expect(message).toContain('Received: from')
  expect(message).not.toContain('by mail.example.test')
})

test('swaks submits over STARTTLS', async () => {
  const { code, stdout } = await run('swaks', [
    ...['--server', '127.0.0.1', '--port', String(server.ports.submission), '--tls', '--auth', 'PLAIN'],
    ...['--auth-user', 'ann@example.test', '--auth-password', 'old pw'],
    ...['--from', 'ann@example.test', '--to', 'ann@example.test', '--header', 'Subject: by swaks'],
  ])
  expect(code, stdout).toBe(0)
  expect(stdout).not.toContain('CHUNKING')
  await expect.poll(() => old.postfix.messages().join('')).toContain('Subject: by swaks')
})

test('mail that arrives here for ann is passed on to the old server, that for bob is not', async () => {
  const transport = createTransport({ host: '127.0.0.1', port: server.ports.smtp, ignoreTLS: true })
  const to = ['ann+detail@example.test', 'bob@example.test']
  await transport.sendMail({ from: 's@example.org', to, subject: 'arrived here', text: 'text' })
  await expect
    .poll(() => old.postfix.messages().join(''), { timeout: 20_000 })
    .toContain('Subject: arrived here')
  const bob = imap('pw', 'bob@example.test')
  await bob.connect()
  expect(await bob.status('INBOX', { messages: true })).toMatchObject({ messages: 1 })
  await bob.logout()
})

test('mbsync fetches the mail from the old server, and takes no mechanism that cannot lead there', async () => {
  const maildir = join(folder, 'maildir')
  mkdirSync(maildir)
  const config = join(folder, 'mbsyncrc')
  writeFileSync(
    config,
    `IMAPAccount home
Host localhost
Port ${server.ports.imaps}
User ann@example.test
Pass "old pw"
SSLType IMAPS
CertificateFile ${certificate()}

IMAPStore far
Account home

MaildirStore near
Path ${maildir}/
Inbox ${maildir}/INBOX

Channel all
Far :far:
Near :near:
Patterns INBOX
Create Near
SyncState *
`,
  )
  const { code, stdout, stderr } = await run('mbsync', ['-c', config, 'all'])
  expect(code, stdout + stderr).toBe(0)
  const found = ['new', 'cur'].flatMap((part) => readdirSync(join(maildir, 'INBOX', part)))
  expect(found.length).toBeGreaterThan(1)
})

test('poplib fetches from the old server', async () => {
  const script = `import poplib, ssl
c = poplib.POP3_SSL('127.0.0.1', ${server.ports.pop3s}, context=ssl._create_unverified_context())
c.user('ann@example.test'); c.pass_('old pw')
print(c.stat()[0] > 0, b'UIDL' in b' '.join(c.list()[1]) or len(c.uidl()[1]) > 0)
print(b'text' in b''.join(c.retr(1)[1]))
c.quit()`
  const { stdout, stderr } = await run('python3', ['-c', script])
  expect(stdout, stderr).toBe('True True\nTrue\n')
})

test('an app token is refused with words that say why', async () => {
  const { stdout } = await server.homepost(['token', 'add', 'ann@example.test', '--json'])
  const secret = /[0-9a-f]{32}/.exec(stdout)?.[0] ?? ''
  const { line, say } = await speak(server.ports.imaps)
  await line()
  expect(await say(`a LOGIN ann@example.test ${secret}`)).toMatch(/^a NO \[CANNOT\] .*password itself/)
})

test('what a client has sent behind its sign-in reaches the old server', async () => {
  const { line, say } = await speak(server.ports.imaps)
  await line()
  expect(await say('a LOGIN ann@example.test "old pw"\r\nb NOOP\r\nc LOGOUT')).toMatch(/^a OK \[CAPABILITY /)
  expect(await line()).toMatch(/^b OK/)
  expect(await line()).toMatch(/^\* BYE/)
  expect(await line()).toMatch(/^c OK/)
})

test('a hundred people are served at once', async () => {
  const file = join(folder, 'users')
  writeFileSync(file, many.map((name) => `${name}@example.test,*\n`).join(''))
  await homepost('user', 'add', '--from', file)
  const all = await Promise.all(
    many.map(async (name) => {
      const { line, say, socket } = await speak(server.ports.pop3s)
      await line()
      await say(`USER ${name}@example.test`)
      const answers = [await say('PASS old pw'), await say('NOOP')]
      return { socket, answers: answers.map((answer) => answer.slice(0, 3)) }
    }),
  )
  expect(all.map(({ answers }) => answers)).toEqual(many.map(() => ['+OK', '+OK']))
  for (const { socket } of all) socket.destroy()
})

test('STARTTLS of IMAP leads there too, and a certificate that is not believed does not', async () => {
  await homepost(
    'user',
    'set',
    'ann@example.test',
    '--old-server',
    `127.0.0.1 imap=starttls:${old.ports.imap}`,
  )
  const client = imap()
  await client.connect()
  await client.logout()
  await homepost('user', 'set', 'ann@example.test', '--old-server', `127.0.0.2 imap=${old.ports.imaps}`)
  const { line, say } = await speak(server.ports.imaps)
  await line()
  expect(await say('a LOGIN ann@example.test "old pw"')).toMatch(/^a NO \[UNAVAILABLE\]/)
  expect(server.output()).toMatch(/127\.0\.0\.2.*(altname|does not match).*elsewhere\.away/)
  await homepost('user', 'set', 'ann@example.test', '--old-server', '')
})

test('while the old server is away, every protocol says so in its words', async () => {
  const nobody = await freePort()
  const nowhere = `127.0.0.1 imap=${nobody} pop3=${nobody} submission=${nobody}`
  await homepost('user', 'set', 'ann@example.test', '--old-server', nowhere)
  const pop3 = await speak(server.ports.pop3s)
  await pop3.line()
  await pop3.say('USER ann@example.test')
  expect(await pop3.say('PASS old pw')).toMatch(/^-ERR \[SYS\/TEMP\] The server that has this mail cannot/)
  const imaps = await speak(server.ports.imaps)
  await imaps.line()
  expect(await imaps.say('a LOGIN ann@example.test "old pw"')).toMatch(/^a NO \[UNAVAILABLE\] /)
  await expect(submit('not now')).rejects.toMatchObject({ responseCode: 454 })
})

test('who has moved finds the mail here, with the same password', async () => {
  await homepost('user', 'set', 'ann@example.test', '--old-server', 'here')
  const client = imap()
  await client.connect()
  expect(await client.status('INBOX', { messages: true })).toMatchObject({ messages: 0 })
  await client.logout()
})

async function speak(port: number) {
  const socket: TLSSocket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
  socket.on('error', () => undefined)
  let text = ''
  const line = async (): Promise<string> => {
    while (!text.includes('\r\n')) {
      const [chunk] = (await once(socket, 'data')) as [Buffer]
      text += chunk.toString('latin1')
    }
    const end = text.indexOf('\r\n')
    const first = text.slice(0, end)
    text = text.slice(end + 2)
    return first
  }
  const say = async (words: string) => {
    socket.write(`${words}\r\n`)
    return await line()
  }
  await once(socket, 'secureConnect')
  return { socket, line, say }
}
