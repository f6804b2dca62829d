import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { LineClient, open, secure, startFront } from './front-kit.ts'

const imap = { name: 'imap' } as const
const from = (ip: string) => `PROXY TCP4 ${ip} 192.0.2.9 1 25\r\n`

test.each([
  ['smtp', '421 4.7.0 mail.test Too many connections, try again later'],
  ['submission', '421 4.7.0 mail.test Too many connections, try again later'],
  ['lmtp', '421 4.7.0 mail.test Too many connections, try again later'],
  ['imap', '* BYE [UNAVAILABLE] Too many connections, try again later'],
  ['http', 'HTTP/1.1 503 Service Unavailable'],
] as const)('beyond the total, %s says so in its own words and closes', async (name, line) => {
  const { port } = await startFront({ listeners: [{ name }], settings: { limits: { total: 16 } } })
  const held = await Promise.all(Array.from({ length: 16 }, () => open(port(name))))
  if (name !== 'http') await Promise.all(held.map((client) => client.line()))
  const late = await open(port(name), 'EHLO eager\r\n')
  expect(await late.line()).toBe(line)
  await late.rest()
})

test('who leaves makes room', async () => {
  const { port, meter } = await startFront({ listeners: [imap], settings: { limits: { total: 16 } } })
  const held = await Promise.all(Array.from({ length: 16 }, () => open(port('imap'))))
  expect(await (await open(port('imap'))).line()).toMatch(/^\* BYE/)
  expect(await held[0]?.line()).toBe('hello')
  expect(await held[0]?.ask('QUIT')).toBe('bye')
  await expect.poll(() => meter.render()).toContain('homepost_connections 15\n')
  expect(await (await open(port('imap'))).line()).toBe('hello')
})

test.each([
  ['a plain connection', 'imap', 'starttls'],
  ['a TLS connection', 'imaps', 'implicit'],
] as const)('%s that ends gives its place back, however it ends', async (_what, name, tls) => {
  const { port, meter } = await startFront({ listeners: [{ name, tls }] })
  const connect = async () =>
    tls === 'implicit' ? new LineClient(await secure({ port: port(name) })) : open(port(name))
  const clients = await Promise.all([connect(), connect(), connect()])
  for (const client of clients) expect(await client.line()).toBe('hello')
  expect(await meter.render()).toContain('homepost_connections 3\n')
  clients[0].write('QUIT\r\n')
  clients[1].stream.end()
  clients[2].stream.destroy()
  await expect.poll(() => meter.render()).toContain('homepost_connections 0\n')
})

test('one network cannot keep others out', async () => {
  const { port } = await startFront({
    listeners: [{ proxyProtocol: true }],
    settings: { limits: { perNetwork: 2 } },
  })
  for (const ip of ['203.0.113.1', '203.0.113.2']) {
    expect(await (await open(port(), from(ip))).line()).toBe('hello')
  }
  expect(await (await open(port(), from('203.0.113.3'))).line()).toBe(
    '421 4.7.0 mail.test Too many connections from your network, try again later',
  )
  expect(await (await open(port(), from('198.51.100.1'))).line()).toBe('hello')
})

test('after its burst a listener takes no more than its rate', async () => {
  let now = 0
  const { port } = await startFront({
    settings: { limits: { perSecond: 1, exempt: [] } },
    clock: { ...systemClock, now: () => now },
  })
  const greetings = []
  for (let i = 0; i < 11; i += 1) greetings.push(await (await open(port())).line())
  expect(greetings.filter((line) => line === 'hello')).toHaveLength(10)
  expect(greetings.at(-1)).toMatch(/^421 4\.7\.0 mail\.test Too many new connections/)
  now += 1000
  expect(await (await open(port())).line()).toBe('hello')
})

test('a storm of refusals is one line in the log', async () => {
  const { port, events, meter } = await startFront({ settings: { limits: { total: 16 } } })
  await Promise.all(Array.from({ length: 16 }, () => open(port())))
  for (let i = 0; i < 5; i += 1) await (await open(port())).rest()
  expect(events().filter(({ event }) => event === 'connection.refused')).toHaveLength(1)
  expect(await meter.render()).toContain(
    'homepost_connections_refused_total{listener="smtp",reason="full"} 5\n',
  )
})

test('a client that closed its side still reads the answers', async () => {
  const { port } = await startFront()
  const client = await open(port())
  client.stream.end('ONE\r\nTWO\r\nQUIT\r\n')
  expect([await client.line(), await client.line(), await client.line(), await client.line()]).toEqual([
    'hello',
    'you said ONE',
    'you said TWO',
    'bye',
  ])
})

test('every client has an id of its own, short, alike within one run', async () => {
  const { port, protocol } = await startFront()
  await Promise.all([(await open(port())).line(), (await open(port())).line()])
  const ids = protocol.seen.map(({ id }) => id)
  expect(new Set(ids).size).toBe(2)
  for (const id of ids) expect(id).toMatch(new RegExp(`^${ids[0]?.split('-')[0]}-[0-9a-z]+$`))
})

test('draining says goodbye on every connection and takes no new one', async () => {
  const { port, service } = await startFront({ listeners: [{}, { name: 'imaps', tls: 'implicit' }] })
  const plain = await open(port())
  const tls = new LineClient(await secure({ port: port('imaps') }))
  for (const client of [plain, tls]) expect(await client.line()).toBe('hello')
  await service.drain()
  for (const client of [plain, tls]) {
    expect(await client.line()).toBe('bye, the server goes away')
    expect(await client.rest()).toBe('')
  }
  await expect(open(port())).rejects.toThrow('ECONNREFUSED')
})

test('every port that cannot be opened is named, with what to do', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as { port: number }
  const start = startFront({
    listeners: [{ port }, { name: 'imap', host: '192.0.2.1', port: 40143 }, { name: 'submission' }],
  })
  await expect(start).rejects.toMatchObject({
    name: 'PortsUnavailable',
    code: 'EADDRINUSE',
    syscall: 'listen',
  })
  const text = await start.catch((cause: unknown) => (cause as Error).message)
  expect(text).toMatch(/smtp +127\.0\.0\.1:\d+ +another program has this port: .*PORT_OFFSET/)
  expect(text).toMatch(/imap +192\.0\.2\.1:40143 +this machine has no such address: correct BIND_ADDRESS/)
  expect(text).not.toContain('submission')
})

test('more connections than the system allows are not promised', async () => {
  const { events } = await startFront({ settings: { limits: { total: 2 ** 40 } } })
  expect(events()).toContainEqual(
    expect.objectContaining({ event: 'connections.limited', level: 'warn', wanted: 2 ** 40 }),
  )
})

test('the last words reach a client that still talks', async () => {
  const { port } = await startFront()
  const client = await open(port(), `QUIT\r\n${'and so on\r\n'.repeat(20_000)}`)
  expect(await client.line()).toBe('hello')
  expect(await client.line()).toBe('bye')
})

test('a goodbye is read to its end although the server stops at once, and a client that stays is not waited for', async () => {
  const { port, service } = await startFront()
  const [polite, stubborn] = [await open(port()), await open(port())]
  for (const client of [polite, stubborn]) expect(await client.line()).toBe('hello')
  stubborn.stream.removeAllListeners('end')
  polite.write('more and more\r\n'.repeat(50_000))
  await service.drain()
  const began = performance.now()
  await service.stop()
  expect(performance.now() - began).toBeLessThan(20_000)
  expect(await polite.rest()).toContain('bye, the server goes away')
  expect(await stubborn.line()).toBe('bye, the server goes away')
})
