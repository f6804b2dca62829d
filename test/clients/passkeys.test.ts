import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'

let server: TestServer
let chrome: Browser
let context: BrowserContext
let page: Page

beforeAll(async () => {
  await requireDebian('chromium')
  server = await startServer({ env: { SITENAME: 'Tom & Ann' } })
  await server.addUsers('ann', 'bob')
  const args = ['--no-sandbox', '--ignore-certificate-errors']
  chrome = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
})
afterAll(async () => {
  await chrome?.close()
  await server?.stop()
})

beforeEach(async () => {
  context = await chrome.newContext({ ignoreHTTPSErrors: true })
  page = await context.newPage()
})
afterEach(() => context.close())

const at = (path: string) => `https://localhost:${server.ports.https}${path}`

/** Chromium's own authenticator, made of software. */
async function authenticator(isVerified = true) {
  const devtools = await context.newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: isVerified,
      automaticPresenceSimulation: true,
    },
  })
  return { devtools, authenticatorId }
}

async function signIn(login: string) {
  await page.goto(at('/sso/login'))
  await page.fill('#email', `${login}@example.test`)
  await page.fill('#pw', 'pw')
  await page.click('main form[action="/sso/login"] button')
}

test('a passkey is made, signs in alone and as the second step, and is removed', async () => {
  const { devtools, authenticatorId } = await authenticator()
  await signIn('ann')
  await page.goto(at('/account/factors/passkeys'))
  await page.fill('#name', 'Blue key')
  await page.click('form[data-passkey] button')
  await page.waitForSelector('ol.codes')
  expect(await page.locator('ol.codes li').count()).toBe(10)
  const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId })
  expect(credentials).toMatchObject([{ rpId: 'localhost', isResidentCredential: true }])
  await page.goto(at('/account/factors'))
  expect(await page.locator('main').innerText()).toContain('Blue key')

  await page.click('header form button')
  await page.waitForURL(at('/sso/login'))
  await page.goto(at('/sso/login?url=/account/spam'))
  await page.click('form[data-passkey] button')
  // Whole addresses: the page of the sign-in names the next one in its query.
  await page.waitForURL(at('/account/spam'))
  expect(await page.locator('header').innerText()).toContain('ann@example.test')

  await page.click('header form button')
  await page.waitForURL(at('/sso/login'))
  await signIn('ann')
  await page.waitForURL('**/sso/second**')
  await page.click('form[data-passkey] button')
  await page.waitForURL(at('/account'))

  await page.goto(at('/account/factors'))
  await page.click('button[aria-label="Remove: Blue key"]')
  await page.waitForURL(at('/account/factors?removed'))
  await page.click('header form button')
  await page.waitForURL(at('/sso/login'))
  await page.click('form[data-passkey] button')
  await page.waitForSelector('main > [role=alert]')
  expect(await page.locator('main > [role=alert]').innerText()).toContain('opens no account here')
  await signIn('ann')
  await page.waitForURL(at('/account'))
})

test('what a passkey said opens nothing a second time', async () => {
  await authenticator()
  await signIn('bob')
  await page.goto(at('/account/factors/passkeys'))
  await page.click('form[data-passkey] button')
  await page.waitForSelector('ol.codes')
  await page.click('header form button')
  await page.waitForURL(at('/sso/login'))
  const [sent] = await Promise.all([
    page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/sso/passkey')),
    page.click('form[data-passkey] button'),
  ])
  await page.waitForURL(at('/account'))
  const body = sent.postData() ?? ''
  await context.clearCookies()
  const again = await context.request.post(at('/sso/passkey'), {
    data: body,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: at('').replace(/\/$/, '') },
  })
  expect(again.status()).toBe(401)
})

test('who is not verified by a finger or a PIN does not get in', async () => {
  await authenticator(false)
  await page.goto(at('/sso/login'))
  await page.click('form[data-passkey] button')
  await page.waitForSelector('form[data-passkey] [role=alert]:not([hidden])')
  expect(page.url()).toContain('/sso/login')
})

test('the pages run no script but ours', async () => {
  const answer = await page.goto(at('/sso/login'))
  expect(answer?.headers()['content-security-policy']).toMatch(/script-src 'sha256-[\w+/]+=*';/)
  const ran = await page.evaluate(`
    const script = document.createElement('script')
    script.textContent = 'document.title = "foreign"'
    document.body.append(script)
    document.title`)
  expect(ran).not.toBe('foreign')
})
