import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { address } from '../../../test/support/auth.ts'
import { type Browser, startWeb, type TestWeb } from '../../../test/support/web.ts'

interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let app: Server
let web: TestWeb
let asked: Asked[] = []

beforeAll(async () => {
  app = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      asked.push({ method, url, headers, body })
      const port = (app.address() as AddressInfo).port
      if (url.includes('leave')) response.setHeader('Location', `http://127.0.0.1:${port}/inner/there?x=1`)
      if (url.includes('away')) response.setHeader('Location', 'https://elsewhere.example/')
      response.setHeader('Set-Cookie', ['theirs=1; Path=/', '__Host-session=stolen; Path=/; Secure'])
      response.setHeader('Content-Security-Policy', "default-src 'self'")
      response.setHeader('Cache-Control', 'max-age=60')
      response.writeHead(url.includes('leave') || url.includes('away') ? 302 : 200).end('their page')
    })
  })
  app.listen(0, '127.0.0.1')
  await once(app, 'listening')
  const target = new URL(`http://127.0.0.1:${(app.address() as AddressInfo).port}/inner`)
  web = await startWeb({
    attachedApps: [
      { path: '/mailer', target, access: 'mail' },
      { path: '/wiki', target, access: 'user' },
      { path: '/board', target, access: 'admin' },
      { path: '/notes', target, access: 'open' },
      { path: '/gone', target: new URL('http://127.0.0.1:1/'), access: 'open' },
    ],
  })
})
beforeEach(() => {
  asked = []
})
afterAll(async () => {
  app.close()
  await web.end()
})

async function ann(): Promise<Browser> {
  const browser = web.browser()
  await browser.signIn()
  return browser
}

describe('who may', () => {
  test('a stranger is asked to sign in, and comes back to where he wanted', async () => {
    const answer = await web.browser().get('/mailer/a?b=c')
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/sso/login?url=%2Fmailer%2Fa%3Fb%3Dc')
    expect(asked).toEqual([])
  })

  test('what is for administrators is not there for others', async () => {
    expect((await (await ann()).get('/board/')).status).toBe(404)
    expect(asked).toEqual([])
  })

  test('whoever has to change his password does that first', async () => {
    const browser = web.browser()
    await browser.signIn('bob@example.com')
    await web.auth.admin.set('user', address('bob@example.com'), { mustChangePassword: true }, 'test')
    for (const path of ['/mailer/', '/wiki/']) {
      const answer = await browser.get(path)
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/sso/pw_change'])
    }
    expect(asked).toEqual([])
  })

  test('what is open is for everybody, and nobody is named', async () => {
    const browser = await ann()
    expect(await (await browser.get('/notes')).text()).toBe('their page')
    expect(asked[0]?.headers['x-remote-user']).toBeUndefined()
  })

  test('a path that only begins alike is not theirs', async () => {
    expect((await web.browser().get('/notesbook')).status).toBe(404)
  })
})

describe('the application is told', () => {
  test('who it is, and with which password the mail is read, and that only where it is said', async () => {
    const browser = await ann()
    await browser.get('/mailer/x?y=1')
    await browser.get('/wiki/x')
    const [mailer, wiki] = asked
    expect(mailer).toMatchObject({
      url: '/inner/x?y=1',
      headers: {
        'x-remote-user': 'ann@example.com',
        'x-forwarded-host': 'mail.example.test',
        'x-forwarded-proto': 'https',
        'x-forwarded-for': '192.0.2.1',
        'x-script-name': '/mailer',
      },
    })
    const password = String(mailer?.headers['x-remote-user-token'])
    const attempt = { service: 'imap', ip: '127.0.0.1', connection: 'c' } as const
    expect(await web.auth.attached.verify({ ...attempt, login: 'ann@example.com', password })).toMatchObject({
      kind: 'accepted',
    })
    expect(wiki?.headers).toMatchObject({ 'x-remote-user': 'ann@example.com' })
    expect(wiki?.headers['x-remote-user-token']).toBeUndefined()
  })

  test('nothing that a browser made up, and no cookie of ours', async () => {
    const browser = await ann()
    browser.cookies.set('theirs', '1')
    await browser.get('/notes/', { 'X-Remote-User': 'root@example.com', 'X-Forwarded-For': '10.0.0.1' })
    expect(asked[0]?.headers).toMatchObject({ cookie: 'theirs=1', 'x-forwarded-for': '192.0.2.1' })
    expect(asked[0]?.headers['x-remote-user']).toBeUndefined()
  })

  test.each([
    'X_Remote_User',
    'X-Remote_User',
    'x_remote_user_token',
    'Remote-User',
    'X-Forwarded-Port',
    'Proxy',
  ])('%s as little: many applications read it as one of ours, or believe it', async (name) => {
    await web.browser().get('/notes/', { [name]: 'root@example.com' })
    expect(Object.values(asked[0]?.headers ?? {})).not.toContain('root@example.com')
  })

  test('nothing of what a browser agrees with us about the line', async () => {
    const line = { Connection: 'Upgrade, X-Mine', Upgrade: 'h2c', Expect: '100-continue', TE: 'trailers' }
    const answer = await web.browser().get('/notes/', { ...line, 'X-Mine': '1', 'X-Other': '2' })
    expect(answer.status).toBe(200)
    expect(asked[0]?.headers).toMatchObject({ 'x-other': '2' })
    for (const name of ['upgrade', 'expect', 'te', 'x-mine'])
      expect(asked[0]?.headers).not.toHaveProperty(name)
  })

  test('nothing of a sign-in that is half done', async () => {
    const browser = web.browser()
    browser.cookies.set('__Host-half-signed-in', 'ticket')
    browser.cookies.set('__Host-begun-elsewhere', 'kept')
    browser.cookies.set('theirs', '1')
    await browser.get('/notes/')
    expect(asked[0]?.headers.cookie).toBe('theirs=1')
  })

  test.each(['/n%6ftes/a', '/notes/a'])('%s as the same page', async (path) => {
    await web.browser().get(path)
    expect(asked[0]?.url).toBe('/inner/a')
  })

  test('what is sent, up to the end', async () => {
    const browser = await ann()
    await browser.post('/wiki/save', { text: 'x'.repeat(3_000_000) })
    expect(asked[0]?.body).toHaveLength(3_000_005)
  })
})

describe('the browser is told', () => {
  test('to stay under our name', async () => {
    const browser = await ann()
    expect((await browser.get('/wiki/leave')).headers.get('location')).toBe('/wiki/there?x=1')
    expect((await browser.get('/wiki/away')).headers.get('location')).toBe('https://elsewhere.example/')
  })

  test('their cookies and rules, and none in our name', async () => {
    const answer = await (await ann()).get('/wiki/')
    expect(answer.headers.getSetCookie()).toEqual(['theirs=1; Path=/'])
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'self'")
    expect(answer.headers.get('cache-control')).toBe('max-age=60')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('what to do while the application is away', async () => {
    const answer = await web.browser().get('/gone/')
    expect(answer.status).toBe(502)
    expect(await answer.text()).toContain('Try again in a minute')
  })
})

test('a browser that leaves in the middle of what it sends ends nothing else', async () => {
  const browser = await ann()
  const leaving = new AbortController()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      controller.enqueue(new Uint8Array(1000))
      await new Promise(setImmediate)
      leaving.abort(new Error('gone'))
      controller.error(new Error('gone'))
    },
  })
  const how = { method: 'POST', body, duplex: 'half', signal: leaving.signal } as const
  const answer = await browser.ask('/wiki/save', {
    ...how,
    headers: { 'Content-Length': '5000', 'Content-Type': 'application/octet-stream' },
  } as Parameters<Browser['ask']>[1])
  expect(answer.status).toBe(499)
  expect((await browser.get('/wiki/')).status).toBe(200)
})

test('a form of another site is not passed on', async () => {
  const browser = await ann()
  const answer = await browser.post(
    '/wiki/save',
    {},
    { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
  )
  expect(answer.status).toBe(403)
  expect(asked).toEqual([])
})
