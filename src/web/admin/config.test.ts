import { afterEach, beforeEach, expect, test } from 'vitest'
import { addUsers, newUser } from '../../../test/support/auth.ts'
import { type Browser, startWeb, type TestWeb, textOf } from '../../../test/support/web.ts'

let web: TestWeb
let root: Browser
beforeEach(async () => {
  web = await startWeb()
  await addUsers(web.auth.admin, [newUser('root@example.com', { globalAdmin: true })])
  root = await web.signedIn('root@example.com')
})
afterEach(() => web.end())

const file = (text: string) => ({ file: text })
const exported = async (fields: Record<string, string> = {}) =>
  (await root.post('/admin/config/export', fields)).text()

test('what was exported goes in again and changes nothing', async () => {
  const text = await exported({ secrets: 'yes' })
  expect(text).toMatch(/^domain:/)
  expect(text).toContain('email: bob@example.com')
  const rehearsal = await textOf(root.post('/admin/config/import', { ...file(text), replaces: 'yes' }))
  expect(rehearsal).toContain('Nothing was changed yet')
  expect(await exported({ secrets: 'yes' })).toBe(text)
})

test('a rehearsal changes nothing, and what was rehearsed is then done', async () => {
  const asked = file('user:\n  - email: bob@example.com\n    comment: from a file\n')
  const { admin } = web.auth
  const bob = async () => (await admin.users()).find(({ address }) => address === 'bob@example.com')
  expect(await textOf(root.post('/admin/config/import', asked))).toContain('bob@example.com')
  expect(await bob()).toMatchObject({ comment: '' })
  expect((await root.post('/admin/config/import', { ...asked, sure: 'yes' })).status).toBe(303)
  expect(await bob()).toMatchObject({ comment: 'from a file' })
  expect((await admin.audit())[0]).toMatchObject({ actor: 'root@example.com', key: 'bob@example.com' })
})

test.each([
  ['user: [', /line 1/],
  ['user:\n  - email: nobody\n', /email/],
  ['<script>alert(1)</script>', /./],
  [`a: ${'['.repeat(50_000)}`, /nested too deeply/],
])('%j is refused, and says why', async (text, why) => {
  const answer = await root.post('/admin/config/import', { ...file(text), sure: 'yes' })
  expect(answer.status).toBe(422)
  const page = await answer.text()
  expect(page).toMatch(why)
  expect(page).not.toContain('<script>alert')
})

test('nobody deletes himself by a file that does not name him', async () => {
  const text = 'domain:\n  - name: example.com\n'
  const answer = await root.post('/admin/config/import', {
    ...file(text),
    replaces: 'yes',
    sure: 'yes',
  })
  expect(answer.status).toBe(422)
  expect(await answer.text()).toContain('The file does not name you')
  expect((await web.auth.admin.users()).length).toBeGreaterThan(2)
})

test.each(['enabled: false', 'global_admin: false'])('nobody locks himself out by %s', async (what) => {
  const text = `user:\n  - email: root@example.com\n    ${what}\n`
  const answer = await root.post('/admin/config/import', { ...file(text), sure: 'yes' })
  expect(answer.status).toBe(422)
  expect(await answer.text()).toContain('The file switches you off')
})

test('what is his own he may change', async () => {
  const text = 'user:\n  - email: root@example.com\n    comment: me\n'
  expect((await root.post('/admin/config/import', { ...file(text), sure: 'yes' })).status).toBe(303)
})

test('the audit says who took a file, and whether with secrets', async () => {
  await exported({ secrets: 'yes' })
  const [last] = await web.auth.admin.audit()
  expect(last).toMatchObject({ actor: 'root@example.com', on: 'file', key: 'export' })
  expect(last?.columns).toMatchObject([{ column: 'secrets', to: true }])
})

test('whoever signed in a while ago signs in again first', async () => {
  await web.auth.clock.advance(16 * 60_000)
  const answer = await root.post('/admin/config/export', {})
  expect(answer.status).toBe(303)
  expect(answer.headers.get('location')).toBe(`/sso/login?again&url=${encodeURIComponent('/admin/config')}`)
})
