import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { run, startServer, type TestServer } from '../support/server.ts'
import { startSocketApp } from '../support/web-socket-app.ts'
import { requireDebian } from './support/debian.ts'

let server: TestServer
let app: Server
let sockets: Awaited<ReturnType<typeof startSocketApp>>
let chrome: Browser
let asked: { readonly url: string; readonly headers: IncomingHttpHeaders; readonly octets: number }[] = []

beforeAll(async () => {
  await requireDebian('curl', 'chromium')
  app = createServer((request, response) => {
    let octets = 0
    request.on('data', (chunk: Buffer) => (octets += chunk.length))
    request.on('end', () => {
      asked.push({ url: request.url ?? '', headers: request.headers, octets })
      const between = { Connection: 'keep-alive, X-Between', 'X-Between': '1', 'Keep-Alive': 'timeout=5' }
      response.writeHead(200, { ...between, 'Transfer-Encoding': 'chunked', 'Proxy-Connection': 'close' })
      response.write('from ')
      if (request.url === '/cut') setImmediate(() => response.destroy())
      else response.end('afar')
    })
  }).listen(0, '127.0.0.1')
  await once(app, 'listening')
  const { port } = app.address() as AddressInfo
  sockets = await startSocketApp()
  const apps = `/notes=http://127.0.0.1:${port}/;open,/chat=http://127.0.0.1:${sockets.port}/`
  server = await startServer({
    env: { API: 'true', API_TOKEN: 'apitest', WEB_PROXIES: apps },
  })
  await server.addUsers('ann')
  const args = ['--no-sandbox', '--ignore-certificate-errors']
  chrome = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
})
afterAll(async () => {
  await chrome?.close()
  app?.close()
  sockets?.end()
  await server?.stop()
})
beforeEach(() => {
  asked = []
})

const at = (path: string) => `https://localhost:${server.ports.https}${path}`
const curl = (...args: string[]) => run('curl', ['--silent', '--insecure', ...args])

test.each([
  ['--http2', '2'],
  ['--http1.1', '1.1'],
])('curl %s is answered in HTTP/%s', async (how, version) => {
  const { stdout } = await curl(
    how,
    '-o',
    '/dev/null',
    '-w',
    '%{http_version} %{http_code}',
    at('/sso/login'),
  )
  expect(stdout).toBe(`${version} 200`)
})

test('Chromium signs in and reads its pages over HTTP/2', async () => {
  const page = await chrome.newPage({ ignoreHTTPSErrors: true })
  await page.goto(at('/sso/login'))
  await page.fill('#email', 'ann@example.test')
  await page.fill('#pw', 'pw')
  await page.click('main form[action="/sso/login"] button')
  await page.waitForURL(at('/account'))
  expect(await page.evaluate(`performance.getEntriesByType('navigation')[0].nextHopProtocol`)).toBe('h2')
  expect(await page.locator('header').innerText()).toContain('ann@example.test')

  // A page of the application: ours load nothing.
  await page.goto(at('/chat/'))
  const heard = await page.evaluate(`new Promise((resolve, reject) => {
    const heard = []
    const socket = new WebSocket('/chat/room')
    socket.onerror = () => reject(new Error('refused'))
    socket.onmessage = ({ data }) => heard.push(data) === 1 ? socket.send('over TLS') : resolve(heard)
  })`)
  expect(heard).toEqual(['hello', 'over TLS'])
  expect(sockets.asked[0]?.headers).toMatchObject({ 'x-remote-user': 'ann@example.test' })
  expect(sockets.open.size).toBe(1)
  await page.close()
  await vi.waitFor(() => expect(sockets.open.size).toBe(0))
})

/** Sends so much without saying how much it is. */
async function send(octets: number, path: string, ...more: string[]) {
  const words = [
    '--silent',
    '--insecure',
    '--http2',
    '-X',
    'POST',
    '-T',
    '-',
    '-H',
    `Origin: ${at('')}`,
    ...more,
  ]
  const quoted = words.map((word) => `'${word}'`).join(' ')
  return (await run('sh', ['-c', `head -c ${octets} /dev/zero | curl ${quoted} ${at(path)}`])).stdout
}
const form = ['-H', 'Content-Type: application/x-www-form-urlencoded']
const token = ['-H', 'Content-Type: application/json', '-H', 'Authorization: Bearer apitest']

test.each([
  [20_000, '/sso/login', form],
  [1_100_000, '/account/password', form],
  [50_000_000, '/api/v1/user', token],
])('%i octets are too large for %s, also where nobody says so before', async (octets, path, kind) => {
  expect(await send(octets, path, ...kind, '-o', '/dev/null', '-w', '%{http_code}')).toBe('413')
})

test('an attached application answers HTTP/2 as well, and what it says of its connection stays there', async () => {
  const stdout = await send(300_000, '/notes/in', '-D', '-', '-w', '%{http_version}')
  expect(stdout).toMatch(/^HTTP\/2 200/)
  expect(stdout.toLowerCase()).not.toMatch(
    /^(connection|keep-alive|transfer-encoding|proxy-connection|x-between):/m,
  )
  expect(stdout).toContain('from afar2')
  expect(asked).toMatchObject([
    { url: '/in', octets: 300_000, headers: { 'x-forwarded-host': `localhost:${server.ports.https}` } },
  ])
})

test('an application that goes in the middle of its answer ends that answer alone', async () => {
  const { code } = await curl('--http2', at('/notes/cut'))
  expect(code).toBeGreaterThan(0)
  expect((await curl('--http2', at('/notes/'))).stdout).toBe('from afar')
})

test('who goes in the middle of an answer ends nothing, and is not written down', async () => {
  const page = await chrome.newPage({ ignoreHTTPSErrors: true })
  await page.goto(at('/'))
  await page.evaluate(`Promise.all(Array.from({ length: 50 }, (_, each) => {
    const leaving = new AbortController()
    const asked = fetch('/notes/' + each, { signal: leaving.signal }).catch(() => undefined)
    setTimeout(() => leaving.abort(), each % 7)
    return asked
  }))`)
  await page.close()
  const { stdout } = await curl('--http2', '-o', '/dev/null', '-w', '%{http_code}', at('/health'))
  expect(stdout).toBe('204')
  expect(server.output()).not.toMatch(/ERR_HTTP2|aborted a request/)
})
