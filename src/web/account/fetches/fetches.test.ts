import { afterEach, beforeEach, expect, test } from 'vitest'
import { address } from '../../../../test/support/auth.ts'
import { type Browser, hostile, startWeb, type TestWeb, textOf } from '../../../../test/support/web.ts'
import type { Fetching } from '../../../ports/fetching.ts'

/** A server elsewhere of which all that is asked is whether it was asked. */
const asked: string[] = []
const fetching: Fetching = {
  run: async (id) => {
    asked.push(`run ${id}`)
    return { kind: 'collected', taken: 3, left: 0 }
  },
  check: async (id) => {
    asked.push(`check ${id}`)
    return { kind: 'works', messages: 7, folders: ['INBOX', hostile] }
  },
  tallies: async (ids) => new Map(ids.map((id) => [id, { taken: 12, left: 1, why: hostile }])),
}

let web: TestWeb
let browser: Browser

beforeEach(async () => {
  asked.length = 0
  web = await startWeb({}, undefined, async () => ({ fetching }), undefined, fetching)
  browser = await web.signedIn('ann@example.com')
})
afterEach(() => web.end())

const fields = {
  protocol: 'imap',
  host: 'imap.else.example',
  tls: 'yes',
  port: '',
  username: 'ann',
  password: 'very secret',
  folders: 'INBOX\r\nLists > News',
  keep: 'yes',
  comment: hostile,
}
const rows = () => web.auth.admin.fetches()
const idOf = async () => (await rows())[0]?.id ?? 0

test('a mailbox is added, checked at once, changed, visited, and given up', async () => {
  const made = await textOf(browser.post('/account/fetches', fields))
  expect(made).toContain('It works: 7 messages are there.')
  expect(made).not.toContain('<script>alert')
  expect(made).not.toContain('very secret')
  const id = await idOf()
  const expected = { port: 993, folders: ['INBOX', 'Lists > News'], keep: true, scan: false, tls: true }
  expect(await rows()).toMatchObject([{ user: 'ann@example.com', ...expected }])
  const kept = (await web.auth.secrets.fetches()).get(id)
  expect(kept).toBe('very secret')
  await browser.post(`/account/fetches/${id}`, { ...fields, protocol: 'pop3', tls: '', password: '' })
  expect(await rows()).toMatchObject([{ protocol: 'pop3', port: 110, tls: false }])
  expect((await web.auth.secrets.fetches()).get(id)).toBe(kept)
  const elsewhere = { ...fields, host: 'evil.example', password: '' }
  expect(await textOf(browser.post(`/account/fetches/${id}`, elsewhere))).toContain('type its password, too')
  expect(await rows()).toMatchObject([{ host: 'imap.else.example' }])
  expect(await textOf(browser.post(`/account/fetches/${id}/run`))).toContain('3 messages were fetched.')
  const list = await textOf(browser.get('/account/fetches'))
  expect(list).toContain('12 messages in all')
  expect(list).toContain('1 message stays there')
  expect(list).not.toContain('<script>alert')
  expect(asked).toEqual([`check ${id}`, `check ${id}`, `run ${id}`])
  await browser.post(`/account/fetches/${id}/delete`)
  expect(await rows()).toEqual([])
})

test('nobody sees or touches the mailbox of another', async () => {
  await browser.post('/account/fetches', fields)
  const id = await idOf()
  const before = await rows()
  asked.length = 0
  const bob = await web.signedIn('bob@example.com')
  expect((await bob.get(`/account/fetches/${id}`)).status).toBe(404)
  for (const what of ['', '/run', '/check', '/pause', '/resume', '/delete'])
    expect((await bob.post(`/account/fetches/${id}${what}`, fields)).status).toBe(404)
  expect(await rows()).toEqual(before)
  expect(asked).toEqual([])
})

test('what the directory refuses is said, and what was typed stands there still', async () => {
  const answer = await browser.post('/account/fetches', { ...fields, port: '70000' })
  expect(answer.status).toBe(422)
  const text = await textOf(answer)
  expect(text).toContain('imap.else.example')
  expect(text).not.toContain('very secret')
  expect(await rows()).toEqual([])
})

test('administrators see everybody’s, and have one visited', async () => {
  await browser.post('/account/fetches', fields)
  const id = await idOf()
  expect((await browser.get('/admin/fetches')).status).toBe(403)
  await web.auth.admin.set('user', address('bob@example.com'), { globalAdmin: true }, 'test')
  const boss = await web.signedIn('bob@example.com')
  const text = await textOf(boss.get('/admin/fetches?q=imap.else'))
  expect(text).toContain('ann@example.com')
  expect(text).not.toContain('<script>alert')
  expect(await textOf(boss.get('/admin/fetches?q=nothing'))).not.toContain('imap.else.example')
  expect((await boss.post(`/admin/fetches/${id}/run`)).status).toBe(303)
  expect(asked).toContain(`run ${id}`)
})

test('a mailbox is paused, changed meanwhile, and resumed', async () => {
  await browser.post('/account/fetches', fields)
  const place = `/account/fetches/${await idOf()}`
  expect(await textOf(browser.get(place))).toContain(`${place}/pause`)
  expect((await browser.post(`${place}/pause`)).headers.get('location')).toBe(place)
  expect(await rows()).toMatchObject([{ enabled: false }])
  await browser.post(place, { ...fields, comment: 'paused box', password: '' })
  expect(await rows()).toMatchObject([{ enabled: false, comment: 'paused box' }])
  expect(await textOf(browser.get('/account/fetches'))).toContain('paused ·')
  const text = await textOf(browser.get(place))
  expect(text).toContain(`${place}/resume`)
  expect(text).not.toContain(`${place}/pause`)
  await browser.post(`${place}/resume`)
  expect(await rows()).toMatchObject([{ enabled: true }])
})

test('what went wrong is told in the language of the page, and as it stands where an older version wrote it', async () => {
  await browser.post('/account/fetches', fields)
  const id = await idOf()
  const values = { host: hostile, said: '“no”' }
  await web.auth.fetches.report(id, 'The other server does not want it.', { key: 'fetch.password', values })
  const german = { 'Accept-Language': 'de' }
  const shown = await textOf(browser.get('/account/fetches', german))
  expect(shown).toContain('nimmt Benutzername oder Passwort nicht an')
  expect(shown).not.toContain('does not want')
  expect(shown).not.toContain('<script>alert')
  await web.auth.fetches.report(id, 'What <fetchmail> said')
  expect(await textOf(browser.get(`/account/fetches/${id}`, german))).toContain(
    '<span lang="en">What &lt;fetchmail&gt; said</span>',
  )
})

test('where fetching is switched off there is no page for it', async () => {
  await web.end()
  web = await startWeb({ fetches: false })
  browser = await web.signedIn('ann@example.com')
  expect((await browser.get('/account/fetches')).status).toBe(404)
  expect(await textOf(browser.get('/account'))).not.toContain('/account/fetches')
})
