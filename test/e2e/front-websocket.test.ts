import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFakeClock } from '../support/fakes/clock.ts'
import { startWeb, type TestWeb } from '../support/web.ts'
import { startSocketApp } from '../support/web-socket-app.ts'
import { open, startFront } from './front-kit.ts'

let app: Awaited<ReturnType<typeof startSocketApp>>
let web: TestWeb

beforeAll(async () => {
  app = await startSocketApp()
  const target = new URL(`http://127.0.0.1:${app.port}/inner/`)
  web = await startWeb({
    httpsPort: undefined,
    attachedApps: [
      { path: '/chat', target, access: 'mail' },
      { path: '/notes', target, access: 'open' },
      { path: '/board', target, access: 'admin' },
      { path: '/gone', target: new URL('http://127.0.0.1:1/'), access: 'open' },
    ],
  })
})
afterAll(async () => {
  app.end()
  await web.end()
})

async function start() {
  const clock = createFakeClock()
  const front = await startFront({ listeners: [{ name: 'http', tls: 'none' }], web: web.web, clock })
  return { ...front, clock, port: front.port('http') }
}

async function signedIn() {
  const browser = web.browser({ secure: false })
  await browser.signIn('ann@example.com')
  return { browser, cookie: `session=${browser.cookies.get('session')}; theirs=1` }
}

/** Node's own client, which keeps RFC 6455; with fields of its own as undici takes them. */
function connect(port: number, path: string, headers: Record<string, string> = {}): WebSocket {
  const Client = WebSocket as unknown as new (url: string, options: { headers: object }) => WebSocket
  return new Client(`ws://127.0.0.1:${port}${path}`, { headers })
}

const next = async (socket: WebSocket) =>
  ((await once(socket, 'message')) as [{ readonly data: string }])[0].data

/** The first line of what comes instead of an agreement. */
async function refused(port: number, path: string, ...fields: string[]) {
  const head = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
  ]
  const own = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==']
  const client = await open(port, `${[...head, ...own, ...fields].join('\r\n')}\r\n\r\n`)
  const line = await client.line()
  client.stream.destroy()
  return line
}

test('an application is reached both ways, and told who it is', async () => {
  const { port, meter } = await start()
  const { cookie } = await signedIn()
  app.asked.length = 0
  const socket = connect(port, '/chat/room?x=1', { Cookie: cookie, 'X-Remote-User': 'root@example.com' })
  expect(await next(socket)).toBe('hello')
  socket.send('anybody here?')
  expect(await next(socket)).toBe('anybody here?')
  expect(app.asked).toMatchObject([
    {
      url: '/inner/room?x=1',
      headers: {
        cookie: 'theirs=1',
        'x-remote-user': 'ann@example.com',
        'x-remote-user-token': expect.stringMatching(/^token-/) as string,
        'x-real-ip': '127.0.0.1',
      },
    },
  ])
  expect(await meter.render()).toContain('homepost_websockets 1\n')
  socket.close()
  await expect.poll(() => app.open.size).toBe(0)
  await expect.poll(() => meter.render()).toContain('homepost_websockets 0\n')
})

test('only what belongs to the WebSocket is told the browser', async () => {
  const { port } = await start()
  const client = await open(
    port,
    [
      'GET /notes/ HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    ].join('\r\n'),
  )
  const lines = []
  for (let line = await client.line(); line; line = await client.line()) lines.push(line.split(':')[0])
  expect(lines).toEqual(['HTTP/1.1 101 Switching Protocols', 'Upgrade', 'Connection', 'sec-websocket-accept'])
})

test.each([
  ['a stranger', '/chat/', [], 'HTTP/1.1 303 See Other'],
  ['who is no administrator', '/board/', ['ann'], 'HTTP/1.1 404 Not Found'],
  ['a page of another site', '/chat/', ['ann', 'Origin: http://evil.example'], 'HTTP/1.1 403 Forbidden'],
  ['a page of another site', '/notes/', ['Origin: http://evil.example'], 'HTTP/1.1 403 Forbidden'],
  ['whom the application refuses', '/notes/no', [], 'HTTP/1.1 403 Forbidden'],
  ['whose application is away', '/gone/', [], 'HTTP/1.1 502 Bad Gateway'],
  ['who asks for one of our pages', '/health', [], 'HTTP/1.1 204 No Content'],
])('%s at %s gets none', async (_who, path, [ann, ...fields], line) => {
  const { port } = await start()
  const given =
    ann === 'ann' ? [`Cookie: ${(await signedIn()).cookie}`, ...fields] : [ann ?? 'X: 1', ...fields]
  expect(await refused(port, path, ...given)).toBe(line)
  expect(app.open.size).toBe(0)
})

test.each(['h2c', 'TLS/1.0'])('a wish for %s is answered in HTTP', async (what) => {
  const { port } = await start()
  const client = await open(
    port,
    `GET /robots.txt HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: ${what}\r\n\r\n`,
  )
  expect(await client.line()).toBe('HTTP/1.1 200 OK')
})

test('it ends with its session, and others stay', async () => {
  const { port, clock } = await start()
  const [one, other] = [await signedIn(), await signedIn()]
  const ended = connect(port, '/chat/', { Cookie: one.cookie })
  const stays = connect(port, '/chat/', { Cookie: other.cookie })
  const everybody = connect(port, '/notes/')
  for (const socket of [ended, stays, everybody]) expect(await next(socket)).toBe('hello')
  await one.browser.post('/sso/logout')
  const closed = once(ended, 'close')
  await clock.advance(16_000)
  await closed
  await clock.advance(60_000)
  for (const socket of [stays, everybody]) {
    socket.send('still here')
    expect(await next(socket)).toBe('still here')
    socket.close()
  }
})

test('fifty of one client, and no more', async () => {
  const { port } = await start()
  const many = Array.from({ length: 50 }, () => connect(port, '/notes/'))
  await Promise.all(many.map(next))
  expect(await refused(port, '/notes/')).toBe('HTTP/1.1 503 Service Unavailable')
  many[0]?.close()
  await expect.poll(() => refused(port, '/notes/')).toBe('HTTP/1.1 101 Switching Protocols')
  for (const socket of many) socket.close()
})

test('stopping ends them', async () => {
  const { port, service } = await start()
  const socket = connect(port, '/notes/')
  await next(socket)
  const closed = once(socket, 'close')
  await service.stop()
  await closed
})
