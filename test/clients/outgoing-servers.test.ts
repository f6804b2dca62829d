import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'
import { type FarServer, startExim, startPostfix, startSmtpSink } from './support/far-servers.ts'
import { messagesOf, transport } from './support/mailbox.ts'

// What we send, other people's servers take: Postfix, Exim, and Postfix's test server with its faults.

const folder = mkdtempSync(join(tmpdir(), 'homepost-outgoing-'))
const others: FarServer[] = []
let server: TestServer

const soon = { timeout: 12_000, interval: 100 }

async function relayed<T extends FarServer>(domain: string, far: T, protocol = ''): Promise<T> {
  others.push(far)
  const { code, stderr } = await server.homepost([
    'relay',
    'add',
    domain,
    '--target',
    `${protocol}127.0.0.1:${far.port}`,
  ])
  if (code !== 0) throw new Error(stderr)
  return far
}

beforeAll(async () => {
  // The others run as users of their own.
  chmodSync(folder, 0o755)
  await requireDebian('postfix', 'openssl')
  server = await startServer()
  await server.addUsers('ann')
})
afterAll(async () => {
  await server.stop()
  await Promise.all(others.map((other) => other.stop()))
  rmSync(folder, { recursive: true, force: true })
})

const send = (mail: object) =>
  transport(server, 'submissions').sendMail({ from: 'ann@example.test', ...mail })
const inbox = async () => (await messagesOf(server, 'ann')).map(String)
const lines = ['.', '..', '.x', 'grün', 'x'.repeat(900), '']

test('Postfix takes over TLS what we send, octet by octet, and its report of success comes home', async () => {
  const postfix = await relayed('far.test', await startPostfix(join(folder, 'postfix'), server.ports.smtp))
  const raw = `From: ann@example.test\r\nTo: x@far.test\r\nSubject: All\r\n\r\n${lines.join('\r\n')}\r\n`
  await send({
    envelope: { from: 'ann@example.test', to: 'x@far.test' },
    raw,
    dsn: { id: 'e1', return: 'headers', notify: 'success', recipient: 'ann@example.test' },
  })
  await expect.poll(() => postfix.messages().length, soon).toBe(1)
  const [text = ''] = postfix.messages()
  expect(text).toMatch(/with ESMTPS id/)
  expect(
    text.replaceAll('\r\n', '\n').endsWith(Buffer.from(`\n\n${lines.join('\n')}\n`).toString('latin1')),
  ).toBe(true)
  await expect
    .poll(async () => (await inbox()).join('\n'), soon)
    .toMatch(
      /Action: delivered[\s\S]*Original-Envelope-Id: e1|Original-Envelope-Id: e1[\s\S]*Action: delivered/,
    )
})

test('Postfix refuses somebody else’s domain, and ann hears its words', async () => {
  const [postfix] = others
  if (!postfix) throw new Error('no Postfix')
  await server.homepost(['relay', 'add', 'else.test', '--target', `127.0.0.1:${postfix.port}`])
  await send({ to: 'x@else.test', text: 'x' })
  await expect
    .poll(async () => (await inbox()).join('\n'), soon)
    .toMatch(/x@else\.test[\s\S]*Relay\s+access\s+denied/)
})

test('Exim takes five megabytes and names beyond ASCII in chunks; who is nobody there comes back', async () => {
  const exim = await relayed('exim.test', await startExim(join(folder, 'exim')))
  const attachments = [{ filename: 'big.dat', content: Buffer.alloc(5_000_000, 'homepost') }]
  await send({ to: 'x@exim.test', subject: 'Größe', attachments })
  await expect.poll(() => exim.messages().length, soon).toBe(1)
  expect(exim.messages()[0]?.length).toBeGreaterThan(6_700_000)
  await send({ to: 'nobody@exim.test', text: 'x' })
  await expect
    .poll(async () => (await inbox()).join('\n'), soon)
    .toMatch(/Final-Recipient: rfc822; nobody@exim\.test/)
})

const waits = /"outgoing\.later"/
const returns = /"outgoing\.never"/
const arrives = /"outgoing\.done"/

test.each<[string, readonly string[], RegExp]>([
  ['nothing-but-helo', ['-e'], arrives],
  ['no-8bitmime', ['-8'], arrives],
  ['no-pipelining', ['-p'], arrives],
  ['no-dsn', ['-N'], arrives],
  ['pix', ['-P'], arrives],
  ['slow-data', ['-w', '1'], arrives],
  ['busy-mail', ['-r', 'MAIL'], waits],
  ['busy-rcpt', ['-r', 'RCPT'], waits],
  ['busy-end', ['-r', '.'], waits],
  ['refused-mail', ['-f', 'MAIL'], returns],
  ['refused-rcpt', ['-f', 'RCPT'], returns],
  ['refused-data', ['-f', 'DATA'], returns],
  ['refused-end', ['-f', '.'], returns],
  ['gone-at-ehlo', ['-q', 'EHLO'], waits],
  ['gone-at-rcpt', ['-q', 'RCPT'], waits],
  ['gone-at-end', ['-q', '.'], waits],
  ['leaving-at-mail', ['-Q', 'MAIL'], waits],
  ['unwelcome', ['-f', 'CONNECT'], waits],
])('smtp-sink, %s (%j)', async (name, options, expected) => {
  await relayed(`${name}.test`, await startSmtpSink(...options))
  await send({ to: `x@${name}.test`, subject: 'Grün', text: 'grün\n.\n' })
  const ownLines = () =>
    server
      .output()
      .split('\n')
      .filter((line) => line.includes(`"x@${name}.test"`) && line.includes('"outgoing.'))
      .join('\n')
  await expect.poll(ownLines, soon).toMatch(expected)
})

test('smtp-sink takes LMTP', async () => {
  await relayed('lmtp.test', await startSmtpSink('-L'), 'lmtp:')
  await send({ to: 'x@lmtp.test', text: 'x' })
  await expect.poll(() => server.output(), soon).toMatch(/"to":"x@lmtp\.test".*"outgoing\.done"/)
})
