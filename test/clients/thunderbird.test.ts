import { afterAll, beforeAll, expect, test } from 'vitest'
import { playing, scriptedServer } from '../support/scripted-server.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'
import { imapClient, transport } from './support/mailbox.ts'
import { Thunderbird } from './support/thunderbird.ts'

let server: TestServer
let thunderbird: Thunderbird

const send = (subject: string) =>
  transport(server, 'plain').sendMail({
    from: 's@example.org',
    to: 'ann@example.test',
    subject,
    text: `text of ${subject}`,
  })

beforeAll(async () => {
  await requireDebian('thunderbird')
  server = await startServer()
  await server.addUsers('ann')
  await send('first')
  await send('second')
  thunderbird = await Thunderbird.start(server.ports.https + 3)
  await thunderbird.run(
    `const incoming = MailServices.accounts.createIncomingServer('ann@example.test', '127.0.0.1', 'imap');
     incoming.port = args[0]; incoming.socketType = 3; incoming.authMethod = 3; incoming.password = 'pw';
     incoming.setBoolValue('use_idle', true);
     const account = MailServices.accounts.createAccount();
     account.incomingServer = incoming;
     const identity = MailServices.accounts.createIdentity();
     identity.email = 'ann@example.test';
     account.addIdentity(identity);
     incoming.performExpand(null);`,
    server.ports.imaps,
  )
})
afterAll(async () => {
  await thunderbird?.stop()
  await server.stop()
})

const inbox = `
  const incoming = MailServices.accounts.accounts.find((account) => account.incomingServer.type === 'imap').incomingServer;
  const folder = (name) => incoming.rootFolder.subFolders.find((each) => each.name.toLowerCase() === name.toLowerCase());
  const inbox = await until(() => folder('inbox'));
  const subjects = () => [...inbox.messages].map((header) => header.mime2DecodedSubject).sort();
  const header = (subject) => [...inbox.messages].find((each) => each.mime2DecodedSubject === subject);`

async function flagsOf(subject: string, mailbox = 'INBOX'): Promise<string[] | undefined> {
  const client = await imapClient(server, 'ann')
  const lock = await client.getMailboxLock(mailbox)
  const flags: string[][] = []
  for await (const message of client.fetch('1:*', { flags: true, envelope: true })) {
    if (message.envelope?.subject === subject) flags.push([...(message.flags ?? [])])
  }
  lock.release()
  await client.logout()
  return flags[0]
}

test('lists the folders and reads the messages', async () => {
  const seen = await thunderbird.run<{ subjects: string[]; folders: string[] }>(`${inbox}
    inbox.updateFolder(null);
    await until(() => subjects().length === 2);
    return { subjects: subjects(), folders: incoming.rootFolder.subFolders.map((each) => each.name) };`)
  expect(seen.subjects).toEqual(['first', 'second'])
  expect(seen.folders).toEqual(expect.arrayContaining(['Archive', 'Drafts', 'Junk', 'Sent', 'Trash']))
})

test('downloads a body', async () => {
  const body = await thunderbird.run<string>(`${inbox}
    const uri = inbox.getUriForMsg(header('first'));
    const stream = Cc['@mozilla.org/network/sync-stream-listener;1'].createInstance(Ci.nsISyncStreamListener);
    const channel = MailServices.messageServiceFromURI(uri);
    return await new Promise((resolve, reject) => {
      let text = '';
      channel.streamMessage(uri, {
        QueryInterface: ChromeUtils.generateQI(['nsIStreamListener']),
        onStartRequest() {},
        onDataAvailable(request, input, offset, count) {
          const reader = Cc['@mozilla.org/scriptableinputstream;1'].createInstance(Ci.nsIScriptableInputStream);
          reader.init(input);
          text += reader.read(count);
        },
        onStopRequest(request, status) { status === 0 ? resolve(text) : reject(new Error('status ' + status)); },
      }, null, null, false, '', false);
    });`)
  expect(body).toContain('text of first')
})

test('marks as read and flags, and another client sees it', async () => {
  await thunderbird.run(`${inbox}
    inbox.markMessagesRead([header('first')], true);
    inbox.markMessagesFlagged([header('first')], true);`)
  await expect
    .poll(() => flagsOf('first'), { timeout: 30_000 })
    .toEqual(expect.arrayContaining(['\\Seen', '\\Flagged']))
})

test('sees a flag that another client sets', async () => {
  const client = await imapClient(server, 'ann')
  const lock = await client.getMailboxLock('INBOX')
  await client.messageFlagsAdd('2', ['\\Flagged'])
  lock.release()
  await client.logout()
  const flagged = await thunderbird.run<boolean>(
    `${inbox} return await until(() => header('second').isFlagged);`,
  )
  expect(flagged).toBe(true)
})

test('moves a message', async () => {
  await thunderbird.run(`${inbox}
    const target = folder('Archive');
    await new Promise((resolve, reject) => {
      MailServices.copy.copyMessages(inbox, [header('first')], target, true, {
        QueryInterface: ChromeUtils.generateQI(['nsIMsgCopyServiceListener']),
        onStartCopy() {}, onProgress() {}, setMessageKey() {}, getMessageId() { return null; },
        onStopCopy(status) { status === 0 ? resolve() : reject(new Error('status ' + status)); },
      }, null, false);
    });`)
  await expect
    .poll(() => flagsOf('first', 'Archive'), { timeout: 30_000 })
    .toEqual(expect.arrayContaining(['\\Seen', '\\Flagged']))
  expect(await flagsOf('first')).toBeUndefined()
})

test('hears of new mail by IDLE, without asking', async () => {
  await thunderbird.run(
    `${inbox} inbox.updateFolder(null); await new Promise((resolve) => setTimeout(resolve, 1500));`,
  )
  await send('pushed')
  const subjects = await thunderbird.run<string[]>(
    `${inbox} await until(() => header('pushed')); return subjects();`,
  )
  expect(subjects).toContain('pushed')
})

test('shows a folder that somebody else shares, and reads it', async () => {
  await server.addUsers('bob')
  await server.homepost(['share', 'set', 'bob@example.test', 'Archive', 'ann@example.test', 'read'])
  const bob = await imapClient(server, 'bob')
  await bob.append('Archive', 'Subject: Of bob\r\n\r\nHello.\r\n')
  await bob.logout()
  const ann = await imapClient(server, 'ann')
  expect(await ann.mailboxSubscribe('Other Users/bob@example.test/Archive')).toBe(true)
  await ann.logout()
  const seen = await thunderbird.run<{ subjects: string[]; mayDelete: boolean }>(`${inbox}
    incoming.performExpand(null);
    const below = (above, name) => above.subFolders.find((each) => each.name === name);
    const shared = await until(() => {
      const top = below(incoming.rootFolder, 'Other Users');
      const owner = top && below(top, 'bob@example.test');
      return owner && below(owner, 'Archive');
    });
    shared.updateFolder(null);
    const titles = () => [...shared.messages].map((header) => header.mime2DecodedSubject);
    await until(() => titles().length === 1);
    return { subjects: titles(), mayDelete: shared.canDeleteMessages };`)
  expect(seen).toEqual({ subjects: ['Of bob'], mayDelete: false })
})

test('takes a report on what could not be delivered apart', async () => {
  const port = await scriptedServer(playing([], { RCPT: '550 5.1.1 Nobody of this name' }))
  await server.homepost(['relay', 'add', 'far.test', '--target', `127.0.0.1:${port}`])
  await transport(server, 'submissions').sendMail({
    from: 'ann@example.test',
    to: 'x@far.test',
    subject: 'Gift',
    text: 'Nice',
    dsn: { id: 'e1', return: 'full', notify: 'failure', recipient: 'x@far.test' },
  })
  const parts = await thunderbird.run<{ type: string; text: string }[]>(`${inbox}
    const { MsgHdrToMimeMessage } = ChromeUtils.importESModule('resource:///modules/gloda/MimeMessage.sys.mjs');
    inbox.updateFolder(null);
    const report = await until(() => header('Your message could not be delivered'));
    const mime = await new Promise((resolve) => MsgHdrToMimeMessage(report, null, (_, read) => resolve(read), true));
    const flat = (part) => [part, ...(part.parts ?? []).flatMap(flat)];
    return flat(mime).map((part) => ({ type: part.contentType, text: String(part.body ?? part.headers?.subject ?? '') }));`)
  expect(parts.map(({ type }) => type)).toEqual([
    'message/rfc822',
    'multipart/report',
    'text/plain',
    'message/delivery-status',
    'message/rfc822',
    'text/plain',
  ])
  expect(parts.map(({ text }) => text).join('\n')).toMatch(/Nobody of this name.*Gift.*Nice/s)
})
