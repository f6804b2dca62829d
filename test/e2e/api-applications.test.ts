import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiOf } from '../support/api.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let api: ReturnType<typeof apiOf>

beforeAll(async () => {
  server = await startServer({ env: { API: 'true', API_TOKEN: 'apitest', TLS_FLAVOR: 'notls' } })
  api = apiOf(server)
  await server.homepost(['domain', 'add', 'example.test', '--if-missing'])
}, 60_000)
afterAll(() => server.stop())

interface Told {
  readonly client_id: string
  readonly client_secret?: string
}

test('an application is registered, shown without its secret, changed, given another secret and deleted', async () => {
  const redirect_uris = ['https://app.example.com/callback']
  const added = await api('POST', '/v1/application', { name: 'Calendar', redirect_uris })
  expect(added.status).toBe(200)
  const { client_id: id, client_secret: first = '' } = JSON.parse(added.text) as Told
  expect(first).not.toBe('')
  const shown = await api('GET', `/v1/application/${id}`)
  expect(JSON.parse(shown.text)).toMatchObject({
    client_id: id,
    name: 'Calendar',
    confidential: true,
    redirect_uris,
    scopes: ['openid', 'profile', 'email'],
    device: false,
    signing: 'RS256',
  })
  expect(shown.text).not.toContain(first)
  const changes = { name: 'Diary', scopes: ['openid', 'mail'], device: true }
  expect((await api('PATCH', `/v1/application/${id}`, changes)).status).toBe(200)
  const list = await api('GET', '/v1/application')
  expect(JSON.parse(list.text)).toMatchObject([{ client_id: id, redirect_uris, ...changes }])
  const renewed = await api('POST', `/v1/application/${id}/secret`)
  expect(renewed.status).toBe(200)
  expect(JSON.parse(renewed.text)).toMatchObject({
    client_id: id,
    client_secret: expect.not.stringMatching(first),
  })
  expect((await api('DELETE', `/v1/application/${id}`)).status).toBe(200)
  for (const method of ['GET', 'DELETE'])
    expect((await api(method, `/v1/application/${id}`)).status).toBe(404)
  expect((await api('PATCH', `/v1/application/${id}`, changes)).status).toBe(404)
  expect((await api('POST', `/v1/application/${id}/secret`)).status).toBe(404)
  expect(server.output()).not.toContain(first)
})

test('a public one has no secret, and what is no application is refused', async () => {
  const program = { name: 'Program', confidential: false, redirect_uris: ['http://127.0.0.1/'] }
  const added = JSON.parse((await api('POST', '/v1/application', program)).text) as Told
  expect(added.client_secret).toBeUndefined()
  expect((await api('POST', `/v1/application/${added.client_id}/secret`)).status).toBe(404)
  for (const wrong of [
    {},
    { ...program, name: '' },
    { ...program, redirect_uris: ['http://far.example/'] },
    { ...program, redirect_uris: ['javascript:alert(1)'] },
    { ...program, scopes: ['everything'] },
    { ...program, signing: 'none' },
  ])
    expect([wrong, (await api('POST', '/v1/application', wrong)).status]).toEqual([wrong, 400])
})

test('only a key for applications reaches them, and none that is for a domain', async () => {
  const keyOf = async (name: string, scopes: string, ...more: string[]) => {
    const { stdout } = await server.homepost(['api', 'key', 'add', name, scopes, ...more, '--json'])
    return apiOf(server, `Bearer ${(JSON.parse(stdout) as { secret: string }).secret}`)
  }
  const asked = [
    ['GET', '/v1/application'],
    ['POST', '/v1/application'],
    ['GET', '/v1/application/x'],
    ['PATCH', '/v1/application/x'],
    ['POST', '/v1/application/x/secret'],
    ['DELETE', '/v1/application/x'],
  ] as const
  const statuses = (as: typeof api) =>
    Promise.all(
      asked.map(
        async ([method, path]) =>
          (await as(method, path, method === 'GET' ? undefined : { name: 'x', device: true })).status,
      ),
    )
  const none = asked.map(() => 403)
  expect(await statuses(await keyOf('users', 'user:write'))).toEqual(none)
  for (const scope of ['all:write', 'application:write'])
    expect(await statuses(await keyOf(scope.replace(':', '-'), scope, '--domain', 'example.test'))).toEqual(
      none,
    )
  expect(await statuses(await keyOf('reads', 'application:read'))).toEqual([200, 403, 404, 403, 403, 403])
  expect(await statuses(await keyOf('writes', 'application:write'))).toEqual([200, 200, 404, 404, 404, 404])
})

test('the document has every path of them', async () => {
  const { paths } = JSON.parse((await api('GET', '/v1/openapi.json')).text) as { paths: object }
  expect(Object.keys(paths).filter((path) => path.includes('/application'))).toEqual([
    expect.stringMatching(/\/application$/),
    expect.stringMatching(/\/application\/\{id\}$/),
    expect.stringMatching(/\/application\/\{id\}\/secret$/),
  ])
})
