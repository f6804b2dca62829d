import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiOf } from '../support/api.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let api: ReturnType<typeof apiOf>
let nobody: ReturnType<typeof apiOf>

const settings = { API: 'true', API_TOKEN: 'apitest', TLS_FLAVOR: 'notls' }

beforeAll(async () => {
  server = await startServer({ env: settings })
  api = apiOf(server)
  nobody = apiOf(server, '')
  await server.homepost(['domain', 'add', 'example.test', '--if-missing'])
  await server.homepost(['domain', 'set', 'example.test', '--anonmail-enabled'])
  await server.homepost(['domain', 'add', 'closed.test'])
  await server.addUsers('ann', 'bob')
  await api('POST', '/v1/user', { email: 'carl@closed.test', raw_password: 'pw' })
}, 60_000)
afterAll(() => server.stop())

async function tokenOf(email: string, more: object = {}): Promise<string> {
  const { text } = await api('POST', '/v1/token', { email, ...more })
  return (JSON.parse(text) as { token: string }).token
}

/** As Bitwarden and other programs of SimpleLogin’s API speak. */
const as = (email: string, token: string) => (method: string, path: string, body?: unknown) =>
  nobody(method, path, body, { Authentication: `${encodeURIComponent(email)}:${token}` })

/** What the server says to a recipient on port 25. */
async function recipientAnswer(address: string): Promise<string> {
  const socket = connect(server.ports.smtp, '127.0.0.1')
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  let last = ''
  for (const say of [
    '',
    'EHLO there.test\r\n',
    'MAIL FROM:<far@elsewhere.test>\r\n',
    `RCPT TO:<${address}>\r\n`,
  ]) {
    socket.write(say)
    do last = String((await lines.next()).value)
    while (/^\d{3}-/.test(last))
  }
  socket.destroy()
  return last
}

interface Made {
  readonly email: string
}

test('an alias for a web site is made, takes mail, and is its owner’s to switch off and delete', async () => {
  const ann = as('ann@example.test', await tokenOf('ann@example.test'))
  const answer = await ann('POST', '/alias/random/new?hostname=www.amazon.com', {})
  expect(answer.status).toBe(201)
  expect(JSON.parse(answer.text)).toEqual({
    email: expect.stringMatching(/^amazon\.[a-z]{5,10}@example\.test$/),
    enabled: true,
    note: 'Website: www.amazon.com',
    creation_date: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    creation_timestamp: expect.any(Number),
    nb_forward: 0,
    nb_block: 0,
    nb_reply: 0,
  })
  const { email } = JSON.parse(answer.text) as Made
  expect(JSON.parse((await api('GET', `/v1/alias/${email}`)).text)).toMatchObject({
    owner_email: 'ann@example.test',
    hostname: 'www.amazon.com',
    destination: ['ann@example.test'],
    disabled: false,
  })
  expect(await recipientAnswer(email)).toMatch(/^250/)

  expect(
    (await ann('PATCH', `/v1/alias/me/${email}`, { disabled: true, comment: 'sold it on' })).status,
  ).toBe(200)
  expect(await recipientAnswer(email)).toMatch(/^550/)
  expect((await ann('GET', '/v1/alias/me')).text).toContain('sold it on')
  expect((await ann('DELETE', `/v1/alias/me/${email}`)).status).toBe(200)
  expect((await ann('GET', '/v1/alias/me')).text).toBe('[]\n')

  const { stdout } = await server.homepost(['audit', 'list', '--json'])
  const rows = JSON.parse(stdout) as { actor: string; key: string }[]
  expect(rows.filter(({ key }) => key === email).map(({ actor }) => actor)).toEqual(
    Array(3).fill('ann@example.test'),
  )
})

test('without a body and without a site there is one all the same', async () => {
  const ann = as('ann@example.test', await tokenOf('ann@example.test'))
  const { status, text } = await ann('POST', '/alias/random/new')
  expect(status).toBe(201)
  expect((JSON.parse(text) as Made).email).toMatch(/^[a-z0-9]{20}@example\.test$/)
  const noted = await ann('POST', '/alias/random/new', { note: 'newsletter', destination: 'ignored' })
  expect(noted.text).toContain('"note": "newsletter"')
})

test('nobody touches the aliases of others, nor those that are nobody’s', async () => {
  const ann = as('ann@example.test', await tokenOf('ann@example.test'))
  const bob = as('bob@example.test', await tokenOf('bob@example.test'))
  const { email } = JSON.parse(
    (await ann('POST', '/alias/random/new?hostname=shop.example.org', {})).text,
  ) as Made
  await api('POST', '/v1/alias', { email: 'sales@example.test', destination: ['bob@example.test'] })
  expect((await bob('GET', '/v1/alias/me')).text).not.toContain(email)
  for (const alias of [email, 'sales@example.test', 'ann@example.test', 'missing@example.test']) {
    expect((await bob('PATCH', `/v1/alias/me/${alias}`, { destination: ['bob@example.test'] })).status).toBe(
      404,
    )
    expect((await bob('DELETE', `/v1/alias/me/${alias}`)).status).toBe(404)
  }
  expect((await bob('PATCH', `/v1/alias/me/${email}`, { owner_email: 'bob@example.test' })).status).toBe(404)
  expect((await ann('PATCH', `/v1/alias/me/${email}`, { owner_email: 'bob@example.test' })).status).toBe(200)
  expect((await ann('GET', '/v1/alias/me')).text).toContain(email)
})

test('where one may make none, one hears so; a grant opens it', async () => {
  const carl = as('carl@closed.test', await tokenOf('carl@closed.test'))
  expect((await carl('POST', '/alias/random/new', {})).status).toBe(403)
  await server.homepost(['access', 'add', 'example.test', 'carl@closed.test'])
  const { status, text } = await carl('POST', '/alias/random/new', {})
  expect([status, text]).toEqual([201, expect.stringMatching(/@example\.test/)])
})

test('app passwords open this alone, and only those that are good for it', async () => {
  const [any, mail, far] = await Promise.all([
    tokenOf('ann@example.test'),
    server.homepost(['token', 'add', 'ann@example.test', '--services', 'imap', '--json']),
    tokenOf('ann@example.test', { AuthorizedIP: ['203.0.113.0/24'] }),
  ])
  const imapOnly = (JSON.parse(mail.stdout) as { secret: string }).secret
  const ask = (token: string, login = 'ann@example.test') => as(login, token)('GET', '/v1/alias/me')
  expect((await ask(any)).status).toBe(200)
  for (const token of [imapOnly, far, 'pw', '', 'f'.repeat(32)])
    expect([token, (await ask(token)).status]).toEqual([token, 403])
  expect((await ask(any, 'bob@example.test')).status).toBe(403)
  expect((await ask(any, 'nobody@example.test')).status).toBe(403)
  // It is no token of the API, nor the other way round.
  expect((await nobody('GET', '/v1/user', undefined, { Authorization: `Bearer ${any}` })).status).toBe(403)
  expect((await as('ann@example.test', any)('GET', '/v1/user')).status).toBe(401)
  expect((await api('GET', '/v1/alias/me')).status).toBe(401)
  expect((await as('ann@example.test', 'apitest')('GET', '/v1/alias/me')).status).toBe(403)
  await server.homepost(['user', 'set', 'ann@example.test', '--enabled', 'false'])
  expect((await ask(any)).status).toBe(403)
  await server.homepost(['user', 'set', 'ann@example.test', '--enabled', 'true'])
  expect(server.output()).not.toContain(any)
})

test('bad attempts are counted, and the third waits where two are allowed', async () => {
  const strict = await startServer({
    env: { ...settings, AUTH_RATELIMIT_EXEMPTION: '', AUTH_RATELIMIT_IP: '2/hour' },
  })
  try {
    const ask = async (headers: Record<string, string>) =>
      (await apiOf(strict, '')('GET', '/v1/alias/me', undefined, headers)).status
    expect(await ask({ authENTICATION: 'no-colon' })).toBe(401)
    expect(await ask({ Authentication: 'Token 0123' })).toBe(401)
    expect(await ask({ Authentication: 'no-colon' })).toBe(429)
    const answer = await apiOf(strict)('GET', '/v1/domain')
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)])
    expect((await strict.homepost(['throttle', 'clear', '127.0.0.1'])).code).toBe(0)
    expect((await apiOf(strict)('GET', '/v1/domain')).status).toBe(200)
  } finally {
    await strict.stop()
  }
}, 60_000)
