import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { run, startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'
import { imapClient, transport } from './support/mailbox.ts'
import { playNeomutt } from './support/neomutt.ts'

let server: TestServer
const folder = mkdtempSync(join(tmpdir(), 'homepost-imap-'))
let user = ''
let count = 0

beforeAll(async () => {
  await requireDebian('isync', 'neomutt', 'curl', 'expect')
  server = await startServer()
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  user = `user${++count}`
  await server.addUsers(user)
})

const send = (subject: string) =>
  transport(server, 'plain').sendMail({
    from: 's@example.org',
    to: `${user}@example.test`,
    subject,
    text: `text of ${subject}`,
    attachments: [{ filename: 'a.txt', content: 'attached' }],
  })

/** Subjects with their flags, of one mailbox. */
async function contents(mailbox: string): Promise<Record<string, string[]>> {
  const client = await imapClient(server, user)
  const lock = await client.getMailboxLock(mailbox)
  const found: Record<string, string[]> = {}
  for await (const { envelope, flags } of client.fetch('1:*', { envelope: true, flags: true })) {
    found[envelope?.subject ?? '?'] = [...(flags ?? [])].sort()
  }
  lock.release()
  await client.logout()
  return found
}

describe('mbsync', () => {
  const sync = () => run('mbsync', ['-c', join(folder, `${user}.mbsyncrc`), '-V', 'all'])

  function configure(): string {
    const maildir = join(folder, `${user}.maildir`)
    mkdirSync(maildir)
    writeFileSync(
      join(folder, `${user}.mbsyncrc`),
      `IMAPAccount home
Host localhost
Port ${server.ports.imaps}
User ${user}@example.test
Pass pw
SSLType IMAPS
CertificateFile ${join(server.dataDir, 'certs', 'self-signed.cert.pem')}

IMAPStore far
Account home

MaildirStore near
Path ${maildir}/
Inbox ${maildir}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
`,
    )
    return maildir
  }

  test('pulls mail, pushes flags and messages, carries a move over, and then has nothing to do', async () => {
    await send('one')
    await send('two')
    const maildir = configure()
    const first = await sync()
    expect(first.code, first.stdout + first.stderr).toBe(0)
    const arrived = readdirSync(join(maildir, 'INBOX', 'new'))
    expect(arrived.length).toBe(2)
    for (const name of arrived) {
      const path = join(maildir, 'INBOX', 'new', name)
      const subject = /^Subject: (.*)$/m.exec(readFileSync(path, 'utf8'))?.[1]
      if (subject?.trim() === 'one')
        renameSync(path, join(maildir, 'INBOX', 'cur', `${name.split(':')[0]}:2,FS`))
      else renameSync(path, join(maildir, 'Archive', 'cur', `moved.${name.split(',')[0]}:2,S`))
    }
    writeFileSync(join(maildir, 'Drafts', 'cur', '1.draft.local:2,D'), 'Subject: written here\n\ndraft\n')
    const second = await sync()
    expect(second.code, second.stdout + second.stderr).toBe(0)
    expect(await contents('INBOX')).toEqual({ one: ['\\Flagged', '\\Seen'] })
    expect(await contents('Archive')).toEqual({ two: ['\\Seen'] })
    expect(Object.keys(await contents('Drafts'))).toEqual(['written here'])
    const third = await sync()
    expect(third.code, third.stdout + third.stderr).toBe(0)
    expect(await contents('INBOX')).toEqual({ one: ['\\Flagged', '\\Seen'] })
  })
})

describe('curl', () => {
  const curl = (path: string, ...args: string[]) =>
    run('curl', [
      '-sk',
      '--user',
      `${user}@example.test:pw`,
      `imaps://127.0.0.1:${server.ports.imaps}/${path}`,
      ...args,
    ])

  test('lists, appends, reads a section, flags and searches', async () => {
    expect((await curl('')).stdout).toMatch(/LIST \(.*\\Junk.*\) "\/" "?Junk"?/)
    const file = join(folder, 'append.eml')
    writeFileSync(file, 'Subject: from curl\r\nContent-Type: text/plain\r\n\r\nbody from curl\r\n')
    expect((await curl('INBOX', '-T', file)).code).toBe(0)
    expect((await curl('INBOX;UID=1;SECTION=TEXT')).stdout).toBe('body from curl\r\n')
    expect((await curl('INBOX', '-X', 'STORE 1 +FLAGS (\\Answered custom)')).code).toBe(0)
    expect((await curl('INBOX?SUBJECT%20curl')).stdout).toContain('* SEARCH 1')
    expect(await contents('INBOX')).toEqual({ 'from curl': ['\\Answered', '\\Seen', 'custom'] })
  })

  test.each(['OAUTHBEARER', 'XOAUTH2'])(
    'signs in with an app token as a bearer token: %s',
    async (mechanism) => {
      const address = `${user}@example.test`
      const added = await server.homepost(['token', 'add', address, '--json'])
      const token = /"([\da-f]{32})"/.exec(added.stdout)?.[1] ?? added.stdout
      const bearer = (url: string, secret: string, ...more: string[]) =>
        run('curl', [
          '-sk',
          '--login-options',
          `AUTH=${mechanism}`,
          '--user',
          address,
          '--oauth2-bearer',
          secret,
          url,
          ...more,
        ])
      const { imaps, pop3s, submissions } = server.ports
      const file = join(folder, 'bearer.eml')
      writeFileSync(file, 'Subject: by token\r\n\r\nx\r\n')
      const envelope = ['--mail-from', address, '--mail-rcpt', address, '-T', file]
      expect((await bearer(`smtps://127.0.0.1:${submissions}/`, token, ...envelope)).code).toBe(0)
      expect((await bearer(`imaps://127.0.0.1:${imaps}/INBOX?SUBJECT%20token`, token)).stdout).toContain(
        '* SEARCH 1',
      )
      expect((await bearer(`pop3s://127.0.0.1:${pop3s}/`, token)).stdout).toMatch(/^1 \d+/)
      // A password is no token; curl's code for a sign-in that was denied.
      expect((await bearer(`imaps://127.0.0.1:${imaps}/`, 'pw')).code).toBe(67)
    },
  )

  test('signs in over STARTTLS and is refused with a wrong password', async () => {
    const url = `imap://127.0.0.1:${server.ports.imap}/`
    expect((await run('curl', ['-sk', '--ssl-reqd', '--user', `${user}@example.test:pw`, url])).code).toBe(0)
    const wrong = await run('curl', ['-sk', '--ssl-reqd', '--user', `${user}@example.test:wrong`, url])
    expect(wrong.code).toBe(67)
  })
})

describe('neomutt', () => {
  test('reads, flags, moves and deletes', async () => {
    for (const subject of ['keep', 'move', 'drop']) await send(subject)
    const keys =
      '<limit>~A<enter><search>~s keep<enter><display-message><exit><flag-message>' +
      '<search>~s move<enter><save-message>=Archive<enter><search>~s drop<enter><delete-message><sync-mailbox><quit>'
    const { code, stdout } = await playNeomutt(server, { user, folder, keys })
    expect(code, stdout).toBe(0)
    expect(await contents('INBOX')).toEqual({ keep: ['\\Flagged', '\\Seen'] })
    expect(Object.keys(await contents('Archive'))).toEqual(['move'])
  })
})

describe('imapflow', () => {
  test('two clients see each other: arrival, flag, expunge', async () => {
    const [one, two] = await Promise.all([imapClient(server, user), imapClient(server, user)])
    const seen: string[] = []
    two.on('exists', ({ count: now }) => seen.push(`exists ${now}`))
    two.on('flags', ({ flags }) => seen.push(`flags ${[...flags].sort().join(' ')}`))
    two.on('expunge', ({ seq }) => seen.push(`expunge ${seq}`))
    await Promise.all([one.mailboxOpen('INBOX'), two.mailboxOpen('INBOX')])
    const idling = two.idle()
    await one.append('INBOX', 'Subject: hello\r\n\r\nx\r\n')
    await expect.poll(() => seen).toContain('exists 1')
    await one.messageFlagsAdd('1', ['\\Flagged', 'mine'])
    await expect.poll(() => seen.some((line) => line.includes('\\Flagged mine'))).toBe(true)
    await one.messageDelete('1')
    await expect.poll(() => seen).toContain('expunge 1')
    await Promise.all([one.logout(), two.logout()])
    await idling.catch(() => undefined)
  })

  test('an idling client hears of a delivery within a second', async () => {
    const client = await imapClient(server, user)
    await client.mailboxOpen('INBOX')
    const heard = new Promise<number>((resolve) => client.once('exists', () => resolve(performance.now())))
    const idling = client.idle()
    await send('pushed')
    const sent = performance.now()
    expect((await heard) - sent).toBeLessThan(1_000)
    await client.logout()
    await idling.catch(() => undefined)
  })

  test('mailboxes are made, renamed, subscribed and deleted, in any script', async () => {
    const client = await imapClient(server, user)
    await client.mailboxCreate('Büro/東京')
    await client.mailboxRename('Büro', 'Arbeit & mehr')
    await client.mailboxSubscribe('Arbeit & mehr/東京')
    const paths = (await client.list()).map(({ path }) => path)
    expect(paths).toEqual(expect.arrayContaining(['Arbeit & mehr', 'Arbeit & mehr/東京', 'INBOX', 'Junk']))
    await client.mailboxDelete('Arbeit & mehr/東京')
    expect((await client.list()).map(({ path }) => path)).not.toContain('Arbeit & mehr/東京')
    await client.logout()
  })

  test('an attachment is downloaded by its part', async () => {
    await send('with attachment')
    const client = await imapClient(server, user)
    const lock = await client.getMailboxLock('INBOX')
    const download = await client.download('1', '2')
    const chunks: Buffer[] = []
    for await (const chunk of download.content ?? []) chunks.push(chunk as Buffer)
    lock.release()
    await client.logout()
    expect(Buffer.concat(chunks).toString()).toBe('attached')
  })
})
