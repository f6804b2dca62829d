import { afterEach, beforeEach, expect, test } from 'vitest'
import { address } from '../../../test/support/auth.ts'
import { type Browser, hostile, startWeb, type TestWeb, textOf } from '../../../test/support/web.ts'
import type { DomainName } from '../../lib/address.ts'

let web: TestWeb
let browser: Browser
const domain = 'example.com' as DomainName

beforeEach(async () => {
  web = await startWeb()
  browser = web.browser()
  await browser.signIn()
  await web.auth.admin.set('domain', domain, { anonmailEnabled: true }, 'test')
})
afterEach(() => web.end())

const make = (fields: Record<string, string> = {}) => browser.post('/account/aliases', fields)
const first = async () => (await web.auth.admin.aliases())[0]

test('an alias is made, switched off, on again, and deleted', async () => {
  const answer = await make({ hostname: 'shop.amazon.com', note: hostile })
  expect(answer.status).toBe(303)
  const text = await textOf(browser.get(answer.headers.get('location') ?? ''))
  expect(text).toMatch(/amazon\.[a-z]+@example\.com is yours now\./)
  expect(text).not.toContain('<script')
  const alias = (await first())?.address ?? ''
  expect(await first()).toMatchObject({
    destination: ['ann@example.com'],
    owner: 'ann@example.com',
    disabled: false,
  })
  await browser.post('/account/aliases/change', { alias, do: 'disable' })
  expect(await first()).toMatchObject({ disabled: true, comment: hostile, hostname: 'shop.amazon.com' })
  await browser.post('/account/aliases/change', { alias, do: 'enable' })
  expect(await first()).toMatchObject({ disabled: false })
  await browser.post('/account/aliases/change', { alias, do: 'delete' })
  expect(await web.auth.admin.aliases()).toEqual([])
})

test('where nobody has allowed it there is no form, and none is taken', async () => {
  await web.auth.admin.set('domain', domain, { anonmailEnabled: false }, 'test')
  const text = await textOf(browser.get('/account/aliases'))
  expect(text).toContain('Nobody has allowed you')
  expect(text).not.toContain('name="hostname"')
  expect((await make()).status).toBe(422)
  expect(await web.auth.admin.aliases()).toEqual([])
})

test.each(['disable', 'enable', 'delete'])(
  'nobody may %s the alias of another, nor an ordinary one',
  async (what) => {
    await make()
    const ordinary = { address: 'info@example.com', destination: [address('bob@example.com')] }
    await web.auth.admin.add('alias', ordinary, 'test')
    const before = await web.auth.admin.aliases()
    const bob = web.browser()
    await bob.signIn('bob@example.com')
    for (const { address: alias } of before) {
      expect((await bob.post('/account/aliases/change', { alias, do: what })).status).toBe(404)
      expect(await textOf(bob.get('/account/aliases'))).not.toContain(alias)
    }
    expect(await web.auth.admin.aliases()).toEqual(before)
  },
)
