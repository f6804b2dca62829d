import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { client, startProvider, type TestProvider } from '../support/oidc/provider.ts'
import { freePortOffset, startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'

// A real browser, the whole server, and a real provider whose cookies and redirects cross from one site to the other.

let server: TestServer
let provider: TestProvider
let chrome: Browser
let folder: string

beforeAll(async () => {
  await requireDebian('chromium')
  folder = mkdtempSync(join(tmpdir(), 'homepost-oidc-'))
  const offset = await freePortOffset()
  provider = await startProvider({ redirectUrl: `https://mail.example.test:${offset + 443}/sso/oidc` })
  writeFileSync(join(folder, 'authority.pem'), provider.authorityPem)
  server = await startServer({
    env: {
      PORT_OFFSET: String(offset),
      NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem'),
      OIDC_ENABLED: 'true',
      OIDC_PROVIDER_INFO_URL: provider.infoUrl,
      OIDC_CLIENT_ID: client.id,
      OIDC_CLIENT_SECRET: client.secret,
      OIDC_BUTTON_NAME: 'Company',
    },
  })
  await server.addUsers('ann')
  provider.person.claims = { email: 'ann@example.test', email_verified: true }
  const args = [
    '--no-sandbox',
    '--ignore-certificate-errors',
    '--host-resolver-rules=MAP mail.example.test 127.0.0.1',
  ]
  chrome = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
})
afterAll(async () => {
  await chrome?.close()
  await server?.stop()
  await provider?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const at = (path: string) => `https://mail.example.test:${server.ports.https}${path}`

test('a browser signs in with the provider, sees its link, signs out here and there', async () => {
  const context = await chrome.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  await page.goto(at('/account/spam'))
  await page.click('text=Sign in with Company')
  await page.waitForURL(at('/account/spam'))
  expect(await page.locator('header').innerText()).toContain('ann@example.test')
  await page.goto(at('/account/password'))
  expect(await page.locator('main').innerText()).toContain('ann-1')
  await page.goto(at('/account/factors/codes'))
  await page.click('text=Sign in with Company')
  await page.waitForURL(at('/account/factors'))
  await page.goto(at('/account/factors/codes'))
  expect(await page.locator('form[action="/account/factors/codes"]').count()).toBe(1)
  await page.click('header form button')
  await page.waitForURL(at('/sso/login?out'))
  await page.click('text=Sign out at Company')
  await page.waitForURL(`${provider.issuer}/**`)
  await context.close()
})

test('without scripts too', async () => {
  const context = await chrome.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(at('/sso/login'))
  await page.click('text=Sign in with Company')
  await page.waitForURL(at('/account'))
  await context.close()
})

test('where the provider is gone, the page says so and the password opens the account', async () => {
  provider.instead.set('/token', (_, response) => response.destroy())
  const context = await chrome.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  await page.goto(at('/sso/login'))
  await page.click('text=Sign in with Company')
  await page.waitForSelector('[role=alert]')
  expect(await page.locator('[role=alert]').first().innerText()).toContain('does not work at the moment')
  await page.fill('#email', 'ann@example.test')
  await page.fill('#pw', 'pw')
  await page.click('main form[action="/sso/login"] button')
  await page.waitForURL(at('/account'))
  await context.close()
})
