import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientSessionOptions,
  connect,
  type OutgoingHttpHeaders,
} from 'node:http2'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { WebClient, WebHandler } from '../../src/ports/web.ts'
import { createFakeClock } from '../support/fakes/clock.ts'
import { http2Frame as frame, open, http2Preface as preface, secure, startFront } from './front-kit.ts'

const https = { name: 'https', tls: 'implicit' } as const
const echo: WebHandler = {
  fetch: async (request) => new Response(`${request.method} ${request.url} ${await request.text()}`),
}

async function session(
  to: { port: number } | { socket: Socket },
  options: ClientSessionOptions = {},
): Promise<ClientHttp2Session> {
  const tls = await secure(to, { ALPNProtocols: ['h2', 'http/1.1'] })
  expect(tls.alpnProtocol).toBe('h2')
  const client = connect('https://mail.test', { ...options, createConnection: () => tls })
  client.on('error', () => undefined)
  onTestFinished(() => client.destroy())
  return client
}

async function ask(client: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string | Buffer) {
  const stream = client.request(headers, { endStream: body === undefined })
  if (body !== undefined) stream.end(body)
  const [answer] = (await once(stream, 'response')) as [Record<string, string | number>]
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return { status: answer[':status'], headers: answer, text }
}

const ended = async (client: ClientHttp2Session) => {
  if (!client.destroyed) await once(client, 'close')
}

test('a browser that knows HTTP/2 gets it, several requests on one connection', async () => {
  const { port, meter } = await startFront({ listeners: [https], web: echo })
  const client = await session({ port: port('https') })
  const answers = await Promise.all(
    ['/a', '/b'].map((path) => ask(client, { ':path': path, ':method': 'POST' }, 'x')),
  )
  expect(answers.map(({ text }) => text)).toEqual([
    'POST https://mail.test/a x',
    'POST https://mail.test/b x',
  ])
  expect(await meter.render()).toContain('homepost_connections 1\n')
  client.close()
  await expect.poll(() => meter.render()).toContain('homepost_connections 0\n')
})

test.each([[['http/1.1']], [undefined]])('who offers %j gets HTTP/1.1', async (ALPNProtocols) => {
  const { port } = await startFront({ listeners: [https], web: echo })
  const tls = await secure({ port: port('https') }, ALPNProtocols ? { ALPNProtocols } : {})
  tls.write('GET / HTTP/1.1\r\nHost: mail.test\r\nConnection: close\r\n\r\n')
  const [first] = (await once(tls, 'data')) as [Buffer]
  expect(first.toString()).toMatch(/^HTTP\/1\.1 200 OK/)
})

test('each request is its client’s, as the PROXY header told', async () => {
  const clients: WebClient[] = []
  const hosts: (string | null)[] = []
  const web: WebHandler = {
    fetch: (request, client) => {
      clients.push(client)
      hosts.push(request.headers.get('host'))
      return new Response()
    },
  }
  const { port } = await startFront({ listeners: [{ ...https, proxyProtocol: true }], web })
  for (const ip of ['203.0.113.7', '203.0.113.8']) {
    const plain = await open(port('https'), `PROXY TCP4 ${ip} 192.0.2.9 4711 443\r\n`)
    plain.stream.removeAllListeners()
    const client = await session({ socket: plain.stream as Socket })
    await ask(client, { ':path': '/' })
    await ask(client, { ':path': '/' })
  }
  expect(clients.map(({ ip, secure: isSecure, loopback }) => ({ ip, isSecure, loopback }))).toEqual([
    ...Array.from({ length: 2 }, () => ({ ip: '203.0.113.7', isSecure: true, loopback: false })),
    ...Array.from({ length: 2 }, () => ({ ip: '203.0.113.8', isSecure: true, loopback: false })),
  ])
  expect(hosts).toEqual(Array.from({ length: 4 }, () => 'mail.test:443'))
})

test('more header fields than 16 KiB are not read', async () => {
  const { port } = await startFront({ listeners: [https], web: echo })
  const client = await session({ port: port('https') })
  await once(client, 'remoteSettings')
  expect(client.remoteSettings.maxHeaderListSize).toBe(16_384)
  const refused = ask(client, { ':path': '/', 'x-a': 'a'.repeat(9000), 'x-b': 'b'.repeat(9000) }).then(
    ({ status }) => status,
    () => 431,
  )
  expect(await refused).toBe(431)
})

test('a handler that fails is a 500 without a word of why', async () => {
  const web: WebHandler = { fetch: () => Promise.reject(new Error('the secret reason')) }
  const { port, events } = await startFront({ listeners: [https], web })
  const { status, text } = await ask(await session({ port: port('https') }), { ':path': '/' })
  expect([status, text]).toEqual([500, 'Something went wrong here.\n'])
  expect(JSON.stringify(events())).toContain('the secret reason')
})

test('no more than a hundred requests at once', async () => {
  let asked = 0
  const web: WebHandler = {
    fetch: () => {
      asked += 1
      return new Promise<Response>(() => undefined)
    },
  }
  const { port } = await startFront({ listeners: [https], web })
  const client = await session({ port: port('https') })
  await once(client, 'remoteSettings')
  expect(client.remoteSettings.maxConcurrentStreams).toBe(100)
  const tls = await raw(port('https'))
  for (let id = 1; id <= 301; id += 2) tls.write(headersFrame(id))
  await expect.poll(() => asked).toBe(100)
})

/** `:method GET`, `:scheme https`, `:path /` from the static table, `:authority` as a literal. RFC 7541 §6 */
const block = Buffer.concat([Buffer.from([0x82, 0x87, 0x84, 0x01, 9]), Buffer.from('mail.test')])
const headersFrame = (id: number, flags = 0x5) => frame(0x1, flags, id, block)

/** A client of hand-made frames, which has sent its settings, and confirms ours where it should. */
async function raw(port: number, confirms = true): Promise<TLSSocket> {
  const tls = await secure({ port }, { ALPNProtocols: ['h2'] })
  tls.on('error', () => undefined)
  tls.resume()
  tls.write(Buffer.concat([preface, frame(0x4, 0, 0), ...(confirms ? [frame(0x4, 0x1, 0)] : [])]))
  return tls
}

async function floods(tls: TLSSocket, piece: Buffer, times = 5000): Promise<void> {
  const closed = new Promise<void>((resolve) => tls.once('close', () => resolve()))
  for (let count = 0; count < times && !tls.destroyed && tls.writable; count += 1) {
    if (!tls.write(piece)) await Promise.race([once(tls, 'drain').catch(() => undefined), closed])
  }
  await closed
}

test.each([
  ['other.test', []],
  ['mail.test', ['mail.test']],
])('with the authority mail.test, a Host of %s reaches %j', async (host, reached) => {
  const hosts: (string | null)[] = []
  const web: WebHandler = {
    fetch: (request) => {
      hosts.push(request.headers.get('host'))
      return new Response()
    },
  }
  const { port } = await startFront({ listeners: [https], web })
  const tls = await raw(port('https'))
  const field = Buffer.concat([Buffer.from([0x00, 4]), Buffer.from('host'), Buffer.from([host.length])])
  tls.write(frame(0x1, 0x5, 1, Buffer.concat([block, field, Buffer.from(host)])))
  tls.write(headersFrame(3))
  await expect.poll(() => hosts.at(-1)).toBe('mail.test')
  expect(hosts).toEqual([...reached, 'mail.test'])
})

test('who takes back what it asks, again and again, is sent away', async () => {
  let asked = 0
  const web: WebHandler = {
    fetch: () => {
      asked += 1
      return new Promise<Response>(() => undefined)
    },
  }
  const { port, meter } = await startFront({ listeners: [https], web })
  const tls = await raw(port('https'))
  const closed = once(tls, 'close')
  const cancel = Buffer.from([0, 0, 0, 8])
  for (let id = 1; id < 4000 && tls.writable; id += 2) {
    tls.write(Buffer.concat([headersFrame(id), frame(0x3, 0, id, cancel)]))
    if (id % 16 === 1) await new Promise(setImmediate)
  }
  await closed
  expect(asked).toBeLessThan(250)
  await expect.poll(() => meter.render()).toContain('homepost_connections 0\n')
})

test.each([
  ['PING', frame(0x6, 0, 0, Buffer.alloc(8))],
  ['SETTINGS', frame(0x4, 0, 0)],
  ['empty DATA', frame(0x0, 0, 1)],
  ['CONTINUATION', frame(0x9, 0, 1, Buffer.from([0x0f, 0x00, 0x00, 0x00]))],
])('a flood of %s ends the connection', async (what, piece) => {
  const { port, meter } = await startFront({ listeners: [https], web: echo })
  const tls = await raw(port('https'))
  if (what === 'CONTINUATION') tls.write(headersFrame(1, 0x1))
  if (what === 'empty DATA') {
    const post = Buffer.concat([Buffer.from([0x83]), block.subarray(1)])
    tls.write(frame(0x1, 0x4, 1, post))
  }
  await floods(tls, piece)
  await expect.poll(() => meter.render()).toContain('homepost_connections 0\n')
})

test.each([
  ['does not begin with the preface', Buffer.from('GET / HTTP/1.1\r\nHost: mail.test\r\n\r\n')],
  ['sends a frame that is too long', Buffer.concat([preface, frame(0x4, 0, 0, Buffer.alloc(20_000))])],
  ['answers for us', Buffer.concat([preface, frame(0x4, 0, 0), frame(0x5, 0x4, 1, Buffer.alloc(20))])],
])('a client that %s is sent away', async (_what, octets) => {
  const { port, meter } = await startFront({ listeners: [https], web: echo })
  const tls = await secure({ port: port('https') }, { ALPNProtocols: ['h2'] })
  tls.on('error', () => undefined).resume()
  tls.write(octets)
  await once(tls, 'close')
  await expect.poll(() => meter.render()).toContain('homepost_connections 0\n')
})

test.each([
  ['confirms no settings in 15 s', false, 15_000],
  ['asks for nothing in a minute', true, 66_000],
])('a client that %s is sent away', async (_what, confirms, ms) => {
  const clock = createFakeClock()
  const { port, meter } = await startFront({ listeners: [https], web: echo, clock })
  const tls = await raw(port('https'), confirms)
  await expect.poll(() => meter.render()).toContain('homepost_connections 1\n')
  await vi.waitFor(async () => {
    await clock.advance(ms)
    expect(await meter.render()).toContain('homepost_connections 0\n')
  }, 20_000)
  tls.destroy()
})

test('stopping lets a request at hand end, and closes the others', async () => {
  let release: () => void = () => undefined
  let begun: () => void = () => undefined
  const arrived = new Promise<void>((resolve) => (begun = resolve))
  const web: WebHandler = {
    fetch: () => {
      begun()
      return new Promise((resolve) => {
        release = () => resolve(new Response('to the end'))
      })
    },
  }
  const { port, service } = await startFront({ listeners: [https], web })
  const idle = await session({ port: port('https') })
  const busy = await session({ port: port('https') })
  const answer = ask(busy, { ':path': '/' })
  await arrived
  const stopped = service.stop()
  await ended(idle)
  release()
  expect((await answer).text).toBe('to the end')
  await stopped
})
