import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ImapFlow } from 'imapflow'
import { createTransport } from 'nodemailer'
import { expect, onTestFinished, test } from 'vitest'
import { startServer, type TestServer } from '../support/server.ts'

const soon = { timeout: 20_000, interval: 100 }

async function start(env: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const server = await startServer({ env })
  onTestFinished(async () => void (await server.stop()))
  return server
}

async function done(server: TestServer, args: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await server.homepost(args, input)
  if (code !== 0) throw new Error(`${args.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

/** Says each line when the one before is answered; the last line of each answer, and of `last` answers at the end. */
function talk(port: number, lines: readonly string[], last = 1): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const answers: string[] = []
    const ahead = [...lines]
    let rest = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const [tail = '', ...whole] = (rest + chunk).split('\r\n').toReversed()
      rest = tail
      for (const line of whole.toReversed()) {
        if (/^\d{3}-/.test(line)) continue
        answers.push(line)
        const next = ahead.shift()
        if (next !== undefined) socket.write(`${next}\r\n`)
        if (answers.length === lines.length + last) socket.end()
      }
    })
    socket.on('close', () => resolve(answers))
    socket.on('error', reject)
  })
}

/** What Mailu's tests put in: a hash of `password`, and a list that is one text. */
const mailuUsers = `users:
  - localpart: forwardinguser
    password_hash: "$1$F2OStvi1$Q8hBIHkdJpJkJn/TrMIZ9/"
    hash_scheme: MD5-CRYPT
    domain: example.test
    forward_enabled: true
    forward_destination: ["user@example.test"]
  - localpart: replyuser
    password_hash: "$1$F2OStvi1$Q8hBIHkdJpJkJn/TrMIZ9/"
    hash_scheme: MD5-CRYPT
    domain: example.test
    reply_enabled: true
    reply_subject: This will not reach me
    reply_body: Cause this is just a test
aliases:
  - localpart: alltheusers
    domain: example.test
    destination: "admin@example.test,user@example.test,user/with/slash@example.test"
`
const ofMailu: Readonly<Record<string, string>> = { forwardinguser: 'password', replyuser: 'password' }

async function texts({ ports }: TestServer, user: string, mailbox = 'INBOX'): Promise<string[]> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: ports.imaps,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: `${user}@example.test`, pass: ofMailu[user] ?? 'pw' },
    logger: false,
  })
  await client.connect()
  const found: string[] = []
  const { exists } = await client.mailboxOpen(mailbox)
  if (exists > 0)
    for await (const { source } of client.fetch('1:*', { source: true })) found.push(source?.toString() ?? '')
  await client.logout()
  return found
}

function send({ ports }: TestServer, to: readonly string[], text: string, from = 'admin'): Promise<unknown> {
  return createTransport({
    host: '127.0.0.1',
    port: ports.submissions,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: `${from}@example.test`, pass: 'pw' },
  }).sendMail({
    from: `${from}@example.test`,
    to: to.map((one) => `${one}@example.test`).join(', '),
    subject: 'A test',
    text,
  })
}

test('what Mailu tests: forwards, an alias of many, an auto-reply', async () => {
  const server = await start()
  await server.addUsers('admin', 'user', 'user/with/slash')
  await done(server, ['config-update', '-v', '1'], mailuUsers)

  await send(server, ['forwardinguser'], 'message-forwarded')
  await expect.poll(() => texts(server, 'user'), soon).toEqual([expect.stringContaining('message-forwarded')])
  expect(await texts(server, 'forwardinguser')).toEqual([expect.stringContaining('message-forwarded')])

  await send(server, ['alltheusers'], 'message-alias')
  for (const one of ['admin', 'user', 'user/with/slash'])
    await expect.poll(() => texts(server, one), soon).toContainEqual(expect.stringContaining('message-alias'))

  await send(server, ['replyuser'], 'message-reply')
  await expect
    .poll(() => texts(server, 'replyuser'), soon)
    .toEqual([expect.stringContaining('message-reply')])
  const answers = async () =>
    (await texts(server, 'admin')).filter((text) => text.includes('Cause this is just a test'))
  await expect.poll(answers, soon).toHaveLength(1)
  expect((await answers())[0]).toContain('Subject: This will not reach me\r\n')
  await send(server, ['replyuser'], 'message-reply-2')
  expect(await answers()).toHaveLength(1)
}, 60_000)

async function prepareFour(server: TestServer): Promise<void> {
  await server.addUsers('full', 'refuses', 'forwards', 'keeps', 'target')
  await done(server, ['user', 'set', 'full@example.test', '--quota', '1'])
  await done(server, [
    'user',
    'set',
    'forwards@example.test',
    '--forward-enabled',
    '--forward-keep',
    'false',
    '--forward-to',
    'target@example.test',
  ])
  await done(
    server,
    ['sieve', 'put', 'refuses@example.test', 'main'],
    'require "reject"; reject "Not wanted.";',
  )
  await done(server, ['sieve', 'activate', 'refuses@example.test', 'main'])
  await send(server, ['full'], 'x'.repeat(2_000), 'keeps')
}

async function four(env: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const server = await start(env)
  await prepareFour(server)
  return server
}

const message = ['From: <keeps@example.test>', 'Subject: Four', '', 'To four.', '.'].join('\r\n')
const names = ['full', 'refuses', 'forwards', 'keeps']

async function outcome(server: TestServer): Promise<Record<string, number>> {
  const counts = ['full', 'refuses', 'forwards', 'target'].map(async (name) => {
    const found = (await texts(server, name)).filter((text) => text.includes('To four.'))
    return [name, found.length] as const
  })
  return Object.fromEntries(await Promise.all(counts))
}

test('four recipients by SMTP: each has what it should, and the refusal travels', async () => {
  const server = await four()
  const answers = await talk(server.ports.smtp, [
    'EHLO client.test',
    'MAIL FROM:<keeps@example.test>',
    ...names.map((name) => `RCPT TO:<${name}@example.test>`),
    'DATA',
    message,
  ])
  expect(answers.slice(2, 8).map((line) => line.slice(0, 9))).toEqual([
    '250 2.1.0',
    '452 4.2.2',
    '250 2.1.5',
    '250 2.1.5',
    '250 2.1.5',
    expect.stringMatching(/^354/),
  ])
  expect(answers.at(-1)).toMatch(/^250 /)
  expect(await outcome(server)).toEqual({ full: 0, refuses: 0, forwards: 0, target: 1 })
  const kept = await texts(server, 'keeps')
  expect(kept.filter((text) => text.includes('To four.'))).toHaveLength(1)
  expect(kept.filter((text) => text.includes('report-type=disposition-notification'))).toHaveLength(1)
}, 60_000)

test('four recipients by LMTP: each hears for himself', async () => {
  const server = await four({ PORTS: '25,80,143,443,465,587,993,2525' })
  const answers = await talk(
    server.ports.smtp + 2_500,
    [
      'LHLO client.test',
      'MAIL FROM:<keeps@example.test>',
      ...names.map((name) => `RCPT TO:<${name}@example.test>`),
      'DATA',
      message,
    ],
    3,
  )
  expect(answers.slice(-3).map((line) => line.slice(0, 9))).toEqual(['550 5.7.1', '250 2.0.0', '250 2.0.0'])
  expect(await outcome(server)).toEqual({ full: 0, refuses: 0, forwards: 0, target: 1 })
  expect((await texts(server, 'keeps')).filter((text) => text.includes('report-type'))).toEqual([])
}, 60_000)

/** Messages of the dialogue above, one after the other, until the server is gone. */
async function keepSending(
  port: number,
  { hello, replies, name }: { readonly hello: string; readonly replies: number; readonly name: string },
  acknowledged: string[],
  signal: AbortSignal,
): Promise<void> {
  for (let n = 0; !signal.aborted; n++) {
    const id = `m${name}-${n}.`
    const lines = [
      hello,
      'MAIL FROM:<keeps@example.test>',
      ...names.map((one) => `RCPT TO:<${one}@example.test>`),
      'DATA',
      message.replace('To four.', `To four. ${id}`),
    ]
    const answers = await talk(port, lines, replies).catch(() => [])
    if (answers.length === lines.length + replies && answers.at(-1)?.startsWith('250 ')) acknowledged.push(id)
  }
}

const ways = [
  { protocol: 'SMTP', hello: 'EHLO c.test', replies: 1, port: ({ ports }: TestServer) => ports.smtp },
  // Who refuses is told in the reply, so no report travels.
  { protocol: 'LMTP', hello: 'LHLO c.test', replies: 3, port: ({ ports }: TestServer) => ports.smtp + 2_500 },
] as const

test.each(ways)(
  'killed in between, each message by $protocol has all of its outcomes or none',
  async (way) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'homepost-rules-'))
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
    const env = { PORTS: '25,80,143,443,465,587,993,2525' }
    const first = await startServer({ dataDir, env })
    await prepareFour(first)
    const acknowledged: string[] = []
    const stopping = new AbortController()
    const clients = ['a', 'b', 'c'].map((name) =>
      keepSending(way.port(first), { ...way, name }, acknowledged, stopping.signal),
    )
    await expect.poll(() => acknowledged.length, soon).toBeGreaterThan(20)
    await first.stop('SIGKILL')
    stopping.abort()
    await Promise.all(clients)
    const server = await startServer({ dataDir, env })
    onTestFinished(async () => void (await server.stop()))
    const [full, refuses, target, keeps] = await Promise.all(
      ['full', 'refuses', 'target', 'keeps'].map((name) => texts(server, name)),
    )
    const kept = keeps?.filter((text) => !text.includes('report-type=')) ?? []
    const reports = (keeps?.length ?? 0) - kept.length
    const idsOf = (found: readonly string[] = []) =>
      found.flatMap((text) => /To four\. (m\S+)/.exec(text)?.[1] ?? []).toSorted()
    expect(idsOf(kept)).toEqual(idsOf(target))
    expect([...idsOf(full), ...idsOf(refuses)]).toEqual([])
    expect(reports).toBe(way.protocol === 'SMTP' ? kept.length : 0)
    expect(new Set(idsOf(kept)).size).toBe(kept.length)
    expect(acknowledged.filter((id) => !idsOf(kept).includes(id))).toEqual([])
  },
  90_000,
)
