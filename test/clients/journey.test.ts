import { TOTP } from 'otpauth'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { run, startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'

let server: TestServer
let chrome: Browser
let context: BrowserContext
let page: Page

beforeAll(async () => {
  await requireDebian('chromium', 'curl')
  server = await startServer()
  const { code } = await server.homepost(['admin', 'add', 'root@example.test', '--password-stdin'], 'pw')
  expect(code).toBe(0)
  const args = ['--no-sandbox', '--ignore-certificate-errors']
  chrome = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
})
afterAll(async () => {
  await chrome?.close()
  await server?.stop()
})
beforeEach(async () => {
  context = await chrome.newContext({ ignoreHTTPSErrors: true, locale: 'en' })
  page = await context.newPage()
})
afterEach(() => context.close())

const at = (path: string) => `https://localhost:${server.ports.https}${path}`

async function signIn(address: string, password: string) {
  await page.goto(at('/sso/login'))
  await page.fill('#email', address)
  await page.fill('#pw', password)
  await page.click('main form[action="/sso/login"] button')
}

async function signOut() {
  await page.click('header form button')
  await page.waitForURL(at('/sso/login'))
}

/** Fills the one form of a page and sends it. */
async function send(path: string, fields: Readonly<Record<string, string>>) {
  await page.goto(at(path))
  for (const [name, value] of Object.entries(fields)) await page.fill(`main [name="${name}"]`, value)
  await page.click('main form.panel button:not(.quiet):not(.bad)')
}

const imap = async (address: string, password: string) =>
  (
    await run('curl', [
      '--silent',
      '--insecure',
      '--user',
      `${address}:${password}`,
      `imaps://localhost:${server.ports.imaps}`,
    ])
  ).code

test('an administrator makes a domain, a person and an alias; the person gets going and is safe', async () => {
  await signIn('root@example.test', 'pw')
  await page.waitForURL(at('/account'))
  await send('/admin/domain/create', { name: 'new.test' })
  await page.waitForURL(/\/admin\/domain/)
  expect(await page.locator('main').innerText()).toContain('new.test')
  const password = 'first words of hers'
  await send('/admin/user/create/new.test', { localpart: 'zoe', pw: password, pw2: password })
  await page.waitForURL(/\/admin\/user\/list\/new\.test/)
  await send('/admin/alias/create/new.test', { localpart: 'team', destination: 'zoe@new.test' })
  await page.waitForURL(/\/admin\/alias\/list\/new\.test/)
  expect(await page.locator('main').innerText()).toContain('team@new.test')
  await signOut()

  // She chooses her own password before anything else.
  await signIn('zoe@new.test', password)
  await page.waitForURL(/\/sso\/pw_change/)
  const own = 'nobody else knows these'
  await page.fill('main [name="pw"]', own)
  await page.fill('main [name="pw2"]', own)
  await page.fill('main [name="oldpw"]', password)
  await page.click('main form button')
  await page.waitForURL((url) => !url.pathname.includes('pw_change'))

  await send('/account/tokens', { comment: 'Phone' })
  const token = (await page.locator('main .panel code').first().innerText()).trim()
  expect(await imap('zoe@new.test', token)).toBe(0)

  await page.goto(at('/account/factors/codes'))
  const codes = new TOTP({ secret: await page.inputValue('main [name="secret"]') })
  await page.fill('main [name="code"]', codes.generate())
  await page.click('main form button')
  await page.waitForSelector('ol.codes')
  expect(await imap('zoe@new.test', own)).not.toBe(0)
  expect(await imap('zoe@new.test', token)).toBe(0)
  await signOut()
  await signIn('zoe@new.test', own)
  await page.waitForURL(/\/sso\/second/)
  // A code opens once: the next one does.
  await page.fill('main [name="code"]', codes.generate({ timestamp: Date.now() + 30_000 }))
  await page.click('main form button')
  await page.waitForURL(at('/account'))
})

test('whoever chooses another language reads it at once, from right to left too', async () => {
  await page.goto(at('/sso/login'))
  for (const [language, direction] of [
    ['de', 'ltr'],
    ['fa', 'rtl'],
    ['pt', 'ltr'],
  ] as const) {
    await page.selectOption('#language', language)
    await page.click('footer button')
    await page.waitForSelector(`html[lang="${language}"][dir="${direction}"]`)
    expect(new URL(page.url()).pathname).toBe('/sso/login')
  }
})
