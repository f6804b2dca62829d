import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { address } from '../../../../test/support/auth.ts'
import { hostile, type OpsStage, startOps } from '../../../../test/support/ops-stage.ts'
import { type Browser, textOf } from '../../../../test/support/web.ts'

let at: OpsStage
beforeAll(async () => {
  at = await startOps()
}, 60_000)
afterAll(() => at.end())

type Role = 'root' | 'mia' | 'eli' | 'bob'

const all: Readonly<Record<Role, number>> = { root: 200, mia: 200, eli: 200, bob: 403 }
const globalOnly: Readonly<Record<Role, number>> = { root: 200, mia: 403, eli: 403, bob: 403 }
const ofHome: Readonly<Record<Role, number>> = { root: 200, mia: 200, eli: 404, bob: 403 }
const ofElse: Readonly<Record<Role, number>> = { root: 200, mia: 404, eli: 200, bob: 403 }
/** A global admin who lives in home.test: its manager stands below him. */
const ofAdmin: Readonly<Record<Role, number>> = { root: 200, mia: 404, eli: 404, bob: 403 }

const routes: readonly (readonly [string, Readonly<Record<Role, number>>])[] = [
  ['/queue', globalOnly],
  ['/queue?q=far.test&state=held', globalOnly],
  ['/queue/1', globalOnly],
  ['/queue/2', globalOnly],
  ['/audit', globalOnly],
  ['/system', globalOnly],
  ['/certificates', globalOnly],
  ['/mail/ann@home.test', ofHome],
  ['/mail/ann@home.test?q=Letter', ofHome],
  ['/mail/cid@else.test', ofElse],
  ['/mail/nobody@home.test', { root: 404, mia: 404, eli: 404, bob: 403 }],
  ['/sign-ins', globalOnly],
  ['/resolver?name=home.test&type=TXT', globalOnly],
  ['/history', all],
  ['/history/1', all],
  ['/history/2', ofElse],
  ['/history/3', ofHome],
  ['/history/4', { root: 200, mia: 404, eli: 404, bob: 403 }],
  ['/history/5', ofAdmin],
  ['/history/6', ofAdmin],
  ['/history/7', ofHome],
  ['/mail/boss@home.test', ofAdmin],
  ['/sessions/boss@home.test', ofAdmin],
  ['/reports', all],
  ['/reports/home.test', ofHome],
  ['/reports/else.test?days=365', ofElse],
  ['/dns', all],
  ['/dns/home.test', ofHome],
  ['/dns/else.test', ofElse],
  ['/sessions/ann@home.test', ofHome],
  ['/sessions/cid@else.test', ofElse],
  ['/sessions/root@example.com', { root: 200, mia: 404, eli: 404, bob: 403 }],
]

test.each(routes)('%s is for those whom it concerns, and is small and harmless', async (path, expected) => {
  for (const role of ['root', 'mia', 'eli', 'bob'] as const) {
    const answer = await at[role].get(`/admin${path}`)
    expect([role, answer.status]).toEqual([role, expected[role]])
    const text = await answer.text()
    expect(text).not.toMatch(/<script|<img/i)
    expect(text).not.toMatch(/ style="/)
    expect(gzipSync(text).length).toBeLessThan(60_000)
  }
  const stranger = await at.web.browser().get(`/admin${path}`)
  expect([stranger.status, stranger.headers.get('location')]).toEqual([
    303,
    `/sso/login?url=${encodeURIComponent(`/admin${path}`)}`,
  ])
})

test.each([
  ['/queue', { do: 'drop', id: '1', sure: 'yes' }],
  ['/queue', { do: 'retry', all: 'yes' }],
  ['/sign-ins', { who: 'ann@home.test' }],
  ['/sessions/cid@else.test/end', {}],
  ['/sessions/root@example.com/end', {}],
  ['/sessions/boss@home.test/end', {}],
])('%s is not done for a manager whom it does not concern', async (path, fields) => {
  expect([403, 404]).toContain((await at.mia.post(`/admin${path}`, fields)).status)
  expect((await at.bob.post(`/admin${path}`, fields)).status).toBe(403)
  expect(await at.web.mail.queue.list(0, 10)).toHaveLength(5)
})

test('forms of other sites change nothing', async () => {
  const foreign = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }
  const sent = await at.root.post('/admin/queue', { do: 'drop', id: '1', sure: 'yes' }, foreign)
  expect(sent.status).toBe(403)
  expect(await at.web.mail.queue.list(0, 10)).toHaveLength(5)
})

test('the queue is shown by destination, and searched by address, state and id', async () => {
  const whole = await textOf(at.root.get('/admin/queue'))
  expect(whole).toContain('slow.test')
  expect(whole).toContain('&lt;script&gt;')
  const held = await textOf(at.root.get('/admin/queue?state=held'))
  expect(held).toContain('amy@far.test')
  expect(held).not.toContain('bob@far.test')
  const none = await textOf(at.root.get('/admin/queue?q=%25'))
  expect(none).toContain('Nothing was found')
})

test.each([
  [0, 'asks to come again later'],
  [1, 'does not trust this server'],
  [2, 'could not be reached'],
  [3, 'not be as safe'],
  [4, 'Not tried yet'],
])('message %i of the queue says what its last answer means', async (n, meaning) => {
  const text = await textOf(at.root.get(`/admin/queue/${at.rows[n]?.id}`))
  expect(text).toContain(meaning)
  expect(text).toContain('REQUIRETLS')
})

test('messages are held, released and tried, one or all that were found, and the audit knows who did it', async () => {
  const id = String(at.rows[0]?.id)
  const held = await at.root.post('/admin/queue', { do: 'hold', id })
  expect(held.headers.get('location')).toBe('/admin/queue?did=hold&n=1&q=&state=')
  expect(await textOf(at.root.get('/admin/queue?did=hold&n=1'))).toContain('1 message is held back')
  const first = async () => (await at.web.mail.queue.list(0, 1))[0]
  expect((await first())?.held).toBe(true)
  await at.root.post('/admin/queue', { do: 'release', all: 'yes', q: 'far.test' })
  expect((await first())?.held).toBe(false)
  await at.root.post('/admin/queue', { do: 'hold', id: String(at.rows[1]?.id) })
  const [last] = await at.web.auth.admin.audit()
  expect(last).toMatchObject({ actor: 'root@example.com', on: 'queue', did: 'modified' })
})

test('a message is thrown away only by those who are sure', async () => {
  const id = String(at.rows[4]?.id)
  const asked = await at.root.post('/admin/queue', { do: 'drop', id })
  expect(await asked.text()).toContain('Throw 1 message away')
  expect(await at.web.mail.queue.list(0, 10)).toHaveLength(5)
  const sure = await at.root.post('/admin/queue', { do: 'drop', ids: `${id},x,-1`, sure: 'yes' })
  expect(sure.headers.get('location')).toContain('did=drop&n=1')
  expect(await at.web.mail.queue.list(0, 10)).toHaveLength(4)
  expect((await at.root.get(`/admin/queue/${id}`)).status).toBe(404)
})

test.each([
  { do: 'explode', id: '1' },
  { do: 'hold', id: 'x' },
  { do: 'hold' },
  { do: '__proto__', id: '1' },
])('%j changes nothing', async (fields) => {
  expect((await at.root.post('/admin/queue', fields)).status).toBe(303)
})

test('a manager sees of a message only his own people', async () => {
  const mia = await textOf(at.mia.get('/admin/history/1'))
  expect(mia).toContain('ann@home.test')
  expect(mia).not.toContain('cid@else.test')
  expect(mia).toContain('1 elsewhere')
  expect(await textOf(at.root.get('/admin/history/1'))).toContain('cid@else.test')
  const list = await textOf(at.mia.get('/admin/history'))
  expect(list).not.toContain('Win a prize')
  expect(list).toContain('Lunch on Friday')
  expect(await textOf(at.mia.get('/admin/history?q=cid@else.test'))).not.toContain('/admin/history/1')
})

test('a manager hears nothing of an admin who lives in his domain, by no name of his', async () => {
  const list = await textOf(at.mia.get('/admin/history'))
  expect(list).not.toContain('Between')
  expect(list).toContain('To both')
  expect(list).not.toContain('boss')
  expect(await textOf(at.mia.get('/admin/history/7'))).not.toContain('boss')
  const searched = await textOf(at.mia.get('/admin/history?q=boss@home.test'))
  expect(searched).not.toMatch(/admin\/history\/\d|admin\/mail\//)
  expect(await textOf(at.root.get('/admin/history?q=boss@home.test'))).toContain('Between admins')
})

test('nor of one who is deleted, and not yet gone', async () => {
  const { admin } = at.web.auth
  const boss = address('boss@home.test')
  await admin.add('departure', { user: boss, deleteAt: Date.now() + 9e8 }, 'test')
  expect(await textOf(at.mia.get('/admin/history'))).not.toContain('Between admins')
  await admin.delete('departure', boss, 'test')
})

test.each([
  ['q=cid@else.test', ['1', '2']],
  ['q=m-3', ['3']],
  ['what=reject', ['2']],
  ['q=eve@far.test&before=3', ['1', '2']],
  ['q=nobody@far.test', []],
])('the history is searched by %s', async (query, numbers) => {
  const text = await textOf(at.root.get(`/admin/history?${query}`))
  const found = [...text.matchAll(/\/admin\/history\/(\d+)/g)].map(([, number = '']) => number)
  expect(found.toSorted()).toEqual(numbers)
})

test('where the mail of somebody is, what was refused among it, is a search away', async () => {
  expect(await textOf(at.mia.get('/admin/history?q=ann@home.test'))).toContain('/admin/mail/ann@home.test')
  expect(await textOf(at.mia.get('/admin/history?q=cid@else.test'))).not.toContain('/admin/mail/')
  const first = await textOf(at.mia.get('/admin/mail/ann%40home.test'))
  expect(first).toContain('Letter 59')
  expect(first).toContain('&lt;script&gt;')
  const [, next = ''] = /href="(\?[^"]+)" rel="next"/.exec(first) ?? []
  const second = await textOf(at.mia.get(`/admin/mail/ann%40home.test${next.replaceAll('&amp;', '&')}`))
  expect(second.match(/Letter \d+/g)).toEqual(Array.from({ length: 10 }, (_, n) => `Letter ${9 - n}`))
  expect(second).not.toContain('rel="next"')
})

test('certificates say until when they are good, and what is in the way of others', async () => {
  const text = await textOf(at.root.get('/admin/certificates'))
  expect(text).toContain('mail.home.test')
  expect(text).toMatch(/✗<\/span> /)
  expect(text).toContain('The authority could not reach port 80')
  const asked = await at.root.post('/admin/certificates')
  expect(asked.headers.get('location')).toBe('/admin/certificates?asked=troubled')
  expect(await textOf(at.root.get('/admin/certificates?asked=troubled'))).toContain('did not work')
  expect((await at.mia.post('/admin/certificates')).status).toBe(403)
})

test('what is thrown away is what was found when it was asked', async () => {
  const asked = await at.root.post('/admin/queue', { do: 'drop', all: 'yes', q: 'far.test' })
  const [, ids] = /name="ids" value="([^"]+)"/.exec(await asked.text()) ?? []
  expect(ids?.split(',')).toHaveLength(2)
})

test('the system says what answers, and what does not', async () => {
  const text = await textOf(at.root.get('/admin/system'))
  expect(text.match(/✓<\/span> works/g)).toHaveLength(4)
  expect(text).toMatch(/✗<\/span> does not work<\/span> <span class="hint" lang="en">&lt;script/)
  expect(text).toContain('imaps 993')
  expect(text).toContain('mail.db')
})

test('a message says why it was refused, in words', async () => {
  const text = await textOf(at.root.get('/admin/history/2'))
  expect(text).toContain('GTUBE')
  expect(text).toMatch(/550 5\.7\.1/)
  expect(text).toContain('s1._domainkey.far.test')
})

test('reasons are told in the language of the page', async () => {
  const german = { 'Accept-Language': 'de' }
  const message = await textOf(at.root.get('/admin/history/2', german))
  expect(message).toContain('bittet zur Probe, für Spam gehalten zu werden')
  expect(message).toContain('Die Domain des Absenders verbietet den Computer, der sie gebracht hat.')
  const certificates = await textOf(at.root.get('/admin/certificates', german))
  expect(certificates).toMatch(/hat diesen Server unter &lt;script.*nicht erreicht/s)
  expect(certificates).toContain('Port 80 von überall zu diesem Server durchlassen')
})

test('DNS says of each record whether it is there, what is there instead, and what to paste', async () => {
  const text = await textOf(at.mia.get('/admin/dns/home.test'))
  expect(text).toMatch(/✓<\/span> there<\/span><br><strong>Mail comes here/)
  expect(text).toMatch(/✗<\/span> something else<\/span><br><strong>Who may send in its name/)
  expect(text).toContain('v=spf1 &lt;script&gt;')
  expect(text).toContain('<code class="paste">&quot;v=spf1 mx a:mail.home.test ~all&quot;</code>')
  expect(text).toContain('home.test. 600 IN MX 10 mail.home.test.')
})

test('reports are drawn and say what to do', async () => {
  const text = await textOf(at.mia.get('/admin/reports/home.test'))
  expect(text.match(/<svg/g)?.length).toBeGreaterThan(2)
  expect(text).toContain('Of 1,934 messages 1,850 were proven to be yours')
  expect(text).toContain('the policy may become p=reject')
  expect(text).toContain('its certificate has run out')
})

test('whoever guesses passwords is listed, and let in again', async () => {
  const guesser = at.web.browser({ ip: '198.51.100.4' })
  for (let n = 0; n < 6; n++) await guesser.signIn(`${n}${hostile}@x.test`, `guess ${n}`)
  const text = await textOf(at.root.get('/admin/sign-ins'))
  expect(text).toContain('198.51.100.0/24')
  expect(text).not.toContain('<script')
  await at.root.post('/admin/sign-ins', { who: '198.51.100.0/24' })
  expect(await textOf(at.root.get('/admin/sign-ins'))).not.toContain('198.51.100.0/24')
  const [last] = await at.web.auth.admin.audit()
  expect(last).toMatchObject({ on: 'sign-in', key: '198.51.100.0/24', actor: 'root@example.com' })
})

test('the sessions of somebody are listed and ended', async () => {
  const browser: Browser = at.web.browser()
  await browser.ask('/sso/login', {
    method: 'POST',
    body: new URLSearchParams({ email: 'ann@home.test', pw: 'correct horse' }),
    headers: { Origin: 'https://mail.example.test', 'User-Agent': hostile },
  })
  const text = await textOf(at.mia.get('/admin/sessions/ann@home.test'))
  expect(text).toContain('&lt;script&gt;')
  const [, path = ''] = /action="([^"]+\/[^"/]+\/end)"/.exec(text) ?? []
  expect((await at.eli.post(path)).status).toBe(404)
  expect((await at.mia.post(path)).status).toBe(303)
  expect((await browser.get('/account')).headers.get('location')).toContain('/sso/login')
  expect((await at.mia.post(path)).status).toBe(404)
})

test('changes are searched by who and what, a page at a time', async () => {
  const { admin } = at.web.auth
  for (let n = 0; n < 60; n++)
    await admin.set('user', address('cid@else.test'), { comment: `${hostile} ${n}` }, 'boss@else.test')
  const first = await textOf(at.root.get('/admin/audit?who=BOSS&what=cid'))
  expect(first.match(/boss@else\.test/g)?.length).toBe(50)
  const [, more = ''] = /href="(\?[^"]+)" rel="next"/.exec(first) ?? []
  const second = await textOf(at.root.get(`/admin/audit${more.replaceAll('&amp;', '&')}`))
  expect(second.match(/boss@else\.test/g)?.length).toBe(10)
  expect(second).not.toContain('rel="next"')
})

test.each([
  ['name=home.test&type=MX', 'MX 10 mail.home.test.'],
  ['name=home.test&type=TXT', 'v=spf1 &lt;script&gt;'],
  ['name=none.test', 'There is no none.test'],
  ['name=%22%3E%3Cscript%3E', 'no name of DNS'],
])('the resolver explains %s', async (query, expected) => {
  expect(await textOf(at.root.get(`/admin/resolver?${query}`))).toContain(expected)
})
