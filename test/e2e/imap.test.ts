import { ImapFlow } from 'imapflow'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ImapStage } from '../support/imap-stage.ts'

let stage: ImapStage
const open: ImapFlow[] = []

beforeEach(() => {
  stage = new ImapStage({ appendLimit: 40_000_000 })
})

afterEach(async () => {
  for (const client of open.splice(0)) client.close()
  await stage.end()
})

async function connect(mailbox?: string): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: await stage.port(),
    secure: false,
    auth: { user: 'ann@home.test', pass: 'secret' },
    tls: { rejectUnauthorized: false },
    logger: false,
  })
  open.push(client)
  await client.connect()
  if (mailbox !== undefined) await client.mailboxOpen(mailbox)
  return client
}

async function download(client: ImapFlow, uid: string, part?: string) {
  const { content, meta } = await client.download(uid, part)
  const chunks: Buffer[] = []
  for await (const chunk of content ?? []) chunks.push(chunk as Buffer)
  return { octets: Buffer.concat(chunks), meta }
}

const message = (subject: string, body = 'Hi there.\r\n') =>
  `From: Bob <bob@example.com>\r\nTo: ann@home.test\r\nSubject: ${subject}\r\n\r\n${body}`

test('imapflow starts TLS, signs in and finds the folders by their use', async () => {
  const client = await connect()
  expect(client.secureConnection).toBe(true)
  const folders = await client.list({ statusQuery: { messages: true, unseen: true } })
  const uses = Object.fromEntries(folders.map(({ path, specialUse }) => [path, specialUse]))
  expect(uses).toMatchObject({
    INBOX: '\\Inbox',
    Sent: '\\Sent',
    Drafts: '\\Drafts',
    Trash: '\\Trash',
    Junk: '\\Junk',
    Archive: '\\Archive',
  })
  expect(folders.find(({ path }) => path === 'INBOX')?.status).toMatchObject({ messages: 0 })
})

test('imapflow saves, reads, flags, searches, copies, moves and deletes', async () => {
  const client = await connect('INBOX')
  for (const subject of ['One', 'Zwei ÄÖÜ', 'Three']) {
    const saved = await client.append(
      'INBOX',
      message(subject),
      ['\\Flagged'],
      new Date(Date.UTC(2026, 0, 1)),
    )
    expect(saved).toMatchObject({ destination: 'INBOX' })
  }
  const all = await client.fetchAll('1:*', {
    uid: true,
    flags: true,
    envelope: true,
    bodyStructure: true,
    source: true,
    internalDate: true,
    size: true,
    threadId: true,
  })
  expect(all.map(({ envelope }) => envelope?.subject)).toEqual(['One', 'Zwei ÄÖÜ', 'Three'])
  expect(all[0]?.source?.toString()).toBe(message('One'))
  expect(all[0]?.flags).toEqual(new Set(['\\Flagged']))
  expect(all[0]?.bodyStructure).toMatchObject({ type: 'text/plain' })
  expect(await client.search({ subject: 'zwei' }, { uid: true })).toEqual([2])
  expect(await client.search({ body: 'there', flagged: true, since: new Date('2025-12-31') })).toEqual([
    1, 2, 3,
  ])
  expect(await client.messageFlagsAdd('1:2', ['\\Seen', '$Work'])).toBe(true)
  expect(await client.messageCopy('2', 'Archive')).toMatchObject({ uidMap: new Map([[2, 1]]) })
  expect(await client.messageMove('1', 'Trash')).toMatchObject({ uidMap: new Map([[1, 1]]) })
  expect(await client.messageDelete('1')).toBe(true)
  expect((await client.fetchAll('1:*', { envelope: true })).map(({ envelope }) => envelope?.subject)).toEqual(
    ['Three'],
  )
  expect(
    await client.status('Archive', { messages: true, unseen: true, uidNext: true, highestModseq: true }),
  ).toMatchObject({ messages: 1, unseen: 0, uidNext: 2 })
})

test('imapflow keeps folders with names beyond ASCII', async () => {
  const client = await connect()
  expect(await client.mailboxCreate(['Projekte', 'Übergröße & Co'])).toMatchObject({ created: true })
  await client.mailboxRename('Projekte/Übergröße & Co', 'Projekte/日本')
  await client.mailboxSubscribe('Projekte/日本')
  expect((await client.list()).find(({ path }) => path === 'Projekte/日本')).toMatchObject({
    subscribed: true,
  })
  expect(await client.mailboxDelete('Projekte/日本')).toMatchObject({ path: 'Projekte/日本' })
})

test('what one client does, the idling one hears within moments', async () => {
  const [writer, listener] = await Promise.all([connect('INBOX'), connect('INBOX')])
  const heard: string[] = []
  let wake = (): void => undefined
  const hear = (text: string) => {
    heard.push(text)
    wake()
  }
  listener.on('exists', ({ count }) => hear(`exists ${count}`))
  listener.on('flags', ({ seq, flags }) => hear(`flags ${seq} ${[...(flags ?? [])].join(' ')}`))
  listener.on('expunge', ({ seq }) => hear(`expunge ${seq}`))
  const until = async (text: string) => {
    while (heard.at(-1) !== text) await new Promise<void>((resolve) => (wake = resolve))
  }
  void listener.idle()
  await writer.append('INBOX', message('New'))
  await until('exists 1')
  await writer.messageFlagsAdd('1', ['\\Seen'])
  await until('flags 1 \\Seen')
  await writer.messageDelete('1')
  await until('expunge 1')
})

test('a message of 30 MB goes in and comes out as it was, and in parts', async () => {
  const client = await connect('INBOX')
  const body = `${'0123456789abcdef'.repeat(4)}\r\n`.repeat(460_000)
  const whole = Buffer.from(message('Large', body))
  await client.append('INBOX', whole)
  expect((await download(client, '1')).octets.equals(whole)).toBe(true)
  const part = await client.fetchOne('1', { source: { start: 20_000_000, maxLength: 100 } })
  expect(part || undefined).toMatchObject({ source: whole.subarray(20_000_000, 20_000_100) })
})

test('an attachment comes out as it went in', async () => {
  const client = await connect('INBOX')
  const attachment = Buffer.from('attached \0 octets').toString('base64')
  await client.append(
    'INBOX',
    `Subject: With\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nText\r\n--x\r\nContent-Type: application/pdf; name="Rechnung ä.pdf"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n${attachment}\r\n--x--\r\n`,
  )
  const { octets, meta } = await download(client, '1', '2')
  expect(octets.toString()).toBe('attached \0 octets')
  expect(meta).toMatchObject({ contentType: 'application/pdf', disposition: 'attachment' })
})
