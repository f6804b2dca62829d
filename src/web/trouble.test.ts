import { afterAll, beforeAll, expect, test } from 'vitest'
import { addUsers, domainRow, newUser, startAuth } from '../../test/support/auth.ts'
import { createPglite } from '../../test/support/databases.ts'
import { type Browser, startWeb, type TestWeb } from '../../test/support/web.ts'
import { SqlServerFailure } from '../platform/sql-server/server.ts'

const database = createPglite()
let web: TestWeb
let browser: Browser
/** How many more connections the database gives. */
let left = Number.POSITIVE_INFINITY

beforeAll(async () => {
  const open = await database.fresh()
  const auth = await startAuth({
    openServer:
      open &&
      (async () => {
        const server = await open()
        const borrow = () => {
          left -= 1
          return left >= 0
            ? server.borrow()
            : Promise.reject(new SqlServerFailure('away', new Error('terminated')))
        }
        return { ...server, borrow }
      }),
  })
  await auth.admin.add('domain', domainRow('example.com'), 'test')
  await addUsers(auth.admin, [newUser('ann@example.com')])
  web = await startWeb({}, auth)
  browser = web.browser()
  await browser.signIn()
})
afterAll(async () => {
  left = Number.POSITIVE_INFINITY
  await web.end()
  await database.end()
})

test.each([
  ['/account', 0, 503],
  ['/account/sessions', 1, 503],
  ['/account', 1, 200],
])('%s where the directory goes away after %i answers: %i', async (path, answers, status) => {
  left = answers
  const answer = await browser.get(path)
  expect(answer.status).toBe(status)
  if (status === 200) return
  expect(answer.headers.get('retry-after')).toBe('60')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(await answer.text()).toContain('This does not work at the moment')
})

test.each(['/account/sessions/end', '/sso/logout'])('%s does not say that it is done', async (path) => {
  left = 1
  expect((await browser.post(path)).status).toBe(503)
  left = Number.POSITIVE_INFINITY
  expect((await browser.get('/account')).status).toBe(200)
})
