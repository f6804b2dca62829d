import { afterAll, beforeAll, expect, test } from 'vitest'
import { imapClient, transport } from '../clients/support/mailbox.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
  await server.addUsers('ann')
})
afterAll(() => server.stop())

const gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

const send = (subject: string, text: string) =>
  transport(server, 'plain').sendMail({
    from: `"A shop" <shop@example.org>`,
    to: 'ann@example.test',
    subject,
    text,
  })

const offers = ['pills', 'watches', 'loans', 'lottery tickets', 'miracle cures', 'diplomas']
const letters = [
  'the garden',
  'lunch on friday',
  'the school play',
  'our holidays',
  'grandmother',
  'the new bicycle',
]

/** Subjects of a mailbox. */
async function subjects(mailbox: string): Promise<(string | undefined)[]> {
  const client = await imapClient(server, 'ann')
  const lock = await client.getMailboxLock(mailbox)
  const found = []
  for await (const { envelope } of client.fetch('1:*', { envelope: true })) found.push(envelope?.subject)
  lock.release()
  await client.logout()
  return found
}

async function move(from: string, to: string, query: object): Promise<void> {
  const client = await imapClient(server, 'ann')
  const lock = await client.getMailboxLock(from)
  await client.messageMove(query, to)
  lock.release()
  await client.logout()
}

test('the test of all filters is refused', async () => {
  await expect(send('test', gtube)).rejects.toThrow(/550/)
})

test('what is moved to Junk changes where the next such message goes; moved back, it goes where it went', {
  timeout: 60_000,
}, async () => {
  for (const [number, thing] of [...offers, ...offers].entries()) {
    await send(
      `offer ${number}`,
      `Buy cheap ${thing} now, order number ${number}x! Click and save money on ${thing} today.`,
    )
    await send(
      `letter ${number}`,
      `Dear Ann, here is news about ${letters[number % letters.length]}, number ${number}y. See you soon, your friend.`,
    )
  }
  expect((await subjects('INBOX')).length).toBe(24)
  await move('INBOX', 'Junk', { subject: 'letter' })
  await move('Junk', 'INBOX', { all: true })
  await move('INBOX', 'Junk', { subject: 'offer' })
  await expect
    .poll(
      async () => {
        await send('another offer', 'Buy cheap pills and watches now! Click and save money today.')
        return (await subjects('Junk')).includes('another offer')
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBe(true)
  await send('another letter', 'Dear Ann, here is news about the garden and the school play. See you soon.')
  expect(await subjects('INBOX')).toContain('another letter')
})
