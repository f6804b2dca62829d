import { afterEach, beforeEach, expect, test } from 'vitest'
import { addUsers, newUser } from '../../test/support/auth.ts'
import { hostile, startWeb, type TestWeb, textOf } from '../../test/support/web.ts'

let web: TestWeb
beforeEach(async () => {
  web = await startWeb()
})
afterEach(() => web.end())

test('a sender is listed, changed and taken away, and the audit says by whom', async () => {
  const browser = await web.signedIn('ann@example.com')
  const add = (sender: string, wanted = 'no') => browser.post('/account/senders', { sender, wanted })
  expect((await add('*@Shop.example')).status).toBe(303)
  expect(await textOf(browser.get('/account/senders?saved'))).toMatch(/shop\.example.*never wanted/s)
  await add('shop.example', 'yes')
  expect(await textOf(browser.get('/account/senders'))).toMatch(/shop\.example.*always wanted/s)
  const refused = await add(hostile)
  expect(refused.status).toBe(422)
  expect(await refused.text()).not.toContain('<script')
  expect((await browser.post('/account/senders/delete', { sender: 'shop.example' })).status).toBe(303)
  expect((await browser.post('/account/senders/delete', { sender: 'shop.example' })).status).toBe(404)
  const [last] = await web.auth.admin.audit()
  expect(last).toMatchObject({ actor: 'ann@example.com', on: 'sender', did: 'deleted' })
})

test('everybody has a list of his own, and global admins alone that of all', async () => {
  const ann = await web.signedIn('ann@example.com')
  const bob = await web.signedIn('bob@example.com')
  await ann.post('/account/senders', { sender: 'far.example', wanted: 'no' })
  expect(await textOf(bob.get('/account/senders'))).not.toContain('far.example')
  expect((await bob.post('/account/senders/delete', { sender: 'far.example' })).status).toBe(404)
  expect((await bob.post('/admin/senders', { sender: 'far.example', wanted: 'no' })).status).toBe(403)
  expect(await textOf(ann.get('/account/senders'))).toContain('far.example')
})

test('an administrator lists senders for all', async () => {
  await addUsers(web.auth.admin, [newUser('root@example.com', { globalAdmin: true })])
  const root = await web.signedIn('root@example.com')
  await root.post('/admin/senders', { sender: 'eve@far.example', wanted: 'no' })
  expect(await textOf(root.get('/admin/senders'))).toContain('eve@far.example')
  expect(await textOf(root.get('/account/senders'))).not.toContain('eve@far.example')
})
