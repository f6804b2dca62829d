import { ImapFlow } from 'imapflow'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { runFetch, visited } from '../support/fetch-visits.ts'
import { imapClient } from '../support/imap-flow.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'
import { type DovecotServer, startDovecot } from './support/dovecot.ts'

/** Debian's Dovecot is where the mail lies. */
let there: DovecotServer
let here: TestServer

beforeAll(async () => {
  await requireDebian('dovecot-imapd', 'dovecot-pop3d')
  there = await startDovecot('localhost')
  here = await startServer({
    env: { FETCH_NETWORKS: '127.0.0.0/8,::1', NODE_EXTRA_CA_CERTS: there.authority },
  })
  await here.addUsers('ann', 'bob', 'cat', 'dan')
}, 700_000)

afterAll(async () => {
  await Promise.all([here?.stop(), there?.end()])
})

async function dovecot(user: string): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: there.ports.imap,
    doSTARTTLS: false,
    auth: { user, pass: 'pw' },
    logger: false,
  })
  await client.connect()
  onTestFinished(() => client.close())
  return client
}

async function fill(client: ImapFlow, count: number): Promise<void> {
  for (let at = 0; at < count; at++)
    await client.append('INBOX', `Subject: ${at}\r\nMessage-ID: <${at}@else.example>\r\n\r\nHello ${at}\r\n`)
}

async function addFetch(user: string, options: Readonly<Record<string, string>>): Promise<string> {
  const all = Object.entries({ host: 'localhost', username: user, ...options })
  const texts = all.flatMap(([name, value]) => [`--${name}`, value])
  const args = ['fetch', 'add', `${user}@example.test`, '--password-stdin', '--json', ...texts]
  const added = await here.homepost(args, 'pw\n')
  return String((JSON.parse(added.stdout) as { id: number }).id)
}

async function counted(client: ImapFlow): Promise<number> {
  const status = await client.status('INBOX', { messages: true })
  return status ? (status.messages ?? 0) : 0
}

test('thousands of messages over TLS, two mailboxes side by side: each comes once', async () => {
  const boxes = await Promise.all(['ann', 'bob'].map(dovecot))
  await Promise.all(boxes.map((client) => fill(client, 1_500)))
  const ids = [
    await addFetch('ann', { protocol: 'imap', port: `${there.ports.imaps}`, tls: 'true', keep: 'true' }),
    await addFetch('bob', { protocol: 'pop3', port: `${there.ports.pop3s}`, tls: 'true', keep: 'true' }),
  ]
  for (let time = 0; time < 2; time++) {
    const ran = await Promise.all(ids.map((id) => runFetch(here, id)))
    expect(ran.map(({ code, stderr }) => [code, stderr])).toEqual(ids.map(() => [0, '']))
    expect(ids.map((id) => visited(here, id).taken)).toEqual([1_500, 1_500])
  }
  for (const user of ['ann', 'bob']) expect(await counted(await imapClient(here, user))).toBe(1_500)
  for (const client of boxes) expect(await counted(client)).toBe(1_500)
}, 300_000)

test.each([
  ['imap', 'cat'],
  ['pop3', 'dan'],
] as const)(
  '%s with STARTTLS: what was taken goes there',
  async (protocol, user) => {
    const client = await dovecot(user)
    await fill(client, 20)
    const id = await addFetch(user, { protocol, port: `${there.ports[protocol]}` })
    const checked = await here.homepost(['fetch', 'check', id])
    expect(checked.stdout).toContain('It works. Messages there: ')
    expect(await runFetch(here, id)).toMatchObject({ code: 0 })
    expect(visited(here, id)).toEqual({ taken: 20, left: 0 })
    expect(await counted(client)).toBe(0)
    expect(await counted(await imapClient(here, user))).toBe(20)
  },
  60_000,
)

test('a certificate for another name is told, and no password is sent', async () => {
  const id = await addFetch('ann', {
    protocol: 'imap',
    host: '127.0.0.1',
    port: `${there.ports.imaps}`,
    tls: 'true',
  })
  expect((await runFetch(here, id)).stderr).toContain('it is for another name')
}, 60_000)
