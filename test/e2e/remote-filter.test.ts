import { afterAll, beforeAll, expect, test } from 'vitest'
import { imapClient, transport } from '../clients/support/mailbox.ts'
import { startServer, type TestServer } from '../support/server.ts'

const token = 'between-the-two'
const ports = '25,143,465,993,11334'

let filter: TestServer
let server: TestServer

const startFilter = (more: { dataDir?: string; env?: Record<string, string> } = {}) =>
  startServer({ ...more, env: { PORTS: ports, ANTISPAM_TOKEN: token, ...more.env } })

beforeAll(async () => {
  filter = await startFilter()
  server = await startServer({
    env: { ANTISPAM_URL: `http://127.0.0.1:${filter.ports.antispam}`, ANTISPAM_TOKEN: token },
  })
  await server.addUsers('ann')
})
afterAll(async () => {
  await server.stop()
  await filter.stop()
})

const gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

const send = (subject: string, text: string) =>
  transport(server, 'plain').sendMail({
    from: '"A shop" <shop@example.org>',
    to: 'ann@example.test',
    subject,
    text,
  })

async function inMailbox<T>(
  mailbox: string,
  what: (client: Awaited<ReturnType<typeof imapClient>>) => Promise<T>,
) {
  const client = await imapClient(server, 'ann')
  const lock = await client.getMailboxLock(mailbox)
  const found = await what(client)
  lock.release()
  await client.logout()
  return found
}

const subjects = (mailbox: string) =>
  inMailbox(mailbox, async (client) => {
    const found: (string | undefined)[] = []
    for await (const { envelope } of client.fetch('1:*', { envelope: true })) found.push(envelope?.subject)
    return found
  })
const move = (from: string, to: string, query: object) =>
  inMailbox(from, (client) => client.messageMove(query, to))

test('a second server is the filter: it judges, it learns, and mail passes while it is away', {
  timeout: 120_000,
}, async () => {
  await expect(send('test', gtube)).rejects.toThrow(/550/)
  expect(filter.output()).toMatch(/GTUBE.*"message.judged"/)

  for (let number = 0; number < 12; number++) {
    await send(`offer ${number}`, `Buy cheap pills now, order number ${number}x! Click and save money today.`)
    await send(`letter ${number}`, `Dear Ann, here is news of the garden, number ${number}y. See you soon.`)
  }
  await move('INBOX', 'Junk', { subject: 'letter' })
  await move('Junk', 'INBOX', { all: true })

  // Killed before it has heard of the offers: they are told when it is back.
  await filter.stop('SIGKILL')
  await move('INBOX', 'Junk', { subject: 'offer' })
  await send('while it is away', gtube)
  expect(await subjects('INBOX')).toContain('while it is away')
  expect(server.output()).toContain('spam.filter-unreachable')
  const env = { PORT_OFFSET: String(filter.ports.smtp - 25) }
  filter = await startFilter({ dataDir: filter.dataDir, env })

  await expect
    .poll(
      async () => {
        await send('another offer', 'Buy cheap pills now! Click and save money today.')
        return (await subjects('Junk')).includes('another offer')
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBe(true)
  await send('another letter', 'Dear Ann, here is news of the garden. See you soon.')
  expect(await subjects('INBOX')).toContain('another letter')
})
