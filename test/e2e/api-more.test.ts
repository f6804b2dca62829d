import { once } from 'node:events'
import { connect } from 'node:net'
import { createTransport } from 'nodemailer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiOf } from '../support/api.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let api: ReturnType<typeof apiOf>
let origin: string

beforeAll(async () => {
  server = await startServer({
    env: { API: 'true', API_TOKEN: 'apitest', TLS_FLAVOR: 'notls', FETCH_NETWORKS: '127.0.0.0/8' },
  })
  api = apiOf(server)
  origin = `http://127.0.0.1:${server.ports.http}`
  await server.homepost(['domain', 'add', 'example.test', '--if-missing'])
  await server.addUsers('ann', 'bob')
}, 60_000)
afterAll(() => server.stop())

const read = async <T>(path: string) => JSON.parse((await api('GET', path)).text) as T

interface Queued {
  readonly id: number
  readonly recipient: string
  readonly sender: string
  readonly held: boolean
}

test('the queue is listed, held, released, tried and emptied, row by row', async () => {
  const post = createTransport({
    host: '127.0.0.1',
    port: server.ports.submission,
    ignoreTLS: true,
    auth: { user: 'ann@example.test', pass: 'pw' },
  })
  await post.sendMail({
    from: 'ann@example.test',
    to: ['far@elsewhere.test', 'off@elsewhere.test'],
    text: 'Hello',
  })
  const rows = await read<Queued[]>('/v1/queue')
  expect(rows.map(({ recipient }) => recipient)).toEqual(['far@elsewhere.test', 'off@elsewhere.test'])
  const [first, second] = rows.map(({ id }) => id)
  expect(await read(`/v1/queue?after=${first}`)).toHaveLength(1)
  expect((await api('POST', `/v1/queue/${first}/hold`)).status).toBe(200)
  expect(await read<Queued>(`/v1/queue/${first}`)).toMatchObject({ held: true, sender: 'ann@example.test' })
  expect((await api('POST', `/v1/queue/${first}/release`)).status).toBe(200)
  expect(await read<Queued>(`/v1/queue/${first}`)).toMatchObject({ held: false })
  expect((await api('POST', `/v1/queue/${first}/retry`)).status).toBe(200)
  for (const id of [first, second]) expect((await api('DELETE', `/v1/queue/${id}`)).status).toBe(200)
  expect((await api('GET', '/v1/queue')).text).toBe('[]\n')
  for (const [method, path] of [
    ['GET', ''],
    ['POST', '/hold'],
    ['DELETE', ''],
  ] as const)
    expect((await api(method, `/v1/queue/${first}${path}`)).status).toBe(404)
  const traces = await read<{ other: string; outcome: string }[]>(
    '/v1/user/ann@example.test/trace?containing=off@',
  )
  expect(traces).toMatchObject([{ way: 'out', other: 'off@elsewhere.test', outcome: 'withdrawn' }])
  expect((await api('GET', '/v1/user/nobody@example.test/trace')).status).toBe(404)
  expect((await api('GET', '/v1/queue?after=x')).status).toBe(400)
  const { stdout } = await server.homepost(['audit', 'list', '--json'])
  expect(stdout).toContain(`"${second} to off@elsewhere.test"`)
})

test('the DNS records of a domain are listed with what DNS says', async () => {
  const rows = await read<{ type: string; state: string }[]>('/v1/domain/example.test/dns')
  expect(rows[0]).toMatchObject({ purpose: 'mail comes here', type: 'MX', value: '10 mail.example.test.' })
  // Nobody answers in tests.
  expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['unknown']))
  expect((await api('GET', '/v1/domain/nowhere.test/dns')).status).toBe(404)
}, 60_000)

async function signIn(user: string): Promise<string> {
  const body = new URLSearchParams({ email: `${user}@example.test`, pw: 'pw' })
  const answer = await fetch(`${origin}/sso/login`, {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: { Origin: origin },
  })
  return (
    answer.headers
      .getSetCookie()
      .find((line) => line.startsWith('session='))
      ?.split(';')[0] ?? ''
  )
}
const isIn = async (cookie: string) =>
  (await fetch(`${origin}/account`, { headers: { Cookie: cookie }, redirect: 'manual' })).status === 200

test('a person’s browsers are listed and signed out, one or all, and nobody else’s', async () => {
  const [one, two, other] = [await signIn('ann'), await signIn('ann'), await signIn('bob')]
  const rows = await read<{ id: string; seen_from: string }[]>('/v1/user/ann@example.test/session')
  expect(rows.map(({ seen_from }) => seen_from)).toEqual(['127.0.0.1', '127.0.0.1'])
  // What the list tells is no key.
  expect(await isIn(`session=${rows[0]?.id}`)).toBe(false)
  expect((await api('DELETE', `/v1/user/bob@example.test/session/${rows[0]?.id}`)).status).toBe(404)
  expect((await api('DELETE', `/v1/user/ann@example.test/session/${rows[0]?.id}`)).status).toBe(200)
  expect([await isIn(one), await isIn(two)].filter(Boolean)).toHaveLength(1)
  expect((await api('DELETE', '/v1/user/ann@example.test/session')).status).toBe(200)
  expect([await isIn(one), await isIn(two), await isIn(other)]).toEqual([false, false, true])
  expect((await api('DELETE', '/v1/user/nobody@example.test/session')).status).toBe(404)
})

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
}

interface Described {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: unknown
}

test('the document says what there is, in OpenAPI 3.1, to everybody, under Mailu’s name too', async () => {
  const answer = await fetch(`${origin}/api/v1/openapi.json`)
  expect(answer.status).toBe(200)
  const document = (await answer.json()) as Document
  expect(document.openapi).toMatch(/^3\.1\./)
  expect(await (await fetch(`${origin}/api/v1/swagger.json`)).json()).toEqual(document)
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ path, method, ...described })),
  )
  expect(all.length).toBeGreaterThan(45)
  expect(new Set(all.map(({ operationId }) => operationId)).size).toBe(all.length)
  // Each of them is there: nothing is listed that has no such path.
  for (const { path, method, parameters = [] } of all) {
    expect([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)).toEqual(
      parameters.filter((each) => each.in === 'path').map(({ name }) => name),
    )
    const { status } = await apiOf(server, '')(method.toUpperCase(), path.replace(/\{\w+\}/g, 'x'), undefined)
    expect([path, status]).toEqual([path, 401])
  }
  expect(document.paths['/v1/user']?.['post']?.requestBody).toMatchObject({
    content: { 'application/json': { schema: { type: 'object', required: ['email', 'raw_password'] } } },
  })
})

const form = (fields: Record<string, string>, headers: Record<string, string> = { Origin: origin }) =>
  fetch(`${origin}/api/v1/`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
    redirect: 'manual',
  })

test('the page shows every operation, tries one, and keeps no token', async () => {
  expect((await fetch(`${origin}/api`, { redirect: 'manual' })).headers.get('location')).toBe('/api/v1/')
  const answer = await fetch(`${origin}/api/v1/`)
  const text = await answer.text()
  expect(text).not.toContain('<script')
  expect(text).toContain('DELETE /api/v1/domain/{domain}/manager/{email}')
  const tried = await form({
    operation: 'get /user/{email}',
    'param.email': 'ann@example.test',
    token: 'Bearer apitest',
  })
  const page = await tried.text()
  expect(page).toContain('&quot;email&quot;: &quot;ann@example.test&quot;')
  expect(page).not.toContain('apitest')
  expect(tried.headers.get('cache-control')).toBe('no-store')
})

test('what is tried may do no more than its token, and what others’ pages send is not tried', async () => {
  expect(await (await form({ operation: 'get /user', token: '' })).text()).toContain('401')
  expect(await (await form({ operation: 'get /user', token: 'wrong\r\nX: y' })).text()).toContain('403')
  expect(
    (await form({ operation: 'get /user', token: 'apitest' }, { Origin: 'https://evil.test' })).status,
  ).toBe(403)
  expect((await form({ operation: 'get ../../metrics', token: 'apitest' })).status).toBe(303)
  const wild = await form({
    operation: 'get /user/{email}',
    'param.email': '../domain?x=<script>',
    token: 'apitest',
  })
  const text = await wild.text()
  expect(text).toContain('no mail address')
  expect(text).not.toContain('<script')
})

test('where API is off there is nothing', async () => {
  const off = await startServer({ env: { API_TOKEN: 'apitest', TLS_FLAVOR: 'notls' } })
  try {
    for (const path of ['/v1/domain', '/v1/', '/v1/openapi.json', ''])
      expect([path, (await apiOf(off)('GET', path)).status]).toEqual([path, 404])
  } finally {
    await off.stop()
  }
}, 60_000)

test.each([
  ['POST', '/api/v1/user', 'application/json'],
  ['POST', '/sso/login', 'application/x-www-form-urlencoded'],
  ['POST', '/oauth/token', 'multipart/form-data; boundary=x'],
])('whoever leaves in the middle of %s %s is no error in the log', async (method, path, type) => {
  const socket = connect(server.ports.http, '127.0.0.1')
  const fields = [
    'Host: mail.example.test',
    'Origin: http://mail.example.test',
    'Authorization: Bearer apitest',
    `Content-Type: ${type}`,
    'Content-Length: 1000',
    'Expect: 100-continue',
  ]
  socket.write(`${method} ${path} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`)
  await once(socket, 'data')
  socket.write('{"half": ')
  socket.resetAndDestroy()
  // What came later has been answered: the other one is over.
  for (let count = 0; count < 3; count += 1) await api('GET', '/v1/user/ann@example.test')
  expect(server.output()).not.toContain('"level":"error"')
})

test('what is fetched for a user is listed, added, changed, visited and given up, and no password is told', async () => {
  const place = '/v1/user/bob@example.test/fetch'
  const row = {
    ...{ protocol: 'imap', host: '127.0.0.1', port: server.ports.imap, username: 'ann@example.test' },
    ...{ keep: true, folders: ['INBOX'], comment: 'hers' },
  }
  const added = await api('POST', place, { ...row, password: 'pw', enabled: false })
  expect([added.status, added.text]).toEqual([200, expect.not.stringContaining('password')])
  const { id } = JSON.parse(added.text) as { id: number }
  const told = { ...row, id, tls: false, scan: false, invisible: false, last_check: null, error: null }
  expect(await read(place)).toEqual([{ ...told, enabled: false }])
  const exported = await server.homepost(['config', 'export', '--json', '--full', 'user.fetches'])
  const { user } = JSON.parse(exported.stdout) as { user: { fetches: object[] }[] }
  const { password, ...same } = user.flatMap(({ fetches }) => fetches)[0] as { password: string }
  expect([same, password]).toEqual([{ ...told, enabled: false }, '<hidden>'])

  const one = `${place}/${id}`
  expect((await api('PATCH', one, { enabled: true, folders: [] })).status).toBe(200)
  expect(await read(one)).toEqual({ ...told, enabled: true, folders: [] })
  const stolen = await api('PATCH', one, { host: 'evil.example' })
  expect([stolen.status, stolen.text]).toEqual([400, expect.stringContaining('password')])
  expect(await read(`${one}`)).toMatchObject({ host: '127.0.0.1' })
  expect((await api('PATCH', one, { password: 'wrong' })).status).toBe(200)
  const failed = JSON.parse((await api('POST', `${one}/run`)).text) as { error: string }
  expect(failed).toMatchObject({
    running: false,
    taken: 0,
    error: expect.stringContaining('does not accept'),
  })
  expect(await read(one)).toMatchObject({ error: failed.error })
  expect((await api('PATCH', one, { host: '127.0.0.1', password: 'pw' })).status).toBe(200)
  const ran = JSON.parse((await api('POST', `${one}/run`)).text) as object
  expect(ran).toMatchObject({ running: false, left: 0, error: null })

  for (const [method, path, body] of [
    ['GET', '', undefined],
    ['PATCH', '', { comment: 'x' }],
    ['POST', '/run', undefined],
    ['DELETE', '', undefined],
  ] as const)
    expect((await api(method, `/v1/user/ann@example.test/fetch/${id}${path}`, body)).status).toBe(404)
  expect((await api('POST', place, { ...row, password: 'pw', port: 70_000 })).status).toBe(400)
  expect((await api('POST', place, { ...row, password: '' })).status).toBe(400)
  expect((await api('POST', place, { protocol: 'imap', host: 'h', password: 'pw' })).status).toBe(400)
  expect((await api('POST', '/v1/user/nobody@example.test/fetch', { ...row, password: 'pw' })).status).toBe(
    404,
  )
  expect((await api('DELETE', one)).status).toBe(200)
  expect(await read(place)).toEqual([])
})
