import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createServer, type Server as TlsServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Internet,
  sharedKey,
  startInternet,
  type TestResolver,
} from '../../../test/support/dns/internet.ts'
import { keyPair } from '../../../test/support/loopback.ts'
import { type OutgoingMessage, writeMessage } from './wire/encode.ts'
import { type Message, readMessage } from './wire/message.ts'
import { nameToWire } from './wire/name.ts'
import { rrType } from './wire/types.ts'

const key = sharedKey(13)
const long = Array.from({ length: 8 }, (_, at) => `"${String(at).repeat(200)}"`).join(' ')

let net: Internet
let resolver: TestResolver
let server: TestResolver

beforeAll(async () => {
  net = await startInternet({
    'plain.test': {
      lines: [
        'www.plain.test. 300 A 192.0.2.1',
        'alias.plain.test. 300 CNAME www.plain.test.',
        `long.plain.test. 300 TXT ${long}`,
      ],
      key,
    },
    'broken.test': { lines: ['www.broken.test. 300 A 192.0.2.1'], parentSays: key },
    'unsigned.test': { lines: ['www.unsigned.test. 300 A 192.0.2.1'] },
  })
  server = await net.resolver({ serve: { addresses: ['127.0.0.1'], port: 0, allowed: ['127.0.0.0/8'] } })
})
afterAll(() => net.stop())

type Asking = Partial<OutgoingMessage> & {
  readonly name?: string
  readonly type?: number
  readonly do?: boolean
}

function question({ name = 'www.plain.test', type = 1, do: dnssecOk = false, ...more }: Asking): Buffer {
  return writeMessage({
    id: 99,
    isResponse: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticated: false,
    checkingDisabled: false,
    rcode: 0,
    question: { rawName: nameToWire(name), type },
    edns: { udpSize: 1232, dnssecOk },
    ...more,
  })
}

async function overUdp(octets: Buffer, port = server.port()): Promise<Message> {
  const socket = createSocket('udp4')
  socket.send(octets, port, '127.0.0.1')
  const [answer] = (await once(socket, 'message')) as [Buffer]
  socket.close()
  return readMessage(answer)
}

async function overTcp(...all: Buffer[]): Promise<Message[]> {
  const socket = connect(server.port(), '127.0.0.1')
  for (const octets of all)
    socket.write(Buffer.concat([Uint8Array.of(octets.length >> 8, octets.length & 255), octets]))
  let pieces = Buffer.alloc(0)
  const messages: Message[] = []
  for await (const chunk of socket) {
    pieces = Buffer.concat([pieces, chunk as Buffer])
    while (pieces.length >= 2 && pieces.length >= 2 + pieces.readUInt16BE(0)) {
      const end = 2 + pieces.readUInt16BE(0)
      messages.push(readMessage(pieces.subarray(2, end)))
      pieces = pieces.subarray(end)
    }
    if (messages.length === all.length) break
  }
  return messages
}

const types = (message: Message) => message.answer.map(({ type }) => type)

describe('other containers are answered', () => {
  test('with the bit that says it was validated, for those who understand it', async () => {
    const secure = await overUdp(question({ authenticated: true }))
    expect(secure).toMatchObject({
      id: 99,
      isResponse: true,
      rcode: 0,
      authenticated: true,
      recursionAvailable: true,
    })
    expect(types(secure)).toEqual([rrType.A])
    expect(await overUdp(question({}))).toMatchObject({ authenticated: false })
    expect(await overUdp(question({ name: 'www.unsigned.test', authenticated: true }))).toMatchObject({
      authenticated: false,
    })
  })

  test('with signatures for those who ask for them', async () => {
    const signed = await overUdp(question({ name: 'alias.plain.test', do: true }))
    expect(types(signed)).toEqual([rrType.CNAME, rrType.RRSIG, rrType.A, rrType.RRSIG])
    const none = await overUdp(question({ name: 'no.plain.test', do: true }))
    expect(none).toMatchObject({ rcode: 3, authenticated: true })
    expect(new Set(none.authority.map(({ type }) => type))).toEqual(
      new Set([rrType.SOA, rrType.NSEC, rrType.RRSIG]),
    )
    expect((await overUdp(question({ name: 'no.plain.test' }))).authority.map(({ type }) => type)).toEqual([
      rrType.SOA,
    ])
  })

  test('with SERVFAIL and the reason where it does not validate, and as it is where they validate themselves', async () => {
    const bogus = await overUdp(question({ name: 'www.broken.test' }))
    expect(bogus).toMatchObject({ rcode: 2, answer: [] })
    expect(bogus.edns?.options.map(({ code, data }) => [code, data[1]])).toEqual([[15, 9]])
    expect(await overUdp(question({ name: 'www.broken.test', checkingDisabled: true }))).toMatchObject({
      rcode: 0,
      authenticated: false,
      answer: [{ type: rrType.A }],
    })
  })

  test('on a connection where it does not fit into a packet, several at once', async () => {
    const ask = { name: 'long.plain.test', type: rrType.TXT }
    expect(await overUdp(question(ask))).toMatchObject({ truncated: true, answer: [] })
    const answers = await overTcp(question(ask), question({ id: 100 }))
    expect(new Map(answers.map(({ id, answer }) => [id, answer.length]))).toEqual(
      new Map([
        [99, 1],
        [100, 1],
      ]),
    )
  })

  test.each([
    ['ANY', { type: rrType.ANY }, 0],
    ['a transfer', { type: 252 }, 4],
    ['another operation', { opcode: 5 }, 4],
    ['without recursion', { recursionDesired: false }, 5],
    ['no question', { question: undefined }, 1],
  ] as const)('%s is answered without work', async (_, asking, rcode) => {
    expect(await overUdp(question(asking))).toMatchObject({ rcode })
  })

  test('strangers are refused, and what is no question is not answered', async () => {
    const strict = await net.resolver({
      serve: { addresses: ['127.0.0.1'], port: 0, allowed: ['192.0.2.0/24'] },
    })
    const refused = await overUdp(question({}), strict.port())
    expect(refused).toMatchObject({ rcode: 5, answer: [] })
    expect(refused.edns?.options.map(({ data }) => data[1])).toEqual([18])
    const socket = connect(server.port(), '127.0.0.1')
    socket.write(Buffer.from([0, 3, 1, 2, 3]))
    socket.resume()
    await once(socket, 'close')
  })
})

describe('other resolvers can be asked instead of the root', () => {
  test('and what they say is validated here', async () => {
    resolver = await net.resolver({ forwardTo: [{ ip: '127.0.0.1', port: server.port() }], rootHints: [] })
    expect(await resolver.ask('alias.plain.test')).toMatchObject({ kind: 'records', security: 'secure' })
    expect(await resolver.ask('no.plain.test')).toMatchObject({ kind: 'no-name', security: 'secure' })
    expect(await resolver.ask('www.unsigned.test')).toMatchObject({ kind: 'records', security: 'insecure' })
    expect(await resolver.ask('www.broken.test')).toMatchObject({ kind: 'bogus' })
    expect(await resolver.ask('long.plain.test', 'TXT')).toMatchObject({
      kind: 'records',
      security: 'secure',
    })
  })

  test('over TLS, with a certificate that has their name', async () => {
    const pair = await keyPair()
    const far = await tlsInFrontOf(server.port(), pair)
    const upstream = { ip: '127.0.0.1', port: far.port, tlsName: 'mail.home.test', ca: pair.certificate }
    const safe = await net.resolver({ forwardTo: [upstream] })
    expect(await safe.ask('www.plain.test')).toMatchObject({ kind: 'records', security: 'secure' })
    const wrong = await net.resolver({ forwardTo: [{ ...upstream, tlsName: 'other.test' }] })
    expect(await wrong.ask('www.plain.test')).toMatchObject({ kind: 'later' })
    await safe.close()
    far.server.close()
  })
})

async function tlsInFrontOf(
  port: number,
  pair: { key: string; certificate: string },
): Promise<{ server: TlsServer; port: number }> {
  const made = createServer({ key: pair.key, cert: pair.certificate }, (socket) => {
    const inner = connect(port, '127.0.0.1')
    socket.on('error', () => inner.destroy())
    inner.on('error', () => socket.destroy())
    socket.pipe(inner).pipe(socket)
  })
  made.on('tlsClientError', () => undefined)
  made.listen(0, '127.0.0.1')
  await once(made, 'listening')
  const address = made.address()
  return { server: made, port: typeof address === 'object' && address ? address.port : 0 }
}
