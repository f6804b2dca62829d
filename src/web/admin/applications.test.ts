import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostile, textOf } from '../../../test/support/web.ts'
import { type Roles, startRoles } from '../../../test/support/web-roles.ts'

let roles: Roles
beforeAll(async () => {
  roles = await startRoles()
})
afterAll(() => roles.web.end())

const calendar = {
  name: 'Calendar',
  redirects: 'https://app.example.com/callback\r\n\r\n  https://app.example.com/other ',
  'sign-in': 'yes',
  offline: 'yes',
  confidential: 'yes',
}
const clients = () => roles.web.auth.oauth.clients
const named = async (name: string) => (await clients().list()).find((row) => row.name === name)
const told = (text: string) => /Client secret<\/dt><dd><code>([^<]+)</.exec(text)?.[1]

test('an application is registered, and its secret told once; it changes, gets another one, and goes', async () => {
  const { admin } = roles.as
  const created = await textOf(admin.post('/admin/application/create', calendar))
  const row = await named('Calendar')
  expect(row).toMatchObject({
    isConfidential: true,
    redirectUris: ['https://app.example.com/callback', 'https://app.example.com/other'],
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    device: false,
    signing: 'RS256',
  })
  const id = row?.id ?? ''
  // It is typed on command lines: nothing in it is taken for an option.
  expect(id).toMatch(/^[a-z0-9]{24}$/)
  const first = told(created)
  expect(created).toContain(`<code>${id}</code>`)
  expect(await clients().authenticate(id, first)).toMatchObject({ id })

  const edit = `/admin/application/edit/${id}`
  const shown = await textOf(admin.get(edit))
  expect(shown).not.toContain(first)
  const ticked = [...shown.matchAll(/<input[^>]*type="checkbox"[^>]*>/g)].map(([box]) => box)
  const isTicked = (name: string) => ticked.find((box) => box.includes(`name="${name}"`))?.includes('checked')
  expect(['sign-in', 'offline', 'mail', 'device'].map(isTicked)).toEqual([true, true, false, false])
  const changed = { name: 'Diary', redirects: '', mail: 'yes', device: 'yes', es256: 'yes' }
  expect((await admin.post(edit, changed)).headers.get('location')).toBe('/admin/application?saved')
  expect(await clients().find(id)).toMatchObject({
    ...{ name: 'Diary', redirectUris: [], scopes: ['mail'], device: true, signing: 'ES256' },
    isConfidential: true,
  })
  const second = told(await textOf(admin.post(`/admin/application/secret/${id}`)))
  expect(second).not.toBe(first)
  expect(await clients().authenticate(id, first)).toBeUndefined()
  expect(await clients().authenticate(id, second)).toMatchObject({ id })
  expect((await admin.post(`/admin/application/delete/${id}`)).status).toBe(303)
  expect(await clients().find(id)).toBeUndefined()
  for (const gone of [`secret/${id}`, `delete/${id}`, `edit/${id}`])
    expect((await admin.post(`/admin/application/${gone}`)).status).toBe(404)
})

test('one that may learn less than the page has boxes for learns no more when it is saved there', async () => {
  const settings = { name: 'Door', redirectUris: ['https://door.example.com/'], device: false } as const
  const less = { ...settings, scopes: ['openid'], signing: 'RS256', isConfidential: false } as const
  const added = await clients().add(less, 'test')
  const id = added.kind === 'added' ? added.id : ''
  const fields = { name: 'Gate', redirects: 'https://door.example.com/', 'sign-in': 'yes' }
  expect((await roles.as.admin.post(`/admin/application/edit/${id}`, fields)).status).toBe(303)
  expect(await clients().find(id)).toMatchObject({ name: 'Gate', scopes: ['openid'] })
})

test('one on the devices of people has no secret', async () => {
  const program = { ...calendar, name: 'Program', redirects: 'http://127.0.0.1/', confidential: '' }
  expect(told(await textOf(roles.as.admin.post('/admin/application/create', program)))).toBeUndefined()
  const { id = '' } = (await named('Program')) ?? {}
  expect(await textOf(roles.as.admin.get(`/admin/application/edit/${id}`))).not.toContain('/secret/')
  expect((await roles.as.admin.post(`/admin/application/secret/${id}`)).status).toBe(404)
})

test.each([
  ['without a name', { name: '' }],
  ['with an address that is not safe', { redirects: 'http://far.example/' }],
  ['with a script for an address', { redirects: 'javascript:alert(1)' }],
])('none is registered %s, and what was typed stays', async (_, wrong) => {
  const before = await clients().list()
  const answer = await roles.as.admin.post('/admin/application/create', { ...calendar, ...wrong })
  expect(answer.status).toBe(422)
  expect(await answer.text()).toContain('role="alert"')
  expect(await clients().list()).toEqual(before)
})

test('what somebody calls an application is text', async () => {
  const fields = { ...calendar, name: hostile }
  const pages = [await textOf(roles.as.admin.post('/admin/application/create', fields))]
  const { id = '' } = (await named(hostile)) ?? {}
  pages.push(await textOf(roles.as.admin.get('/admin/application')))
  pages.push(await textOf(roles.as.admin.get(`/admin/application/edit/${id}`)))
  for (const page of pages) expect(page).not.toContain(hostile)
})
