import { expect, test } from 'vitest'
import { LineClient, open, secure, startFront } from './front-kit.ts'

const smtp = { proxyProtocol: true } as const
const header = 'PROXY TCP4 203.0.113.7 192.0.2.9 4711 25\r\n'
const binary = (command: string, body: string) =>
  Buffer.from(
    `0d0a0d0a000d0a515549540a${command}${(body.length / 2).toString(16).padStart(4, '0')}${body}`,
    'hex',
  )
const binaryClient = binary('2111', 'cb007107c000020912670019')

test.each([
  ['version 1', Buffer.from(header)],
  ['version 2', binaryClient],
])('a trusted proxy tells the client’s address, in %s', async (_version, bytes) => {
  const { port } = await startFront({ listeners: [smtp] })
  const client = await open(port(), bytes)
  expect(await client.line()).toBe('hello')
  expect(await client.ask('WHO')).toBe('203.0.113.7 4711 plain')
})

test.each([
  ['LOCAL', binary('2000', '')],
  ['UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n')],
])('%s is a connection of the proxy itself', async (_what, bytes) => {
  const { port } = await startFront({ listeners: [smtp] })
  const client = await open(port(), bytes)
  await client.line()
  expect(await client.ask('WHO')).toMatch(/^127\.0\.0\.1 \d+ plain$/)
})

test('what came in one packet with the header is the client’s first word', async () => {
  const { port } = await startFront({ listeners: [smtp] })
  const client = await open(port(), `${header}EARLY\r\nWHO\r\n`)
  expect(await client.line()).toBe('hello')
  expect(await client.line()).toBe('you said EARLY')
  expect(await client.line()).toBe('203.0.113.7 4711 plain')
})

test('the header may come octet by octet', async () => {
  const { port } = await startFront({ listeners: [smtp] })
  const client = await open(port())
  for (const octet of binaryClient) {
    client.write(Buffer.from([octet]))
    await new Promise(setImmediate)
  }
  await client.line()
  expect(await client.ask('WHO')).toBe('203.0.113.7 4711 plain')
})

test('under implicit TLS the header comes before the handshake', async () => {
  const { port } = await startFront({ listeners: [{ name: 'imaps', tls: 'implicit', proxyProtocol: true }] })
  const raw = await open(port('imaps'), binaryClient)
  raw.stream.removeAllListeners()
  const client = new LineClient(await secure({ socket: raw.stream as never }))
  await client.line()
  expect(await client.ask('WHO')).toBe('203.0.113.7 4711 TLSv1.3')
})

test('who is no trusted proxy is not let in, header or not', async () => {
  const { port, protocol, events } = await startFront({
    listeners: [smtp],
    settings: { trustedProxies: ['192.0.2.0/24'] },
  })
  const client = await open(port(), header)
  expect(await client.rest()).toBe('')
  expect(protocol.seen).toEqual([])
  expect(events()).toContainEqual(
    expect.objectContaining({ event: 'connection.refused', reason: 'not-a-trusted-proxy', ip: '127.0.0.1' }),
  )
})

test('on a listener without the PROXY protocol a header is a command like another, from anybody', async () => {
  const { port } = await startFront()
  const client = await open(port(), header)
  await client.line()
  expect(await client.line()).toMatch(/^you said PROXY/)
  expect(await client.ask('WHO')).toMatch(/^127\.0\.0\.1 /)
})

test.each([
  ['something else', 'EHLO there\r\n'],
  ['an endless line', `PROXY UNKNOWN ${'x'.repeat(5000)}`],
])('a trusted proxy that sends %s is hung up on', async (_what, text) => {
  const { port, protocol } = await startFront({ listeners: [smtp] })
  const client = await open(port(), text)
  expect(await client.rest()).toBe('')
  expect(protocol.seen).toEqual([])
})

test('a header that does not come is not waited for', async () => {
  const { port, meter } = await startFront({ listeners: [smtp], settings: { limits: { proxyHeaderMs: 30 } } })
  const client = await open(port(), 'PROXY ')
  expect(await client.rest()).toBe('')
  await expect.poll(() => meter.render()).toContain('homepost_connections 0\n')
})
