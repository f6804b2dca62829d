import { rmSync } from 'node:fs'
import type { ImapFlow } from 'imapflow'
import { expect, onTestFinished, test } from 'vitest'
import { imapClient, raw } from '../support/imap-flow.ts'
import { startServer, type TestServer } from '../support/server.ts'

const soon = { timeout: 20_000, interval: 100 }
const needs =
  'require ["imapsieve", "environment", "fileinto", "mailbox", "imap4flags", "copy", "variables"];'

async function start(...users: readonly string[]): Promise<TestServer> {
  const server = await startServer()
  onTestFinished(async () => void (await server.stop()))
  await server.addUsers(...users)
  return server
}

/** Puts a script, and lets it wait in a mailbox; '' is all mail. */
async function waits(
  server: TestServer,
  client: ImapFlow,
  { mailbox, name, text }: { readonly mailbox: string; readonly name: string; readonly text: string },
): Promise<void> {
  const put = await server.homepost(['sieve', 'put', 'ann@example.test', name, '-'], `${needs}\n${text}\n`)
  expect(put.stderr + put.stdout).toContain(name)
  if (mailbox === '') {
    const set = await server.homepost(['sieve', 'events', 'set', 'ann@example.test', name])
    expect([set.code, set.stderr]).toEqual([0, ''])
  } else await raw(client, 'SETMETADATA', mailbox, { '/shared/imapsieve/script': name })
}

const letter = (subject: string) =>
  `From: cem@else.test\r\nTo: ann@example.test\r\nSubject: ${subject}\r\n\r\nHello\r\n`

/** `subject: \Flag $Keyword` of each message. */
async function inMailbox(client: ImapFlow, mailbox: string): Promise<string[]> {
  if (!(await client.list()).some(({ path }) => path === mailbox)) return ['no such mailbox']
  const lock = await client.getMailboxLock(mailbox)
  try {
    const found: string[] = []
    for await (const { envelope, flags } of client.fetch('1:*', { envelope: true, flags: true }))
      found.push([`${envelope?.subject}:`, ...[...(flags ?? [])].sort()].join(' '))
    return found
  } finally {
    lock.release()
  }
}

test('scripts run behind what a client does: append, copy, move, flags', async () => {
  const server = await start('ann', 'bob')
  const ann = await imapClient(server, 'ann')
  for (const name of ['Work', 'Tasks', 'Loop']) await ann.mailboxCreate(name)
  expect([...ann.capabilities.keys()]).toContain(`IMAPSIEVE=SIEVE://MAIL.EXAMPLE.TEST:${server.ports.sieve}`)

  await waits(server, ann, {
    mailbox: 'Work',
    name: 'work',
    text: `if environment :is "imap.cause" "APPEND" { fileinto :create "Done"; }
           elsif environment :is "imap.changedflags" "\\\\Flagged" { redirect :copy "bob@example.test"; }`,
  })
  await ann.append('Work', letter('appended'), ['\\Seen'])
  await expect.poll(() => inMailbox(ann, 'Done'), soon).toEqual(['appended: \\Seen'])
  expect(await inMailbox(ann, 'Work')).toEqual([])

  await waits(server, ann, {
    mailbox: 'Tasks',
    name: 'tasks',
    text: 'addflag "$Task"; removeflag "\\\\Seen";',
  })
  await ann.append('INBOX', letter('moved'), ['\\Seen'])
  await ann.mailboxOpen('INBOX')
  await ann.messageCopy('1', 'Tasks')
  await ann.messageMove('1', 'Tasks')
  await expect.poll(() => inMailbox(ann, 'Tasks'), soon).toEqual(['moved: $Task', 'moved: $Task'])

  // What a script does is no event for another, nor for itself.
  await waits(server, ann, { mailbox: 'Loop', name: 'loop', text: 'fileinto "Done";' })
  await waits(server, ann, { mailbox: 'Done', name: 'back', text: 'fileinto "Loop";' })
  await ann.append('Loop', letter('round'))
  await expect.poll(() => inMailbox(ann, 'Done'), soon).toEqual(['appended: \\Seen', 'round:'])

  await ann.mailboxOpen('Tasks')
  await ann.messageMove('1', 'Work')
  await ann.mailboxOpen('Work')
  await ann.messageFlagsAdd('1', ['\\Flagged'])
  const bob = await imapClient(server, 'bob')
  await expect.poll(() => inMailbox(bob, 'INBOX'), soon).toEqual(['moved:'])
  expect(await inMailbox(ann, 'Work')).toEqual(['moved: $Task \\Flagged'])

  const { stdout } = await server.homepost(['sieve', 'why', 'ann@example.test'])
  expect(stdout).toContain('by IMAP (FLAG) in Work')
  expect(stdout).toContain('sent on to bob@example.test')
}, 90_000)

test('a script of all mail, one that fails, one that is gone, and one that throws away', async () => {
  const server = await start('ann')
  const ann = await imapClient(server, 'ann')
  for (const name of ['Bad', 'Gone', 'Bin', 'Changed']) await ann.mailboxCreate(name)
  const all = { mailbox: '', name: 'all', text: 'addflag "$All";' }
  await waits(server, ann, all)
  await waits(server, ann, { mailbox: 'Bad', name: 'bad', text: 'set "x" ""; fileinto "$\u007bx}";' })
  await waits(server, ann, { mailbox: 'Gone', name: 'gone', text: 'discard;' })
  await server.homepost(['sieve', 'delete', 'ann@example.test', 'gone'])
  await waits(server, ann, { mailbox: 'Bin', name: 'bin', text: 'discard;' })
  const edits =
    'require ["editheader", "enotify"]; addheader "Subject" "first"; notify "mailto:ann@example.test";'
  await server.homepost(['sieve', 'put', 'ann@example.test', 'edits', '-'], edits)
  await waits(server, ann, { mailbox: 'Changed', name: 'calls', text: 'require "include"; include "edits";' })

  for (const name of ['INBOX', 'Bad', 'Gone', 'Bin', 'Changed'])
    expect(await ann.append(name, letter(name.toLowerCase()))).toMatchObject({ uid: 1 })
  await expect.poll(() => inMailbox(ann, 'Changed'), soon).toEqual(['first:'])
  await expect.poll(() => inMailbox(ann, 'Bin'), soon).toEqual(['bin: \\Deleted'])
  expect(await inMailbox(ann, 'Bad')).toEqual(['bad:'])
  expect(await inMailbox(ann, 'Gone')).toEqual(['gone:'])
  await expect.poll(() => inMailbox(ann, 'INBOX'), soon).toEqual(['inbox: $All', 'Notification: changed:'])
  const { stdout } = await server.homepost(['sieve', 'why', 'ann@example.test'])
  expect(stdout).toContain('the script stopped, so nothing is done')
}, 90_000)

test('a thousand messages at once keep nobody waiting, and a kill in between loses none', async () => {
  const server = await start('ann')
  const ann = await imapClient(server, 'ann')
  for (const name of ['Many', 'Sorted']) await ann.mailboxCreate(name)
  await waits(server, ann, { mailbox: 'Many', name: 'many', text: 'fileinto "Sorted";' })
  await ann.append('INBOX', letter('one'))
  await ann.mailboxOpen('INBOX')
  for (let copies = 1; copies < 1000; copies *= 2) await ann.messageCopy('1:*', 'INBOX')
  const { exists } = await ann.mailboxOpen('INBOX')
  await ann.messageCopy('1:*', 'Many')
  await server.stop('SIGKILL')
  const again = await startServer({ dataDir: server.dataDir })
  onTestFinished(async () => void (await again.stop()))
  onTestFinished(() => rmSync(server.dataDir, { recursive: true, force: true }))
  const client = await imapClient(again, 'ann')
  const many = await inMailbox(client, 'Many')
  const sorted = await inMailbox(client, 'Sorted')
  expect(many.length + sorted.length).toBe(exists)
}, 90_000)
