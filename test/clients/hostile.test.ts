import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/server.ts'
import { imapClient, messagesOf, transport } from './support/mailbox.ts'
import { inData, RawClient } from './support/raw.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
  await server.addUsers('ann', 'bob')
  // What comes here looks like spam, and has to be found.
  await server.homepost(['user', 'set', 'ann@example.test', '--spam-enabled', 'false'])
})
afterAll(() => server.stop())

/** A plain message of somebody else: how long it takes while a bad client is busy. */
async function neighbourMilliseconds(): Promise<number> {
  const start = performance.now()
  await transport(server, 'plain').sendMail({
    from: 'n@example.org',
    to: 'bob@example.test',
    subject: 'neighbour',
    text: 'x',
  })
  return performance.now() - start
}

describe('a bad client hurts nobody else', () => {
  test('a 5 MB header is stored or refused clearly, and others are served meanwhile', async () => {
    const client = await inData(server.ports.smtp, 'ann@example.test')
    const line = `X-Long: ${'a'.repeat(900)}\r\n`
    const sending = (async () => {
      for (let size = 0; size < 5_000_000; size += line.length) await client.write(line)
      await client.write('\r\nbody\r\n.\r\n')
    })()
    expect(await neighbourMilliseconds()).toBeLessThan(2_000)
    await sending
    expect(await client.until(/\d{3} .*\r\n/)).toMatch(/^(250 2\.|55\d 5\.)/)
    client.end()
  })

  test('one header line of 5 MB without an end is answered within bounds', async () => {
    const client = await inData(server.ports.smtp, 'ann@example.test')
    for (let size = 0; size < 5_000_000; size += 65_536) await client.write('a'.repeat(65_536))
    await client.write('\r\n\r\nbody\r\n.\r\n')
    expect(await client.until(/\d{3} .*\r\n/)).toMatch(/^(250 2\.|5\d\d 5\.)/)
    client.end()
  })

  test('3,000 nested parts arrive whole and can be asked for', async () => {
    const client = await inData(server.ports.smtp, 'ann@example.test')
    const depth = 3_000
    let head = 'Subject: nested\r\nMIME-Version: 1.0\r\n'
    for (let level = 0; level < depth; level++) {
      head += `Content-Type: multipart/mixed; boundary="b${level}"\r\n\r\n--b${level}\r\n`
    }
    await client.write(`${head}Content-Type: text/plain\r\n\r\ndeep\r\n`)
    for (let level = depth - 1; level >= 0; level--) await client.write(`--b${level}--\r\n`)
    await client.write('.\r\n')
    expect(await client.until(/\d{3} .*\r\n/)).toMatch(/^250 2\./)
    client.end()
    const imap = await imapClient(server, 'ann')
    const lock = await imap.getMailboxLock('INBOX')
    const [found = 0] = (await imap.search({ subject: 'nested' }, { uid: true })) || []
    const message = await imap.fetchOne(
      String(found),
      { source: true, bodyStructure: true, envelope: true },
      { uid: true },
    )
    lock.release()
    await imap.logout()
    expect(message ? message.source?.toString() : '').toContain('\r\ndeep\r\n')
  })

  test('a client that sends one byte a second is sent away in bounded time', async () => {
    const short = await startServer({ env: { SMTP_COMMAND_TIMEOUT_SECONDS: '5' } })
    try {
      const client = await RawClient.open(short.ports.smtp)
      await client.until(/^220 .*\r\n/)
      const drip = setInterval(() => client.socket.write('N'), 1_000)
      const answer = await client.until(/421 .*\r\n/, 60_000).finally(() => clearInterval(drip))
      expect(answer).toMatch(/421 4\.4\.2 /)
      client.end()
    } finally {
      await short.stop()
    }
  })

  test.each([
    ['LF.LF', '\n.\nMAIL FROM:<evil@example.org>\r\n'],
    ['LF.CRLF', '\n.\r\nMAIL FROM:<evil@example.org>\r\n'],
    ['CRLF.LF', '\r\n.\nMAIL FROM:<evil@example.org>\r\n'],
    ['CR.CR', '\r.\rMAIL FROM:<evil@example.org>\r\n'],
    ['CRLF.CR', '\r\n.\rMAIL FROM:<evil@example.org>\r\n'],
  ])('%s does not end a message', async (_name, trick) => {
    const client = await inData(server.ports.smtp, 'ann@example.test')
    await client.write(`Subject: smuggle\r\n\r\nbody${trick}more\r\n.\r\n`)
    const answer = await client.until(/\d{3} .*\r\n/)
    expect(answer).toMatch(/^(250 2|550 5)/)
    const after = await client.say('NOOP', /\d{3} .*\r\n/)
    expect(after).toMatch(/^250 2/)
    expect(client.received).toBe('')
    client.end()
  })
})

describe('many clients', () => {
  test('2,000 connections are held while others are served, or are told why not', async () => {
    const clients: RawClient[] = []
    let refused = 0
    for (let batch = 0; batch < 20; batch++) {
      const opened = await Promise.all(
        Array.from({ length: 100 }, async () => {
          const client = await RawClient.open(server.ports.imap)
          const greeting = await client.until(/^\* (OK|BYE) .*\r\n/).catch(() => '')
          if (!greeting.startsWith('* OK')) refused++
          return client
        }),
      )
      clients.push(...opened)
    }
    // Whatever the limit says, it is said in words, and port 25 still answers.
    if (refused > 0) expect(server.output()).toMatch(/limit/i)
    expect(await neighbourMilliseconds()).toBeLessThan(3_000)
    for (const client of clients) client.end()
  }, 120_000)

  test('a low file limit is warned about at start, with what to do', async () => {
    const limited = await startServer({ wrap: ['bash', '-c', 'ulimit -n 512; exec "$@"', 'limited'] })
    try {
      expect(limited.output()).toMatch(/ulimit|LimitNOFILE|open files/i)
    } finally {
      await limited.stop()
    }
  })
})

test('bytes of all those messages agree with the index afterwards', async () => {
  expect((await messagesOf(server, 'ann')).length).toBeGreaterThan(0)
  const { code, stdout } = await server.homepost(['store', 'verify'])
  expect(stdout).not.toMatch(/problem:/i)
  expect(code).toBe(0)
})
