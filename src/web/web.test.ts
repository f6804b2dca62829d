import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { domainRow, startAuth, type TestAuth } from '../../test/support/auth.ts'
import { startWeb, stranger } from '../../test/support/web.ts'
import type { WebClient } from '../ports/web.ts'

const self: WebClient = { ...stranger, ip: '127.0.0.1', loopback: true }

let auth: TestAuth
beforeAll(async () => {
  auth = await startAuth()
  for (const name of ['example.test', 'xn--mller-kva.test'])
    await auth.admin.add('domain', domainRow(name), 'test')
})
afterAll(() => auth.end())

function web(changes: Parameters<typeof startWeb>[0] = {}) {
  const made = startWeb(changes, auth)
  return async (path: string, client: WebClient = stranger, headers: Record<string, string> = {}) =>
    (await made).web.fetch(new Request(new URL(path, 'http://mail.example.test'), { headers }), client)
}

test.each([
  [true, 204],
  [false, 503],
])('health of a server that is ready: %s is %i, over plain HTTP too', async (ready, status) => {
  const answer = await web({ ready })('/health', { ...stranger, secure: false })
  expect(answer.status).toBe(status)
  expect(await answer.text()).toBe('')
})

test.each([
  ['this machine', self, {}, 200],
  ['this machine over plain HTTP', { ...self, secure: false }, {}, 200],
  ['a stranger', stranger, {}, 401],
  ['a stranger with a wrong token', stranger, { authorization: 'Bearer letmeout' }, 401],
  ['who has the token', stranger, { authorization: 'Bearer letmein' }, 200],
])('metrics for %s: %4$i', async (_who, client, headers, status) => {
  const answer = await web()('/metrics', client, headers as Record<string, string>)
  expect(answer.status).toBe(status)
  expect((await answer.text()).includes('homepost_messages_total 1')).toBe(status === 200)
})

test.each([[''], [undefined]])('without a token (%j) no bearer opens the metrics', async (metricsToken) => {
  const answer = await web({ metricsToken })('/metrics', stranger, { authorization: 'Bearer undefined' })
  expect(answer.status).toBe(401)
})

test.each([
  [443, '/a?b=c', 'https://mail.example.test/a?b=c'],
  [8443, '/', 'https://mail.example.test:8443/'],
])('plain HTTP is sent to HTTPS on %i', async (httpsPort, path, location) => {
  const answer = await web({ httpsPort })(path, { ...stranger, secure: false })
  expect(answer.status).toBe(301)
  expect(answer.headers.get('location')).toBe(location)
  expect(answer.headers.get('strict-transport-security')).toBeNull()
})

test('without HTTPS plain requests are answered', async () => {
  const answer = await web({ httpsPort: undefined })('/', { ...stranger, secure: false })
  expect(answer.status).toBe(200)
})

test('the start page tells a mail program what to use', async () => {
  const text = await (await web()('/')).text()
  for (const word of ['mail.example.test', '993', '465', 'SSL/TLS', 'lang="en"', 'IMAP'])
    expect(text).toContain(word)
})

test('on this machine the start page names the server as it was asked', async () => {
  const fetch = web()
  expect(await (await fetch('http://127.0.0.1:8443/', self)).text()).toContain('Mail at 127.0.0.1')
  expect(await (await fetch('http://evil.test/', stranger)).text()).not.toContain('evil.test')
})

test('nothing from elsewhere may load, and no script at all', async () => {
  const answer = await web()('/')
  const policy = answer.headers.get('content-security-policy') ?? ''
  expect(policy).toMatch(/default-src 'none'; style-src 'sha256-/)
  expect(await answer.text()).not.toMatch(/<script|https?:\/\//)
})

test.each([
  ['x-frame-options', 'SAMEORIGIN'],
  ['x-content-type-options', 'nosniff'],
  ['x-permitted-cross-domain-policies', 'none'],
  ['referrer-policy', 'same-origin'],
  ['strict-transport-security', 'max-age=31536000'],
  ['x-powered-by', null],
  ['x-xss-protection', null],
])('every page says %s: %s', async (name, value) => {
  const fetch = web()
  for (const path of ['/', '/nothing-here']) expect((await fetch(path)).headers.get(name)).toBe(value)
})

test('an address that is none is a page of its own', async () => {
  const answer = await web()('/nothing-here')
  expect(answer.status).toBe(404)
  expect(await answer.text()).toContain('There is nothing at this address')
})

describe('the policy for those who send mail here (MTA-STS)', () => {
  const policy = 'version: STSv1\r\nmode: testing\r\nmx: mail.example.test\r\nmax_age: 604800\r\n'
  test.each([
    ['a domain of ours', 'mta-sts.example.test', 200],
    ['the same on another port', 'mta-sts.example.test:8443', 200],
    ['a domain of ours in other letters', 'mta-sts.müller.test', 200],
    ['a domain of others', 'mta-sts.far.test', 404],
    ['the server itself', 'mail.example.test', 404],
    ['the domain itself', 'example.test', 404],
  ])('%s: %s gets %i', async (_, host, status) => {
    const answer = await web()(`https://${host}/.well-known/mta-sts.txt`)
    expect(answer.status).toBe(status)
    if (status !== 200) return
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(await answer.text()).toBe(policy)
  })

  test('there is none where MTA_STS says so, and none without TLS', async () => {
    const url = 'https://mta-sts.example.test/.well-known/mta-sts.txt'
    expect((await web({ stsPolicy: undefined })(url)).status).toBe(404)
    expect((await web()(url, { ...stranger, secure: false })).status).toBe(301)
  })
})
