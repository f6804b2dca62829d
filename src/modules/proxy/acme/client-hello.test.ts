import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { readClientHello } from './client-hello.ts'

let hello: Buffer

/** As Node says it. */
async function greeting(): Promise<Buffer> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const socket = connect(port, '127.0.0.1')
  const tls = connectTls({ socket, servername: 'Mail.Example.test', ALPNProtocols: ['acme-tls/1', 'x'] })
  tls.on('error', () => undefined)
  const [peer] = (await once(server, 'connection')) as [Socket]
  const [octets] = (await once(peer, 'data')) as [Buffer]
  peer.destroy()
  tls.destroy()
  server.close()
  return octets
}

beforeAll(async () => {
  hello = await greeting()
})

test('a greeting tells whom it wants, and which protocols it speaks', () => {
  expect(readClientHello(hello)).toEqual({
    serverName: 'mail.example.test',
    protocols: ['acme-tls/1', 'x'],
  })
})

test('every shorter one asks for more', () => {
  for (let length = 0; length < hello.length; length++)
    expect(readClientHello(hello.subarray(0, length)), String(length)).toBe('more')
})

test('one in many records is read as one', () => {
  const body = hello.subarray(5)
  const pieces = Array.from({ length: Math.ceil(body.length / 50) }, (_, index) => {
    const piece = body.subarray(index * 50, index * 50 + 50)
    return Buffer.concat([Buffer.from([22, 3, 1, piece.length >> 8, piece.length & 255]), piece])
  })
  expect(readClientHello(Buffer.concat(pieces))).toMatchObject({ serverName: 'mail.example.test' })
})

test.each([
  ['clear text', Buffer.from('EHLO client\r\n')],
  ['another handshake message', Buffer.from('160301000402000000', 'hex')],
  ['one of a megabyte', Buffer.from('1603010004010fffff', 'hex')],
])('%s is none', (_, octets) => {
  expect(readClientHello(octets)).toBe('none')
})

test('one in a thousand records is none, before all are there', () => {
  const records = Array.from({ length: 1000 }, () => Buffer.from([22, 3, 1, 0, 0]))
  expect(readClientHello(Buffer.concat(records))).toBe('none')
})

test('whatever octets come, it answers', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
      const changed = Buffer.from(hello)
      for (const [at, value] of changes) changed[at] = value
      readClientHello(changed)
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
      readClientHello(Buffer.from(octets))
    }),
  )
})
