import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiOf } from '../support/api.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let api: ReturnType<typeof apiOf>
/** Mailu takes the token alone, too. */
let bare: ReturnType<typeof apiOf>

beforeAll(async () => {
  server = await startServer({
    env: {
      API: 'true',
      API_TOKEN: 'apitest',
      TLS_FLAVOR: 'notls',
      DOMAIN: 'mailu.io',
      HOSTNAMES: 'localhost',
    },
  })
  api = apiOf(server)
  bare = apiOf(server, 'apitest')
}, 60_000)
afterAll(() => server.stop())

/** `grep -o WORD | grep -c WORD` */
const times = (text: string, word: string) => text.split(word).length - 1

const person = (email: string, more: object = {}) => ({
  email,
  raw_password: 'password',
  comment: 'created for testing RESTful API',
  global_admin: false,
  enabled: true,
  change_pw_next_login: false,
  enable_imap: true,
  enable_pop: true,
  allow_spoofing: false,
  forward_enabled: false,
  reply_enabled: false,
  displayed_name: 'admin',
  spam_enabled: true,
  spam_mark_as_read: true,
  ...more,
})

/** In the order of Mailu's own tests, tests/compose/api: each stands on what those before it made. */
describe('as Mailu tests its API', () => {
  test('00: users are made, and not twice', async () => {
    const domain = await api('POST', '/v1/domain', { name: 'mailu.io' })
    expect([200, 409]).toContain(domain.status)
    const admin = person('admin@mailu.io', { global_admin: true })
    expect((await api('POST', '/v1/user', admin)).text).toContain('"code": 200')
    expect((await api('POST', '/v1/user', admin)).text).toContain('"code": 409')
    expect((await api('POST', '/v1/user', person('user@mailu.io'))).status).toBe(200)
  })

  test('01: users are made, deleted, changed and listed', async () => {
    expect((await api('POST', '/v1/user', person('user2@mailu.io'))).text).toContain('200')
    expect((await api('DELETE', '/v1/user/user2%40mailu.io')).text).toContain('200')
    expect((await api('PATCH', '/v1/user/user%40mailu.io', { comment: 'updated_comment' })).text).toContain(
      '200',
    )
    expect((await api('GET', '/v1/user/user%40mailu.io')).text).toContain('updated_comment')
    expect(times((await api('GET', '/v1/user')).text, 'email')).toBe(2)
  })

  test('02: domains and alternatives', async () => {
    const domain = {
      name: 'mailu2.io',
      comment: 'internal domain for testing',
      max_users: -1,
      max_aliases: -1,
      max_quota_bytes: 0,
      signup_enabled: false,
    }
    expect((await api('POST', '/v1/domain', domain)).text).toContain('200')
    expect((await api('PATCH', '/v1/domain/mailu2.io', { comment: 'updated_domain' })).text).toContain('200')
    expect((await bare('GET', '/v1/domain/mailu2.io')).text).toContain('updated_domain')
    expect(times((await api('GET', '/v1/domain')).text, 'name')).toBe(2)
    // curl -d ''
    const empty = { 'Content-Type': 'application/x-www-form-urlencoded' }
    expect((await bare('POST', '/v1/domain/mailu2.io/dkim', '', empty)).text).toContain('200')
    expect((await api('DELETE', '/v1/domain/mailu2.io')).text).toContain('200')
    expect(times((await bare('GET', '/v1/domain/mailu.io/users')).text, 'email')).toBe(2)
    const alternative = { name: 'mailu2.io', domain: 'mailu.io' }
    expect((await bare('POST', '/v1/alternative', alternative)).text).toContain('200')
    expect(times((await api('GET', '/v1/alternative')).text, 'name')).toBe(1)
    expect((await bare('GET', '/v1/alternative/mailu2.io')).text).toContain(
      '{"name": "mailu2.io", "domain": "mailu.io"}',
    )
    expect((await bare('DELETE', '/v1/alternative/mailu2.io')).text).toContain('200')
  })

  test('03: app tokens', async () => {
    const token = {
      email: 'user@mailu.io',
      comment: 'my token related comment',
      AuthorizedIP: ['203.0.113.0/24', '203.2.114.2/32'],
    }
    expect((await bare('POST', '/v1/token', token)).text).toContain('"token": "')
    const second = await bare('POST', '/v1/tokenuser/user%40mailu.io', { comment: 'token test' })
    expect(second.text).toContain('"token": "')
    expect(times((await bare('GET', '/v1/token')).text, 'id')).toBe(2)
    expect((await bare('GET', '/v1/token/2')).text).toContain('"id": 2')
    expect((await bare('DELETE', '/v1/token/1')).text).toContain('200')
    const changed = { comment: 'updated_comment', AuthorizedIP: ['203.0.112.0/24'] }
    expect((await bare('PATCH', '/v1/token/2', changed)).text).toContain('200')
    expect((await bare('GET', '/v1/token/2')).text).toContain('comment": "updated_comment"')
    expect(times((await bare('GET', '/v1/tokenuser/user%40mailu.io')).text, 'id')).toBe(1)
  })

  test('04: relays', async () => {
    const relay = { name: 'relay1.mailu.io', smtp: 'relay1.mailu.io:8755', comment: 'backup relay1' }
    expect((await bare('POST', '/v1/relay', relay)).text).toContain('200')
    const plain = { name: 'relay2.mailu.io', comment: 'backup relay2' }
    expect((await bare('POST', '/v1/relay', plain)).text).toContain('200')
    expect(times((await bare('GET', '/v1/relay')).text, '"name":')).toBe(2)
    expect((await bare('GET', '/v1/relay/relay1.mailu.io')).text).toContain('"name": "relay1.mailu.io"')
    expect((await bare('DELETE', '/v1/relay/relay2.mailu.io')).text).toContain('200')
    expect(times((await bare('GET', '/v1/relay')).text, '"name":')).toBe(1)
    const changed = { smtp: 'anotherName', comment: 'updated_comment' }
    expect((await bare('PATCH', '/v1/relay/relay1.mailu.io', changed)).text).toContain('200')
    expect((await bare('GET', '/v1/relay/relay1.mailu.io')).text).toMatch(/anotherName.*updated_comment/)
  })

  test('05: aliases', async () => {
    const alias = {
      comment: 'test alias for user@mailu.io and admin@mailu.io',
      destination: ['user@mailu.io', 'admin@mailu.io'],
      wildcard: false,
      email: 'test@mailu.io',
    }
    expect((await bare('POST', '/v1/alias', alias)).text).toContain('200')
    const second = { ...alias, destination: ['user@mailu.io'], email: 'test2@mailu.io' }
    expect((await bare('POST', '/v1/alias', second)).text).toContain('200')
    expect(times((await bare('GET', '/v1/alias')).text, '"destination":')).toBe(2)
    expect(times((await bare('GET', '/v1/alias/destination/mailu.io')).text, '"destination":')).toBe(2)
    expect((await bare('DELETE', '/v1/alias/test2%40mailu.io')).text).toContain('200')
    const changed = { comment: 'updated_comment', destination: ['user@mailu.io'], wildcard: true }
    expect((await bare('PATCH', '/v1/alias/test%40mailu.io', changed)).text).toContain('200')
    const { text } = await bare('GET', '/v1/alias/test%40mailu.io')
    expect(text).not.toContain('admin@mailu.io')
    expect(text).toContain('updated_comment')
  })
})

test('a user shows everything that Mailu shows', async () => {
  const email = 'everything@mailu.io'
  const more = {
    quota_bytes: 2_000_000,
    forward_enabled: true,
    forward_destination: ['far@elsewhere.test'],
    forward_keep: false,
    reply_enabled: true,
    reply_subject: 'Fort – bis März',
    reply_startdate: '2027-01-31',
    spam_threshold: 50,
  }
  expect((await api('POST', '/v1/user', person(email, more))).status).toBe(200)
  const { text, headers } = await api('GET', `/v1/user/${encodeURIComponent(email)}`)
  expect(headers.get('content-type')).toBe('application/json')
  expect(text).toContain('"reply_subject": "Fort \\u2013 bis M\\u00e4rz"')
  expect(JSON.parse(text)).toEqual({
    email,
    password: expect.stringMatching(/^\$argon2id\$/),
    comment: 'created for testing RESTful API',
    quota_bytes: 2_000_000,
    quota_bytes_used: 0,
    global_admin: false,
    enabled: true,
    change_pw_next_login: false,
    enable_imap: true,
    enable_pop: true,
    allow_spoofing: false,
    forward_enabled: true,
    forward_destination: ['far@elsewhere.test'],
    forward_keep: false,
    reply_enabled: true,
    reply_subject: 'Fort – bis März',
    reply_body: null,
    reply_startdate: '2027-01-31',
    reply_enddate: '2999-12-31',
    displayed_name: 'admin',
    spam_enabled: true,
    spam_mark_as_read: true,
    spam_threshold: 50,
  })
  const listed = JSON.parse((await api('GET', '/v1/user')).text) as { email: string }[]
  expect(listed.find((user) => user.email === email)).not.toHaveProperty('reply_body')
})

test('a domain shows its managers and the lines of its zone', async () => {
  expect((await api('POST', '/v1/domain/mailu.io/dkim')).status).toBe(200)
  expect((await api('POST', '/v1/domain/mailu.io/manager', { user_email: 'user@mailu.io' })).status).toBe(200)
  expect((await api('POST', '/v1/domain/mailu.io/manager', { user_email: 'user@mailu.io' })).status).toBe(409)
  expect((await api('GET', '/v1/domain/mailu.io/manager')).text).toBe('{"managers": ["user@mailu.io"]}\n')
  const row = JSON.parse((await api('GET', '/v1/domain/mailu.io')).text) as Record<string, unknown>
  expect(Object.keys(row)).toEqual([
    'name',
    'comment',
    'managers',
    'max_users',
    'max_aliases',
    'max_quota_bytes',
    'signup_enabled',
    'alternatives',
    'dns_autoconfig',
    'dns_mx',
    'dns_spf',
    'dns_dkim',
    'dns_dmarc',
    'dns_dmarc_report',
    'dns_tlsa',
  ])
  expect(row['dns_mx']).toBe('mailu.io. 600 IN MX 10 localhost.')
  expect(row['dns_spf']).toBe('mailu.io. 600 IN TXT "v=spf1 mx a:localhost ~all"')
  expect(row['dns_dkim']).toMatch(/^dkim\._domainkey\.mailu\.io\. 600 IN TXT "v=DKIM1; k=rsa; p=/)
  expect(row['dns_dmarc']).toMatch(/^_dmarc\.mailu\.io\. 600 IN TXT "v=DMARC1; p=reject;/)
  expect(row['dns_autoconfig']).toContain('autoconfig.mailu.io. 600 IN CNAME localhost.')
  expect((await api('GET', '/v1/domain/mailu.io/manager/user@mailu.io')).status).toBe(200)
  expect((await api('DELETE', '/v1/domain/mailu.io/manager/user@mailu.io')).status).toBe(200)
  expect((await api('GET', '/v1/domain/mailu.io/manager/user@mailu.io')).status).toBe(404)
})

test('names that need it are written as people do, and taken in both forms', async () => {
  expect((await api('POST', '/v1/domain', { name: 'bücher.test' })).status).toBe(200)
  expect((await api('GET', '/v1/domain/xn--bcher-kva.test')).text).toContain('"name": "b\\u00fccher.test"')
  expect((await api('DELETE', '/v1/domain/b%C3%BCcher.test')).status).toBe(200)
})

test('an alias may lead to other servers and to other aliases, and catch all', async () => {
  const alias = (email: string, more: object) => api('POST', '/v1/alias', { email, ...more })
  expect((await alias('out@mailu.io', { destination: ['far@elsewhere.test', 'test@mailu.io'] })).status).toBe(
    200,
  )
  const all = { destination: ['user@mailu.io'], wildcard: true }
  expect((await alias('%@mailu.io', all)).status).toBe(200)
  expect((await api('DELETE', '/v1/alias/%25%40mailu.io')).status).toBe(200)
})

const long = 'x'.repeat(300)
const refused: readonly (readonly [number, string, string, unknown])[] = [
  [404, 'PATCH', '/v1/domain/nowhere.test', { comment: 'x' }],
  [404, 'GET', '/v1/domain/nowhere.test', undefined],
  [404, 'DELETE', '/v1/domain/nowhere.test', undefined],
  [404, 'POST', '/v1/domain/nowhere.test/dkim', undefined],
  [404, 'GET', '/v1/domain/nowhere.test/users', undefined],
  [404, 'POST', '/v1/user', { email: 'a@nowhere.test', raw_password: 'x' }],
  [404, 'GET', '/v1/user/nobody@mailu.io', undefined],
  [404, 'POST', '/v1/domain/mailu.io/manager', { user_email: 'nobody@mailu.io' }],
  [404, 'POST', '/v1/token', { email: 'nobody@mailu.io' }],
  [404, 'GET', '/v1/tokenuser/nobody@mailu.io', undefined],
  [404, 'GET', '/v1/token/999', undefined],
  [404, 'POST', '/v1/alternative', { name: 'b.test', domain: 'nowhere.test' }],
  [404, 'GET', '/v1/alternative/b.test', undefined],
  [404, 'GET', '/v1/alias/nobody@mailu.io', undefined],
  [404, 'GET', '/v1/relay/nowhere.test', undefined],
  [404, 'GET', '/v1/nothing', undefined],
  [405, 'PUT', '/v1/domain', {}],
  [409, 'POST', '/v1/domain', { name: 'MAILU.io' }],
  [409, 'POST', '/v1/domain', { name: 'c.test', alternatives: ['d.test', 'D.test'] }],
  [409, 'POST', '/v1/relay', { name: 'mailu.io' }],
  [409, 'POST', '/v1/alias', { email: 'USER@mailu.io', destination: ['a@b.test'] }],
  [400, 'GET', '/v1/domain/-.-', undefined],
  [400, 'GET', '/v1/user/no-address', undefined],
  [400, 'GET', '/v1/token/one', undefined],
  [400, 'POST', '/v1/domain', { name: 'a b' }],
  [400, 'POST', '/v1/domain', {}],
  [400, 'POST', '/v1/domain', { name: 7 }],
  [400, 'POST', '/v1/domain', { name: 'e.test', max_users: '10' }],
  [400, 'POST', '/v1/domain', { name: 'e.test', max_users: 1.5 }],
  [400, 'POST', '/v1/domain', { name: 'e.test', max_users: 1e300 }],
  [400, 'POST', '/v1/domain', { name: 'e.test', signup_enabled: 'False' }],
  [400, 'POST', '/v1/domain', { name: 'e.test', comment: long }],
  [400, 'POST', '/v1/domain', []],
  [400, 'POST', '/v1/domain', 'null'],
  [400, 'POST', '/v1/domain', ''],
  [400, 'POST', '/v1/domain', '{"name": '],
  [400, 'POST', '/v1/domain', `${'['.repeat(200_000)}`],
  [400, 'PATCH', '/v1/user/user@mailu.io', { reply_startdate: '2027-02-30' }],
  [400, 'PATCH', '/v1/user/user@mailu.io', { reply_enddate: 'soon' }],
  [400, 'PATCH', '/v1/user/user@mailu.io', { forward_enabled: true, forward_destination: [] }],
  [400, 'PATCH', '/v1/user/user@mailu.io', { forward_destination: ['nobody'] }],
  [400, 'PATCH', '/v1/user/user@mailu.io', { raw_password: '' }],
  [400, 'POST', '/v1/user', { email: 'a@mailu.io', raw_password: 'x', reply_startdate: '31.1.2027' }],
  [400, 'POST', '/v1/user', { email: 'a@mailu.io' }],
  [400, 'POST', '/v1/alias', { email: 'a@mailu.io' }],
  [400, 'POST', '/v1/alias', { email: 'a@mailu.io', destination: 'user@mailu.io' }],
  [400, 'POST', '/v1/token', { email: 'user@mailu.io', AuthorizedIP: ['999.0.0.0/8'] }],
  [400, 'POST', '/v1/relay', { name: 'f.test', smtp: 'two words' }],
]

test.each(refused)('%i for %s %s %j, as JSON with the code in it', async (status, method, path, body) => {
  const answer = await api(method, path, body)
  expect(answer.status).toBe(status)
  expect(JSON.parse(answer.text)).toMatchObject({ code: status, message: expect.any(String) })
})

test('what is too long is not read', async () => {
  const answer = await api('POST', '/v1/domain', { name: 'g.test', comment: 'x'.repeat(2_000_000) })
  expect(answer.status).toBe(413)
})

test('what is wrong is told by the name of its field', async () => {
  const { text } = await api('POST', '/v1/user', { email: 'nobody', raw_password: 7 })
  expect(JSON.parse(text)).toMatchObject({
    errors: { email: '“nobody” is no mail address.', raw_password: expect.stringContaining('string') },
    message: 'Input payload validation failed',
  })
})

test('a path is what it says, whatever is in it', async () => {
  expect((await api('POST', '/v1/user', person('user/with/slash@mailu.io'))).status).toBe(200)
  expect((await api('GET', '/v1/user/user%2Fwith%2Fslash%40mailu.io')).status).toBe(200)
  for (const path of [
    '/v1/user/%00@mailu.io',
    '/v1/user/%0D%0AX-Evil:%201@mailu.io',
    '/v1/user/%ff',
    '/v1/user/..%2Fdomain',
  ]) {
    const answer = await api('GET', path)
    expect(answer.status).toBe(400)
    expect(answer.headers.get('x-evil')).toBeNull()
  }
})

test('two at once do not take each other’s alternatives away', async () => {
  const names = Array.from({ length: 8 }, (_, at) => `other${at}.test`)
  await Promise.all(names.map((name) => api('POST', '/v1/alternative', { name, domain: 'mailu.io' })))
  const { text } = await api('GET', '/v1/domain/mailu.io')
  expect((JSON.parse(text) as { alternatives: string[] }).alternatives.toSorted()).toEqual(names)
  await Promise.all(names.map((name) => api('DELETE', `/v1/alternative/${name}`)))
  expect((await api('GET', '/v1/alternative')).text).toBe('[]\n')
})

test('a user made over the API signs in, and the audit says who made him', async () => {
  await api('POST', '/v1/user', { email: 'new@mailu.io', raw_password: 'correct horse' })
  const body = new URLSearchParams({ email: 'new@mailu.io', pw: 'correct horse' })
  const origin = `http://127.0.0.1:${server.ports.http}`
  const signedIn = await fetch(`${origin}/sso/login`, {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: { Origin: origin },
  })
  expect(signedIn.status).toBe(303)
  const { stdout } = await server.homepost(['audit', 'list', '--json'])
  const rows = JSON.parse(stdout) as { actor: string; key: string }[]
  expect(rows.find(({ key }) => key === 'new@mailu.io')).toMatchObject({ actor: 'api' })
  expect(stdout).not.toContain('correct horse')
})

test('without a token there is nothing, and a token is in no log', async () => {
  const nobody = await apiOf(server, '')('GET', '/v1/domain')
  expect(nobody.status).toBe(401)
  expect(nobody.text).toBe('{"code": 401, "message": "A valid Authorization header is mandatory"}\n')
  const stranger = await apiOf(server, 'Bearer wrong-and-secret')('GET', '/v1/domain')
  expect(stranger.status).toBe(403)
  expect(stranger.text).toBe('{"code": 403, "message": "Invalid API token"}\n')
  expect((await apiOf(server, 'Basic apitest')('GET', '/v1/domain')).status).toBe(403)
  expect((await apiOf(server, 'Bearer apites')('GET', '/v1/domain')).status).toBe(403)
  expect((await apiOf(server, 'Bearer ')('GET', '/v1/domain')).status).toBe(403)
  expect(server.output()).not.toMatch(/wrong-and-secret|apitest/)
})
