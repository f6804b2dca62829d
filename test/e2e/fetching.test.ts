import type { ImapFlow } from 'imapflow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runFetch as runFetchOn, visited } from '../support/fetch-visits.ts'
import { imapClient, subjectsIn } from '../support/imap-flow.ts'
import { startServer, type TestServer } from '../support/server.ts'

/** Another Homepost is the server where the mail lies. */
let old: TestServer
let here: TestServer

const mailOf = (subject: string, body = 'Hello\r\n') =>
  `From: eve@else.example\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@else.example>\r\n\r\n${body}`

beforeAll(async () => {
  old = await startServer()
  here = await startServer({ env: { FETCH_NETWORKS: '127.0.0.0/8', MESSAGE_SIZE_LIMIT: '3000000' } })
  await old.addUsers('ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus')
  await here.addUsers('ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus')
}, 60_000)

afterAll(async () => {
  await Promise.all([old?.stop(), here?.stop()])
})

/** Whoever has a mailbox there has one of the same name here. */
async function addFetch(user: string, options: Readonly<Record<string, string>>): Promise<string> {
  const protocol = options['protocol'] ?? 'imap'
  const all = {
    protocol,
    host: '127.0.0.1',
    port: String(protocol === 'imap' ? old.ports.imap : old.ports.pop3),
    username: `${user}@example.test`,
    ...options,
  }
  const texts = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
  const added = await here.homepost(
    ['fetch', 'add', `${user}@example.test`, '--password-stdin', '--json', ...texts],
    'pw\n',
  )
  expect(added.stderr).toBe('')
  return String((JSON.parse(added.stdout) as { id: number }).id)
}

const runFetch = (id: string) => runFetchOn(here, id)

/** After one more all visits have taken so many, and left so many there, whoever asked for them. */
async function hasTaken(id: string, count: number, left = 0): Promise<void> {
  expect(await runFetch(id)).toMatchObject({ code: 0 })
  expect(visited(here, id)).toEqual({ taken: count, left })
}

async function fill(user: string, mailbox: string, subjects: readonly string[]): Promise<ImapFlow> {
  const client = await imapClient(old, user)
  if (mailbox !== 'INBOX') await client.mailboxCreate(mailbox)
  for (const subject of subjects) await client.append(mailbox, mailOf(subject))
  return client
}

test('IMAP: what is new comes once, with its flags and its date, and stays there where it is to', async () => {
  const there = await fill('ann', 'INBOX', ['one'])
  await there.append('INBOX', mailOf('two'), ['\\Seen', '\\Flagged'], new Date('2020-02-03T04:05:06Z'))
  const id = await addFetch('ann', { keep: 'true' })
  await hasTaken(id, 2)
  await hasTaken(id, 2)
  await there.append('INBOX', mailOf('three'))
  await hasTaken(id, 3)
  const client = await imapClient(here, 'ann')
  expect(await subjectsIn(client, 'INBOX')).toEqual(['one', 'two', 'three'])
  await client.mailboxOpen('INBOX')
  const two = await client.fetchOne('2', { flags: true, internalDate: true, headers: ['received'] })
  expect(two && [...(two.flags ?? [])].filter((flag) => flag !== '\\Recent')).toEqual(['\\Seen', '\\Flagged'])
  expect(two && new Date(two.internalDate ?? 0).toISOString()).toBe('2020-02-03T04:05:06.000Z')
  expect(two && String(two.headers)).toContain('with IMAP id')
  expect(await subjectsIn(there, 'INBOX')).toEqual(['one', 'two', 'three'])
}, 60_000)

test('IMAP: folders go where they are sent to, what was taken goes, what is too large stays', async () => {
  const there = await fill('bob', 'Cats', ['cat'])
  await there.append('INBOX', mailOf('home'))
  await there.append('INBOX', mailOf('large', `${'x'.repeat(70)}\r\n`.repeat(50_000)))
  await there.append('INBOX', mailOf('long', `${'y'.repeat(70)}\r\n`.repeat(30_000)))
  const id = await addFetch('bob', { folders: 'INBOX,Cats > Pets/Cats', invisible: 'true', scan: 'true' })
  await hasTaken(id, 3, 1)
  const client = await imapClient(here, 'bob')
  expect(await subjectsIn(client, 'INBOX')).toEqual(['home', 'long'])
  expect(await subjectsIn(client, 'Pets/Cats')).toEqual(['cat'])
  expect(await subjectsIn(there, 'INBOX')).toEqual(['large'])
  expect(await subjectsIn(there, 'Cats')).toEqual([])
  await hasTaken(id, 3, 1)
}, 60_000)

test('POP3: what is new comes once, and goes there where it is to', async () => {
  const there = await fill('cat', 'INBOX', ['one', '.two'])
  const keeping = await addFetch('cat', { protocol: 'pop3', keep: 'true' })
  await hasTaken(keeping, 2)
  await hasTaken(keeping, 2)
  await here.homepost(['fetch', 'set', keeping, '--keep', 'false'])
  await there.append('INBOX', mailOf('three', '.\r\n..\r\n. dots\r\n'))
  await hasTaken(keeping, 3)
  expect(await subjectsIn(there, 'INBOX')).toEqual(['one', '.two'])
  const client = await imapClient(here, 'cat')
  expect(await subjectsIn(client, 'INBOX')).toEqual(['one', '.two', 'three'])
  const three = await client.fetchOne('3', { source: true })
  expect(three && String(three.source)).toMatch(/\r\n\r\n\.\r\n\.\.\r\n\. dots\r\n$/)
}, 60_000)

test('what goes wrong is said in words, and kept', async () => {
  const wrong = await addFetch('dan', { username: 'nobody@example.test' })
  expect((await runFetch(wrong)).stderr).toContain('127.0.0.1 does not accept the user name or the password')
  const secure = await addFetch('dan', { port: String(old.ports.imaps), tls: 'true' })
  expect((await runFetch(secure)).stderr).toContain('The certificate of 127.0.0.1 is not valid')
  const closed = await addFetch('dan', { port: String(here.ports['attached-imap']) })
  expect((await runFetch(closed)).stderr).toContain('does not answer on port')
  const inner = await addFetch('dan', { host: '10.0.0.1' })
  expect((await runFetch(inner)).stderr).toContain('is in a private network')
  const itself = await addFetch('dan', { host: 'mail.example.test', username: 'DAN@example.test' })
  expect((await runFetch(itself)).stderr).toContain('This is the very mailbox')
  const nowhere = await addFetch('dan', { folders: 'Nowhere' })
  expect((await runFetch(nowhere)).stderr).toContain('There is no folder “Nowhere”')
  const listed = await here.homepost(['fetch', 'list', '--json'])
  expect(listed.stdout).toContain('This is the very mailbox')
  expect((await here.homepost(['fetch', 'check', secure])).stderr).toContain('The certificate')
}, 60_000)

test.each([
  ['imap', 'eve', 'true'],
  ['imap', 'fay', 'false'],
  ['pop3', 'gus', 'false'],
])(
  '%s: a server killed in the middle loses nothing and brings nothing twice (%s, keep %s)',
  async (protocol, user, keep) => {
    const count = 300
    const subjects = Array.from({ length: count }, (_, at) => `${user}-${at}`)
    const there = await fill(user, 'INBOX', subjects)
    const id = await addFetch(user, { protocol, keep })
    const { dataDir } = here
    const env = { FETCH_NETWORKS: '127.0.0.0/8', MESSAGE_SIZE_LIMIT: '3000000' }
    for (const killedAfter of [20, 120]) {
      const running = runFetch(id)
      const watching = await imapClient(here, user)
      for (;;) {
        const status = await watching.status('INBOX', { messages: true })
        if (status && (status.messages ?? 0) >= killedAfter) break
      }
      await here.stop('SIGKILL')
      await running
      here = await startServer({ env, dataDir })
    }
    expect(await runFetch(id)).toMatchObject({ code: 0 })
    const client = await imapClient(here, user)
    expect(await subjectsIn(client, 'INBOX')).toEqual(subjects)
    expect(await subjectsIn(there, 'INBOX')).toEqual(keep === 'true' ? subjects : [])
  },
  120_000,
)
