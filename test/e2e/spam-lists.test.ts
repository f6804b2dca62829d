import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { createTransport } from 'nodemailer'
import { expect, onTestFinished, test } from 'vitest'
import { transport } from '../clients/support/mailbox.ts'
import { zipOf } from '../support/documents.ts'
import { startMailInternet } from '../support/mail-internet.ts'
import { startServer, type TestServer } from '../support/server.ts'

/** A server in a world with two lists: of computers and of names. */
async function start(): Promise<TestServer> {
  const net = await startMailInternet({
    'zen.test': {
      lines: ['9.113.0.203.zen.test. 300 A 127.0.0.9', '7.100.51.198.zen.test. 300 A 127.0.0.2'],
    },
    'dbl.test': { lines: ['pills.shop.dbl.test. 300 A 127.0.1.2'] },
    'uribl.test': { lines: ['friends.shop.uribl.test. 300 A 127.0.0.1'] },
  })
  const server = await startServer({
    env: {
      ...net.env,
      DNS_LISTS:
        'zen.spamhaus.org=zen.test, dbl.spamhaus.org=dbl.test, multi.uribl.com=uribl.test, -bl.blocklist.de',
      // Whoever is listed would be asked to come again.
      GREYLISTING: 'false',
      PROXY_PROTOCOL: '25',
      REAL_IP_FROM: '127.0.0.0/8',
    },
  })
  onTestFinished(async () => void (await server.stop()))
  await server.addUsers('ann')
  return server
}

/** From somewhere else in the world, as a proxy in front would say. */
function from(ip: string, { ports }: TestServer) {
  const sender = createTransport({ name: 'mail.shop', ignoreTLS: true, tls: { rejectUnauthorized: false } })
  sender.getSocket = (_, done) => {
    const socket = connect(ports.smtp, '127.0.0.1', () => {
      socket.write(`PROXY TCP4 ${ip} 192.0.2.1 4711 25\r\n`)
      done(null, { connection: socket })
    })
  }
  return sender
}

const letter = (text: string, more: object = {}) => ({
  from: '"A shop" <news@shop.shop>',
  to: 'ann@example.test',
  subject: 'News',
  text,
  ...more,
})

/** Why the last message was judged as it was. */
function why(server: TestServer): string {
  const line = server
    .output()
    .split('\n')
    .findLast((one) => one.includes('message.judged'))
  return String((JSON.parse(line ?? '{}') as { why?: string }).why)
}

test('who stands on lists of the world is judged by it: the computer, those before it, and names in the text', async () => {
  const server = await start()
  await from('203.0.113.9', server).sendMail(letter('hello'))
  expect(why(server)).toContain('RBL_SPAMHAUS_DROP(7; 203.0.113.9)')
  await from('203.0.113.10', server).sendMail(
    letter('hello', {
      headers: { Received: 'from x (x [198.51.100.7]) by shop.shop; Sat, 21 Nov 2026 10:00:00 +0000' },
    }),
  )
  expect(why(server)).toContain('RECEIVED_SPAMHAUS_SBL(3; 198.51.100.7)')
  await from('203.0.113.10', server).sendMail(letter('see http://www.pills.shop/buy'))
  expect(why(server)).toContain('DBL_SPAM(6.5; pills.shop)')
  await from('203.0.113.10', server).sendMail(letter('see http://198.51.100.7/'))
  expect(why(server)).toContain('URIBL_SBL(6.5; 198.51.100.7)')
  await from('203.0.113.10', server).sendMail(letter('see http://friends.shop/'))
  expect(why(server)).not.toContain('URIBL')
  expect(server.output()).toContain('spam.lists-refuse')
}, 60_000)

test('where no name server answers, mail is judged without lists, and the log says so once', async () => {
  const server = await startServer()
  onTestFinished(async () => void (await server.stop()))
  await server.addUsers('ann')
  const began = Date.now()
  for (let number = 0; number < 5; number++)
    await transport(server, 'plain').sendMail(letter(`number ${number}: http://www.pills.shop/`))
  expect(Date.now() - began).toBeLessThan(15_000)
  expect(server.output().match(/spam\.lists-silent/g)?.length).toBe(1)
}, 60_000)

test('what nobody should attach is refused, from strangers and from our own people', async () => {
  const server = await startServer()
  onTestFinished(async () => void (await server.stop()))
  await server.addUsers('ann')
  const attached = letter('look', { attachments: [{ filename: 'holiday.jpg.scr', content: 'x' }] })
  await expect(transport(server, 'plain').sendMail(attached)).rejects.toThrow(/550.*Forbidden attachment/)
  await expect(
    transport(server, 'submissions').sendMail({ ...attached, from: 'ann@example.test' }),
  ).rejects.toThrow(/550.*Forbidden attachment/)
}, 60_000)

test('archives are looked into, small ones and large ones', async () => {
  const server = await startServer()
  onTestFinished(async () => void (await server.stop()))
  await server.addUsers('ann')
  const send = (filename: string, content: Buffer) =>
    transport(server, 'plain').sendMail(letter('look', { attachments: [{ filename, content }] }))
  await send('holiday.zip', zipOf({ 'holiday.jpg.js': 'x' }))
  expect(why(server)).toContain('SINGLE_FILE_ARCHIVE_WITH_EXE(5; holiday.jpg.js)')
  await send('large.zip', zipOf({ 'holiday.dat': randomBytes(2_000_000), 'holiday.js': 'x' }))
  expect(why(server)).toContain('MIME_BAD_EXTENSION(2; holiday.js)')
}, 60_000)
