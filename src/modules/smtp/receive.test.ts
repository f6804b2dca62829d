import { type Duplex, duplexPair } from 'node:stream'
import { expect, test } from 'vitest'
import { createFakeClock } from '../../../test/support/fakes/clock.ts'
import { createRecordingIntake } from '../../../test/support/fakes/intake.ts'
import { createFakeMessageBytes } from '../../../test/support/fakes/message-bytes.ts'
import { createFakeLog, silentMeter } from '../../../test/support/fakes/runtime.ts'
import { parseAddress } from '../../lib/address.ts'
import { nextTurn } from '../../platform/next-turn.ts'
import type { Connection } from '../../ports/connection.ts'
import { createSmtp } from './index.ts'
import type { SmtpSettings } from './settings.ts'

const postmaster = parseAddress('postmaster@home.test') ?? expect.fail()
const never = () => Promise.reject(new Error('not in this test'))

function createServer(settings: Partial<SmtpSettings> = {}) {
  const clock = createFakeClock()
  const log = createFakeLog()
  const bytes = createFakeMessageBytes()
  const smtp = createSmtp({
    intake: createRecordingIntake(bytes),
    bytes,
    credentials: { verify: never },
    scram: { begin: never, finish: never },
    oldServers: { enter: never },
    senders: { maySendAs: never, spendAllowance: never },
    clock,
    log,
    meter: silentMeter,
    settings: {
      hostname: 'mail.home.test',
      postmaster,
      messageSizeLimit: 0,
      trustedNetworks: ['10.0.0.0/8'],
      allowPlaintextAuth: false,
      offerScram: true,
      inboundTlsEnforce: false,
      refuseEarlyTalkers: false,
      ...settings,
    },
  })
  return { clock, log, bytes, smtp }
}

function connection(stream: Duplex, ip: string): Connection {
  return {
    id: 'c1',
    stream,
    ip,
    port: 1,
    listener: 'smtp',
    tls: undefined,
    mayStartTls: false,
    startTls: never,
    channelBinding: () => undefined,
  }
}

async function heardBy(client: Duplex): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of client) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

test.each([
  [true, '192.0.2.1', /^554 5\.5\.0 Wait for the greeting\r\n$/, true],
  [false, '192.0.2.1', /^220 .*\r\n221 /, true],
  [true, '10.0.0.1', /^220 .*\r\n221 /, false],
])('refusing early talkers (%s): %s hears %s', async (refuseEarlyTalkers, ip, heard, noted) => {
  const { smtp, log } = createServer({ refuseEarlyTalkers })
  const [client, server] = duplexPair()
  client.end('QUIT\r\n')
  const [text] = await Promise.all([heardBy(client), smtp.arriving.serve(connection(server, ip))])
  expect(text).toMatch(heard)
  expect(log.events.some(({ event }) => event === 'smtp.early-talker')).toBe(noted)
})

test('a client that never reads costs its buffer, and is let go in bounded time', async () => {
  const { smtp, clock } = createServer({ limits: { chores: 1e9, commandMs: 60_000 } })
  const [client, server] = duplexPair()
  const served = smtp.arriving.serve(connection(server, '192.0.2.1'))
  let sent = 0
  const pour = () => {
    while (sent < 200_000 && client.write('NOOP\r\n')) sent++
  }
  client.on('drain', pour)
  pour()
  while (!server.writableNeedDrain) await nextTurn()
  await clock.advance(30_000)
  expect(server.writableLength).toBeLessThan(1_000_000)
  expect(sent).toBeLessThan(200_000)
  await clock.advance(60_000)
  await served
  expect(server.destroyed).toBe(true)
})

test('a client that sends faster than the store writes is held back', async () => {
  const { smtp, bytes } = createServer()
  const [client, server] = duplexPair()
  let letGo: () => void = () => undefined
  const wait = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const write = bytes.write.bind(bytes)
  bytes.write = async (draft, chunk) => {
    await wait
    return write(draft, chunk)
  }
  const served = smtp.arriving.serve(connection(server, '192.0.2.1'))
  client.write('EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<ann@home.test>\r\nDATA\r\n\r\n')
  let sent = 0
  const line = `${'x'.repeat(62)}\r\n`.repeat(512)
  const pour = () => {
    while (sent < 100 && client.write(line)) sent++
    if (sent === 100) client.end('.\r\nQUIT\r\n')
  }
  client.on('drain', pour)
  pour()
  for (let turns = 0; turns < 100; turns++) await nextTurn()
  expect(sent).toBeLessThan(40)
  letGo()
  const [text] = await Promise.all([heardBy(client), served])
  expect(text).toMatch(/\r\n250 2\.0\.0 Accepted as \w+\r\n221 /)
})

test('who does not hang up after our last word is hung up on', async () => {
  const { smtp, clock } = createServer()
  const [client, server] = duplexPair()
  client.resume()
  client.write('QUIT\r\n')
  const served = smtp.arriving.serve(connection(server, '10.0.0.1'))
  await clock.advance(10_000)
  await served
  expect(server.destroyed).toBe(true)
})
