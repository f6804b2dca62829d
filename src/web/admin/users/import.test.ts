import * as argon2 from 'argon2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { address } from '../../../../test/support/auth.ts'
import { hostile, textOf } from '../../../../test/support/web.ts'
import { type Role, type Roles, startRoles } from '../../../../test/support/web-roles.ts'

let roles: Roles
beforeAll(async () => {
  roles = await startRoles()
})
afterAll(() => roles.web.end())

const origin = { Origin: 'https://mail.example.test', 'Sec-Fetch-Site': 'same-origin' }
const directory = () => roles.web.auth.admin

/** As a browser sends a file; its length is known before. */
async function send(role: Role, table: string | Blob, sure = false): Promise<Response> {
  const form = new FormData()
  form.set('table', typeof table === 'string' && sure ? table : new File([table], 'users.csv'))
  if (sure) form.set('sure', 'yes')
  const whole = new Response(form)
  const type = whole.headers.get('content-type') ?? ''
  const body = await whole.arrayBuffer()
  return roles.as[role].ask('/admin/user/import', {
    method: 'POST',
    body,
    headers: { ...origin, 'Content-Type': type },
  })
}
const everything = async () => JSON.stringify(await directory().everything())

test('a table is shown before it is done, and done as it was shown', async () => {
  const table = `email,password,displayed_name,quota\r\ntom@example.com,long enough,"Tom ""T"" <b>",500M\r\nbob@example.com,,${'Bob B'},\r\nann@example.com,,,\r\n`
  const before = await everything()
  const shown = await textOf(send('manager', table))
  expect(await everything()).toBe(before)
  expect(shown).toContain('New: 1. Changed: 1. As before: 1.')
  expect(shown).toContain('displayedName:  → Bob B')
  expect(shown).not.toContain('<b>')
  const [, kept = ''] = /<textarea[^>]*>\n([\s\S]*?)<\/textarea>/.exec(shown) ?? []
  const again = kept.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>')
  expect(again.replaceAll('\r\n', '\n')).toBe(table.replaceAll('\r\n', '\n'))
  expect((await send('manager', again, true)).headers.get('location')).toBe('/admin/user?saved')
  expect(await directory().user(address('tom@example.com'))).toMatchObject({
    displayedName: 'Tom "T" <b>',
    quotaBytes: 5e8,
  })
  expect(await directory().user(address('bob@example.com'))).toMatchObject({ displayedName: 'Bob B' })
  const tom = roles.web.browser()
  expect((await tom.signIn('tom@example.com', 'long enough')).headers.get('location')).toBe('/account')
  const [last] = await directory().audit()
  expect(last).toMatchObject({ actor: 'mia@example.com', on: 'user' })
})

test.each([
  ['email,quota\nann@example.com,much', 'Line', 'expected a size'],
  ['email\nnew@example.com', '2', 'needs a password'],
  ['email,password\nteam@example.com,long enough', '2', 'exists already'],
  [`email\n${hostile}`, '2', 'A quote is not closed'],
  ['email\n<script>', '2', 'expected an address'],
  [hostile, '1', 'A quote is not closed'],
  [`email,<script>\na@x.test,x`, '1', 'There is no column'],
  ['email,password\n"x', '2', 'A quote is not closed'],
  [`email,comment\nann@example.com,${'x'.repeat(300)}`, '2', 'Shorten'],
  ['', '1', 'has to be email'],
  ['email\n', '', 'nobody in this table'],
])('of %j nothing is done, and what is wrong stands at its line', async (table, line, why) => {
  const before = await everything()
  for (const sure of [false, true]) {
    const answer = await send('admin', table, sure)
    expect(answer.status).toBe(422)
    const text = await answer.text()
    expect(text).toContain(line)
    expect(text).toContain(why)
    expect(text).not.toContain('<script')
  }
  expect(await everything()).toBe(before)
})

test('one mistake undoes all, and all mistakes are told at once', async () => {
  const table =
    'email,password,quota\none@example.com,long enough,\ntwo@example.com,,\nthree@example.com,long enough,x'
  const text = await textOf(send('admin', table, true))
  expect(text).toContain('2 lines have to be mended')
  expect(await directory().user(address('one@example.com'))).toBeUndefined()
})

test.each([
  'email,password\nnew@other.example,long enough',
  'email,enabled\nroot@example.com,no',
  'email,password\nboss@example.com,taken over!',
  'email,global_admin\nmia@example.com,yes',
  'email,message_rate\nann@example.com,unlimited',
  'email,enabled\nmia@example.com,no',
  'email,password\ngone@example.com,taken over!',
])('a manager does nothing with %j', async (table) => {
  const before = await everything()
  for (const sure of [false, true]) expect((await send('manager', table, sure)).status).toBe(422)
  expect(await everything()).toBe(before)
})

test('limits of the domain hold for a table, also for several lines together', async () => {
  const name = (await directory().domains())[0]?.name
  if (name === undefined) throw new Error('no domain')
  const { length } = await directory().users(name)
  await directory().set('domain', name, { maxUsers: length + 2, maxQuotaBytes: 1e9 }, 'test')
  const table = (count: number) =>
    ['email,password,quota', ...Array.from({ length: count }, (_, n) => `n${n}@${name},long enough,1G`)].join(
      '\n',
    )
  expect(await textOf(send('manager', table(3)))).toContain('may have')
  expect(await textOf(send('manager', `${table(1)}\nbob@${name},,2G`))).toContain('gives a user at most')
  await directory().set('domain', name, { maxUsers: -1, maxQuotaBytes: 0 }, 'test')
})

test('a long table of passwords that are the old ones changes nothing', async () => {
  const names = Array.from({ length: 150 }, (_, n) => `long-${n}@example.com`)
  const hash = await argon2.hash('long enough', { memoryCost: 8, timeCost: 1, parallelism: 1 })
  const hashes = names.map((name) => `${name},"${hash}"\r\n`).join('')
  const made = await send('admin', `email,password_hash\r\n${hashes}`, true)
  expect(made.headers.get('location')).toBe('/admin/user?saved')
  const passwords = names.map((name) => `${name},long enough\r\n`).join('')
  const shown = await textOf(send('admin', `email,password\r\n${passwords}`))
  expect(shown).toContain('New: 0. Changed: 0. As before: 150.')
})

test('more lines than are taken, and larger files, are refused', async () => {
  const many = ['email', ...Array.from({ length: 1_001 }, (_, n) => `n${n}@example.com`)].join('\n')
  expect(await textOf(send('admin', many))).toContain('More than 1000 users')
  expect((await send('admin', `email\n${'x'.repeat(1_100_000)}`)).status).toBe(413)
})

test('a file of an old spreadsheet is read in its letters', async () => {
  const octets = Buffer.from('email;displayed_name\r\nann@example.com;J\xfcrgen\r\n', 'latin1')
  expect(await textOf(send('admin', new Blob([octets])))).toContain('Jürgen')
})

test('the people of a manager are a table that a spreadsheet takes for text', async () => {
  await directory().set(
    'user',
    address('ann@example.com'),
    { comment: '=1+1', displayedName: hostile },
    'test',
  )
  const answer = await roles.as.manager.get('/admin/user/export.csv')
  expect(answer.headers.get('content-type')).toContain('text/csv')
  expect(answer.headers.get('content-disposition')).toContain('attachment')
  const text = await answer.text()
  expect(text).toContain("'=1+1")
  expect(text).not.toContain('other.example')
  expect(text).not.toContain('gone@')
  const shown = await textOf(send('manager', text))
  expect(shown).toMatch(/2 lines have to be mended/) // root and boss stand above her
  expect(await textOf(send('admin', await textOf(roles.as.admin.get('/admin/user/export.csv'))))).toMatch(
    /New: 0\. Changed: 0\./,
  )
  expect(await textOf(roles.as.manager.get('/admin/user/template.csv'))).toMatch(
    /^email,password,password_hash,/,
  )
})
