import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { run, startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'
import { imapClient } from './support/mailbox.ts'

let server: TestServer
const folder = mkdtempSync(join(tmpdir(), 'homepost-sync-'))
let user = ''
let count = 0

beforeAll(async () => {
  await requireDebian('isync', 'offlineimap3', 'python3')
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

const certificate = () => join(server.dataDir, 'certs', 'self-signed.cert.pem')

/** Ends up in `new` or `cur` of a Maildir. */
function writeMail(maildir: string, mailbox: string, name: string, subject: string): void {
  const place = name.includes(':2,') ? 'cur' : 'new'
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(maildir, mailbox, part), { recursive: true })
  writeFileSync(
    join(maildir, mailbox, place, name),
    `From: a@b.test\nSubject: ${subject}\nMessage-ID: <${name.split(':')[0]}@b.test>\n\nbody\n`,
  )
}

const files = (maildir: string, mailbox: string) =>
  ['cur', 'new'].flatMap((part) => readdirSync(join(maildir, mailbox, part)).map((name) => join(part, name)))

/** How many messages of the mailbox match on the server. */
async function counted(mailbox: string, query: Record<string, boolean> = { all: true }): Promise<number> {
  const client = await imapClient(server, user)
  const lock = await client.getMailboxLock(mailbox)
  const found = await client.search(query)
  lock.release()
  await client.logout()
  return found ? found.length : 0
}

describe('mbsync with ten thousand messages', () => {
  const amount = 10_000

  function configure(maildir: string, name: string): () => ReturnType<typeof run> {
    const file = join(folder, `${user}.${name}.mbsyncrc`)
    mkdirSync(maildir)
    const lines = [
      `IMAPAccount home\nHost localhost\nPort ${server.ports.imaps}\nUser ${user}@example.test\nPass pw\nSSLType IMAPS\nCertificateFile ${certificate()}\n`,
      'IMAPStore far\nAccount home\n',
      `MaildirStore near\nPath ${maildir}/\nInbox ${maildir}/INBOX\nSubFolders Verbatim\n`,
      'Channel all\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Both\nExpunge Both\nSyncState *\n',
    ]
    writeFileSync(file, lines.join('\n'))
    return () => run('mbsync', ['-q', '-c', file, 'all'])
  }

  test('carries them there, to a second computer, and changes of both back and forth; then has nothing to do', {
    timeout: 240_000,
  }, async () => {
    const [here, there] = [join(folder, `${user}.here`), join(folder, `${user}.there`)]
    const syncHere = configure(here, 'here')
    const syncThere = configure(there, 'there')
    const quietly = async (sync: () => ReturnType<typeof run>) =>
      expect(await sync()).toEqual({ code: 0, stdout: '', stderr: '' })

    for (let number = 0; number < amount; number++)
      writeMail(here, 'INBOX', `${number}.a.local`, `mail ${number}`)
    await quietly(syncHere)
    expect(await counted('INBOX')).toBe(amount)
    await quietly(syncThere)
    expect(files(there, 'INBOX').length).toBe(amount)

    // One computer flags a thousand and removes a thousand others, the other writes a hundred new ones.
    const names = readdirSync(join(here, 'INBOX', 'new'))
    for (const name of names.slice(0, 1000))
      renameSync(join(here, 'INBOX', 'new', name), join(here, 'INBOX', 'cur', `${name.split(':')[0]}:2,FS`))
    for (const name of names.slice(1000, 2000)) rmSync(join(here, 'INBOX', 'new', name))
    for (let number = 0; number < 100; number++)
      writeMail(there, 'INBOX', `${number}.b.local`, `new ${number}`)
    await quietly(syncHere)
    await quietly(syncThere)
    await quietly(syncHere)
    const left = amount - 1000 + 100
    expect(await counted('INBOX')).toBe(left)
    expect(await counted('INBOX', { flagged: true, seen: true })).toBe(1000)
    for (const maildir of [here, there]) {
      const found = files(maildir, 'INBOX')
      expect(found.length).toBe(left)
      expect(found.filter((name) => /:2,FS$/.test(name)).length).toBe(1000)
    }

    const before = [files(here, 'INBOX').sort(), files(there, 'INBOX').sort()]
    await quietly(syncHere)
    await quietly(syncThere)
    expect([files(here, 'INBOX').sort(), files(there, 'INBOX').sort()]).toEqual(before)
  })
})

describe('offlineimap', () => {
  function configure(maildir: string): () => ReturnType<typeof run> {
    const file = join(folder, `${user}.offlineimaprc`)
    writeFileSync(
      file,
      `[general]
accounts = home
metadata = ${join(folder, `${user}.offlineimap`)}
[Account home]
localrepository = near
remoterepository = far
[Repository near]
type = Maildir
localfolders = ${maildir}
[Repository far]
type = IMAP
remotehost = localhost
remoteport = ${server.ports.imaps}
remoteuser = ${user}@example.test
remotepass = pw
ssl = yes
sslcacertfile = ${certificate()}
`,
    )
    return () => run('offlineimap', ['-c', file, '-o', '-u', 'quiet'])
  }

  test('takes all mailboxes, and carries flags, new messages and removals both ways', async () => {
    const maildir = join(folder, `${user}.maildir`)
    const sync = configure(maildir)
    const quietly = async () => expect(await sync()).toMatchObject({ code: 0, stderr: '' })
    const client = await imapClient(server, user)
    for (const number of [1, 2, 3]) await client.append('INBOX', `Subject: far ${number}\r\n\r\nbody\r\n`)
    await client.mailboxCreate('Straße/日本')
    await client.append('Straße/日本', 'Subject: there\r\n\r\nbody\r\n')
    await quietly()
    expect(files(maildir, 'INBOX').length).toBe(3)
    expect(readdirSync(maildir).sort()).toEqual(
      expect.arrayContaining(['Archive', 'Drafts', 'Junk', 'Sent', 'Trash']),
    )

    const [first = '', second = ''] = files(maildir, 'INBOX')
    const base = first.replace(/^(?:cur|new)\//, '').split(':')[0]
    renameSync(join(maildir, 'INBOX', first), join(maildir, 'INBOX', 'cur', `${base}:2,FS`))
    rmSync(join(maildir, 'INBOX', second))
    writeMail(maildir, 'Drafts', '1.draft.local:2,D', 'written here')
    await client.mailboxOpen('INBOX')
    await client.append('INBOX', 'Subject: far 4\r\n\r\nbody\r\n')
    await client.logout()
    await quietly()
    await quietly()
    expect(await counted('INBOX')).toBe(3)
    expect(await counted('INBOX', { flagged: true, seen: true })).toBe(1)
    expect(await counted('Drafts', { draft: true })).toBe(1)
    expect(await counted('Straße/日本')).toBe(1)
    expect(files(maildir, 'INBOX').length).toBe(3)
  })
})

describe("Python's imaplib", () => {
  test('does all it can', async () => {
    const ran = await run('/usr/bin/python3', ['-W', 'error', '-c', script], {
      env: {
        PATH: process.env['PATH'] ?? '',
        IMAP: String(server.ports.imap),
        LOGIN: `${user}@example.test`,
        CERTIFICATE: certificate(),
      },
    })
    expect(ran.stderr).toBe('')
    expect(JSON.parse(ran.stdout)).toEqual({
      appended: ['OK', 'OK', 'OK'],
      messages: '3',
      utf8: 'Grüße',
      found: '2',
      fetched: 'Subject: two',
      flags: true,
      sorted: '3 2 1',
      threads: '(1)(2)(3)',
      copied: 'OK',
      quota: true,
      deleted: '2',
      renamed: ['OK', 'OK', 'OK'],
      missing: 'NO',
    })
  })

  const script = `
import imaplib, json, os, ssl
context = ssl.create_default_context(cafile=os.environ['CERTIFICATE'])
box = imaplib.IMAP4('localhost', int(os.environ['IMAP']))
box.starttls(context)
box.login(os.environ['LOGIN'], 'pw')
said = {}
texts = ['one', 'two', 'Grüße']
said['appended'] = [box.append('INBOX', '', imaplib.Time2Internaldate(1700000000 + 60 * at),
    ('Subject: ' + text + '\\r\\nMessage-ID: <' + str(at) + '@x>\\r\\n\\r\\nbody ' + text + '\\r\\n').encode())[0] for at, text in enumerate(texts)]
# not before: with it, this imaplib wraps what it appends in a way that no standard knows
box.enable('UTF8=ACCEPT')
said['messages'] = box.select()[1][0].decode()
said['utf8'] = box.fetch('3', '(BODY.PEEK[HEADER.FIELDS (SUBJECT)])')[1][0][1].decode().strip().removeprefix('Subject: ')
said['found'] = box.search(None, 'SUBJECT', '"two"')[1][0].decode()
said['fetched'] = box.fetch('2', '(BODY.PEEK[HEADER.FIELDS (SUBJECT)])')[1][0][1].decode().strip()
said['flags'] = b'Flagged' in box.store('1', '+FLAGS', '(\\\\Flagged)')[1][0]
said['sorted'] = box.sort('REVERSE ARRIVAL', 'UTF-8', 'ALL')[1][0].decode()
said['threads'] = box.thread('REFERENCES', 'UTF-8', 'ALL')[1][0].decode()
said['copied'] = box.uid('COPY', '1:2', 'Archive')[0]
said['quota'] = box.getquotaroot('INBOX')[0] == 'OK'
box.store('1', '+FLAGS', '(\\\\Deleted)')
box.expunge()
box.noop()
said['deleted'] = box.select()[1][0].decode()
said['renamed'] = [box.create('Work')[0], box.rename('Work', 'Job')[0], box.delete('Job')[0]]
said['missing'] = box.select('nowhere')[0]
box.logout()
print(json.dumps(said))
`
})
