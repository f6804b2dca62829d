import { afterAll, beforeAll, expect, test } from 'vitest'
import { imapClient, transport } from '../clients/support/mailbox.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
  await server.addUsers('ann', 'bob')
})
afterAll(() => server.stop())

/** Why the message with this subject was judged as it was. */
async function judged(from: string, subject: string, more: object): Promise<string> {
  const { response } = await transport(server, 'plain').sendMail({
    from,
    to: 'ann@example.test',
    subject,
    ...more,
  })
  for (const line of server.output().split('\n').reverse()) {
    if (!line.includes('message.judged')) continue
    const { id, why } = JSON.parse(line) as { id: string; why: string }
    if (response.includes(id)) return why
  }
  return ''
}

async function move(from: string, to: string): Promise<void> {
  const client = await imapClient(server, 'ann')
  const lock = await client.getMailboxLock(from)
  await client.messageMove('1:*', to)
  lock.release()
  await client.logout()
}

const pitch = (name: string) =>
  `Dear ${name}, a friend of yours told us that you are looking for a new roof. Our craftsmen are in your street this week and have
  tiles left over, which they would put up for half the usual price if you pay in advance. Call today, as they leave on Friday.`

test('what was moved to Junk is known again in other words of another sender; moved back, it is not', async () => {
  await judged('roof@one.example', 'A roof', { text: pitch('Ann') })
  await move('INBOX', 'Junk')
  const again = () => judged('else@two.example', 'Tiles', { text: pitch('Bob') })
  await expect.poll(again, { timeout: 20_000, interval: 500 }).toMatch(/FUZZY_DENIED\(\d/)
  expect(await judged('roof@one.example', 'Hello', { text: 'Have you decided?' })).toMatch(
    /FROM_REPUTATION_SPAM\([\d.]+; roof@one.example\)/,
  )
  await move('Junk', 'INBOX')
  await expect.poll(again, { timeout: 20_000, interval: 500 }).not.toContain('FUZZY')
  expect(await judged('roof@one.example', 'Hello', { text: 'Have you decided?' })).not.toContain(
    'REPUTATION_SPAM',
  )
}, 60_000)

test('an answer to what one of us has written is wanted', async () => {
  await transport(server, 'submissions').sendMail({
    from: 'ann@example.test',
    to: 'bob@example.test',
    subject: 'Question',
    text: 'Where are you?',
    messageId: '<question-1@example.test>',
  })
  await expect
    .poll(
      () =>
        judged('carl@far.example', 'Re: Question', { text: 'Here!', inReplyTo: '<question-1@example.test>' }),
      { timeout: 10_000, interval: 300 },
    )
    .toContain('REPLY(-4)')
  expect(
    await judged('eve@far.example', 'Re: Question', { text: 'Here!', inReplyTo: '<other@example.test>' }),
  ).not.toContain('REPLY(-4)')
}, 60_000)
