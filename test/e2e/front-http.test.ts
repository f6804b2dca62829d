import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { WebClient, WebHandler } from '../../src/ports/web.ts'
import { LineClient, open, secure, startFront } from './front-kit.ts'

const http = { name: 'http', tls: 'none' } as const
const https = { name: 'https', tls: 'implicit' } as const

function witness() {
  const clients: WebClient[] = []
  const web: WebHandler = {
    fetch: (_request, client) => {
      clients.push(client)
      return new Response('here')
    },
  }
  return { web, clients }
}

async function get(port: number, headers: Record<string, string> = {}) {
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close', ...headers } })
  return answer.text()
}

test('a plain request on this machine is told as such', async () => {
  const { web, clients } = witness()
  const { port } = await startFront({ listeners: [http], web })
  expect(await get(port('http'))).toBe('here')
  expect(clients).toEqual([
    {
      connectionId: expect.any(String) as string,
      ip: '127.0.0.1',
      peer: '127.0.0.1',
      secure: false,
      loopback: true,
    },
  ])
})

test('a request over TLS is secure', async () => {
  const { web, clients } = witness()
  const { port } = await startFront({ listeners: [https], web })
  const client = new LineClient(await secure({ port: port('https') }))
  client.write('GET / HTTP/1.1\r\nHost: mail.test\r\nConnection: close\r\n\r\n')
  expect(await client.line()).toBe('HTTP/1.1 200 OK')
  expect(clients[0]).toMatchObject({ secure: true, loopback: true })
})

test.each([
  ['the last address of a trusted proxy’s header', ['127.0.0.0/8'], '10.0.0.1, 203.0.113.7', '203.0.113.7'],
  ['the socket, where the proxy is not trusted', [], '203.0.113.7', '127.0.0.1'],
  ['the socket, where the header is no address', ['127.0.0.0/8'], 'unknown', '127.0.0.1'],
])('the client is %s', async (_which, trustedProxies, value, ip) => {
  const { web, clients } = witness()
  const { port } = await startFront({
    listeners: [http],
    web,
    settings: { trustedProxies, realIpHeader: 'X-Forwarded-For' },
  })
  await get(port('http'), { 'x-forwarded-for': value, 'x-forwarded-proto': 'https' })
  expect(clients[0]).toMatchObject({ ip, secure: trustedProxies.length > 0 })
})

test('a stranger behind a proxy on this machine is not taken for this machine', async () => {
  const { web, clients } = witness()
  const { port } = await startFront({ listeners: [http], web, settings: { trustedProxies: [] } })
  await get(port('http'), { 'x-forwarded-for': '203.0.113.7' })
  expect(clients[0]?.loopback).toBe(false)
})

test('behind the PROXY protocol the client is whom the header names', async () => {
  const { web, clients } = witness()
  const { port } = await startFront({ listeners: [{ ...http, proxyProtocol: true }], web })
  const client = await open(port('http'), 'PROXY TCP4 203.0.113.7 192.0.2.9 4711 80\r\n')
  client.write('GET / HTTP/1.1\r\nHost: mail.test\r\nConnection: close\r\n\r\n')
  expect(await client.line()).toBe('HTTP/1.1 200 OK')
  expect(clients[0]).toMatchObject({ ip: '203.0.113.7', loopback: false })
})

test('a handler that fails is a 500 without a word of why', async () => {
  const web: WebHandler = {
    fetch: () => {
      throw new Error('the secret reason')
    },
  }
  const { port, events } = await startFront({ listeners: [http], web })
  expect(await get(port('http'))).toBe('Something went wrong here.\n')
  expect(JSON.stringify(events())).toContain('the secret reason')
})

test.each([
  ['no host', 'GET / HTTP/1.1\r\n\r\n'],
  ['a host that is none', 'GET / HTTP/1.1\r\nHost: a b/c@d\r\n\r\n'],
  ['no HTTP', 'EHLO x\r\n\r\n'],
])('a request with %s is a 400', async (_what, text) => {
  const { web, clients } = witness()
  const { port } = await startFront({ listeners: [http], web })
  const client = await open(port('http'), text)
  expect(await client.line()).toBe('HTTP/1.1 400 Bad Request')
  expect(clients).toEqual([])
})

test('while the mail protocols drain the web still answers, and stopping ends what waits', async () => {
  const { web } = witness()
  const { port, service } = await startFront({ listeners: [http, {}], web })
  const waiting = connect({ port: port('http'), host: '127.0.0.1' })
  const idle = new LineClient(waiting)
  idle.write('GET / HTTP/1.1\r\nHost: mail.test\r\n\r\n')
  expect(await idle.line()).toBe('HTTP/1.1 200 OK')
  await service.drain()
  expect(await get(port('http'))).toBe('here')
  await expect(open(port('smtp'))).rejects.toThrow('ECONNREFUSED')
  await service.stop()
  await idle.rest()
  await expect(open(port('http'))).rejects.toThrow('ECONNREFUSED')
})
