import { createTransport } from 'nodemailer'
import { expect, onTestFinished, test } from 'vitest'
import { imapClient, subjectsIn } from '../support/imap-flow.ts'
import { startServer, type TestServer } from '../support/server.ts'

const soon = { timeout: 20_000, interval: 100 }

async function start(...users: readonly string[]): Promise<TestServer> {
  const server = await startServer()
  onTestFinished(async () => void (await server.stop()))
  await server.addUsers(...users)
  return server
}

async function done(server: TestServer, args: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await server.homepost(args, input)
  if (code !== 0) throw new Error(`${args.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

const sieve = (server: TestServer, user: string, text: string) =>
  done(server, ['sieve', 'put', `${user}@example.test`, 'main', '--activate'], text)

function send({ ports }: TestServer, from: string, to: string, subject: string): Promise<unknown> {
  return createTransport({
    host: '127.0.0.1',
    port: ports.submissions,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: `${from}@example.test`, pass: 'pw' },
  }).sendMail({ from: `${from}@example.test`, to: `${to}@example.test`, subject, text: 'Hello' })
}

test('answers and notifications are sorted by the rules of who gets them', async () => {
  const server = await start('ann', 'bob', 'cem')
  await done(server, ['user', 'set', 'ann@example.test', '--reply-enabled', '--reply-body', 'Away'])
  await sieve(server, 'ann', 'require "enotify"; notify :message "Ann has mail" "mailto:cem@example.test";')
  await sieve(
    server,
    'bob',
    'require ["fileinto", "mailbox"]; if header :contains "auto-submitted" "auto" { fileinto :create "Robots"; }',
  )
  await sieve(server, 'cem', 'redirect "bob@example.test";')
  await send(server, 'bob', 'ann', 'A question')
  const bob = await imapClient(server, 'bob')
  await expect
    .poll(async () => (await subjectsIn(bob, 'Robots')).toSorted(), soon)
    .toEqual(['Ann has mail', 'Auto: A question'])
  await send(server, 'bob', 'ann', 'Another')
  await expect.poll(() => subjectsIn(bob, 'Robots'), soon).toHaveLength(3)
  expect((await subjectsIn(bob, 'Robots')).filter((subject) => subject.startsWith('Auto:'))).toHaveLength(1)
  expect(await done(server, ['sieve', 'why', 'bob@example.test'])).toContain(
    'written by a rule of ann@example.test',
  )
}, 60_000)

test('mail to a plus-address is in its folder where that is wanted, and the configuration keeps it', async () => {
  const server = await start('ann', 'bob')
  const ann = await imapClient(server, 'ann')
  await ann.mailboxCreate('News')
  await send(server, 'bob', 'ann+news', 'Before')
  await done(server, ['user', 'set', 'ann@example.test', '--detail-filing'])
  for (const to of ['ann+news', 'ann+other', 'ann+trash']) await send(server, 'bob', to, `To ${to}`)
  await expect.poll(() => subjectsIn(ann, 'News'), soon).toEqual(['To ann+news'])
  await expect.poll(() => subjectsIn(ann, 'INBOX'), soon).toEqual(['Before', 'To ann+other', 'To ann+trash'])
  expect(await done(server, ['sieve', 'rules', 'ann@example.test'])).toContain('# rule:[Plus-addresses]')
  const file = await done(server, ['config', 'export', '--full', '--secrets'])
  expect(file).toContain('detail_filing: true')
  await done(server, ['user', 'set', 'ann@example.test', '--detail-filing', 'false'])
  await done(server, ['config', 'import', '--update', '-'], file)
  expect(await done(server, ['user', 'show', 'ann@example.test', '--json'])).toMatch(/"detailFiling": ?true/)
}, 60_000)

test('a message that rules refused for all is explained although nothing is kept of it', async () => {
  const server = await start('ann', 'bob')
  await sieve(server, 'ann', 'require "ereject"; ereject "Not here.";')
  await expect(send(server, 'bob', 'ann', 'Buy')).rejects.toThrow('550 5.7.1')
  const why = await done(server, ['sieve', 'why', 'ann@example.test'])
  expect(why).toContain('from bob@example.test to ann@example.test')
  expect(why).toContain('refused: Not here. (line 1 of "main")')
  expect(await subjectsIn(await imapClient(server, 'ann'), 'INBOX')).toEqual([])
}, 60_000)
