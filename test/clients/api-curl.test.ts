import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'

let server: TestServer

beforeAll(async () => {
  await requireDebian('curl')
  server = await startServer({ env: { API: 'true', API_TOKEN: 'apitest' } })
  await server.homepost(['domain', 'add', 'example.test', '--if-missing'])
})
afterAll(() => server.stop())

/** As scripts for Mailu are written: curl over HTTPS, and grep on what comes. */
async function sh(script: string, token = 'Bearer apitest') {
  const ask = `curl --silent --insecure -H 'accept: application/json' -H 'Authorization: ${token}'`
  const api = `https://127.0.0.1:${server.ports.https}/api`
  const { code, stdout } = await run('sh', ['-c', script.replaceAll('$ask', ask).replaceAll('$api', api)])
  return { code, text: stdout.trim() }
}

test('users are made, listed and deleted with curl and grep', async () => {
  for (const name of ['one', 'two']) {
    const body = JSON.stringify({ email: `${name}@example.test`, raw_password: 'password' })
    expect(
      (await sh(`$ask -X POST $api/v1/user -H 'Content-Type: application/json' -d '${body}' | grep 200`))
        .code,
    ).toBe(0)
    expect(
      (await sh(`$ask -X POST $api/v1/user -H 'Content-Type: application/json' -d '${body}' | grep 409`))
        .code,
    ).toBe(0)
  }
  expect((await sh(`$ask $api/v1/user | grep -o email | grep -c email`)).text).toBe('2')
  expect((await sh(`$ask -X DELETE $api/v1/user/two%40example.test | grep 200`, 'apitest')).code).toBe(0)
})

test('an empty body in the form of curl -d, a large one in pieces, and one that never ends', async () => {
  expect((await sh(`$ask -X POST $api/v1/domain/example.test/dkim -d '' | grep 200`)).code).toBe(0)
  const chunked = `-H 'Transfer-Encoding: chunked' -H 'Content-Type: application/json'`
  const small = `printf '{"comment": "in pieces"}' | $ask -X PATCH $api/v1/domain/example.test ${chunked} -d @- | grep 200`
  expect((await sh(small)).code).toBe(0)
  expect((await sh('$ask $api/v1/domain/example.test | grep "in pieces"')).code).toBe(0)
  const endless = `head -c 50000000 /dev/zero | $ask -X POST $api/v1/domain ${chunked} -T - -o /dev/null -w '%{http_code}'`
  expect((await sh(endless)).text).toMatch(/^(413|000)$/)
  expect((await sh('$ask $api/v1/domain | grep example.test')).code).toBe(0)
})

test('plain HTTP is sent to HTTPS before anything is read', async () => {
  const { text } = await sh(
    `$ask -o /dev/null -w '%{http_code}' http://127.0.0.1:${server.ports.http}/api/v1/user`,
  )
  expect(text).toBe('301')
})
