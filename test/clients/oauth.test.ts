import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { ImapFlow } from 'imapflow'
import { createTransport } from 'nodemailer'
import * as openid from 'openid-client'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf } from '../support/code-of.ts'
import { run, startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'

// Real applications, a real browser and real mail programs at the whole server.

const host = 'mail.example.test'
let server: TestServer
let chrome: Browser
/** Both applications: one on somebody's machine, and one beside the server. */
let application: Server
let answering = (_url: URL, response: ServerResponse): void => void response.end('nothing here')

beforeAll(async () => {
  await requireDebian('chromium', 'curl')
  application = createServer((incoming, response) =>
    answering(new URL(incoming.url ?? '/', 'http://application'), response),
  )
  await once(application.listen(0, '127.0.0.1'), 'listening')
  server = await startServer({
    env: { WEB_PROXIES: `/calendar=http://127.0.0.1:${applicationPort()}/;open` },
  })
  await server.addUsers('ann', 'bob')
  const args = ['--no-sandbox', '--ignore-certificate-errors', `--host-resolver-rules=MAP ${host} 127.0.0.1`]
  chrome = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
}, 120_000)
afterAll(async () => {
  await chrome?.close()
  await server?.stop()
  application.close()
})

const applicationPort = () => (application.address() as AddressInfo).port
const at = (path: string) => `https://${host}:${server.ports.https}${path}`
const certificate = () => join(server.dataDir, 'certs', 'self-signed.cert.pem')

/** As `fetch`, of a name that no DNS has. */
async function ask(url: string, { method, headers, body }: RequestInit): Promise<Response> {
  const text = await new Response(body ?? null).text()
  const sent = request(url, {
    ...(method !== undefined && { method }),
    hostname: '127.0.0.1',
    servername: host,
    ca: readFileSync(certificate()),
    headers: { ...Object.fromEntries(new Headers(headers)), host: new URL(url).host },
  })
  sent.end(text)
  const [answer] = await once(sent, 'response')
  const chunks: Buffer[] = await answer.toArray()
  return new Response(Buffer.concat(chunks), { status: answer.statusCode, headers: answer.headers })
}

/** Registered by the administrator, known by one address and what he was told. */
async function register(name: string, ...options: string[]): Promise<openid.Configuration> {
  const added = await server.homepost(['oauth', 'add', name, ...options, '--json'])
  expect(added.stderr).toBe('')
  const { id, secret } = JSON.parse(added.stdout) as { id: string; secret?: string }
  return openid.discovery(new URL(at('')), id, secret, secret === undefined ? openid.None() : undefined, {
    [openid.customFetch]: ask as openid.CustomFetch,
  })
}

async function newPage(): Promise<Page> {
  const context = await chrome.newContext({ ignoreHTTPSErrors: true })
  return context.newPage()
}

async function signIn(page: Page, login: string) {
  await page.fill('#email', `${login}@example.test`)
  await page.fill('#pw', 'pw')
  await page.click('main form[action="/sso/login"] button')
}

/** He sets up a code generator, and signs out. */
async function secondStep(page: Page, login: string): Promise<string> {
  await page.goto(at('/sso/login'))
  await signIn(page, login)
  await page.waitForURL(at('/account'))
  await page.goto(at('/account/factors/codes'))
  const secret = await page.locator('input[name=secret]').inputValue()
  await page.fill('input[name=code]', codeOf(secret, Date.now()))
  await page.click('main form button')
  await page.waitForSelector('ol.codes')
  await page.click('header form button')
  await page.waitForURL(at('/sso/login'))
  return secret
}

interface Asked {
  readonly redirectUri: string
  readonly scope: string
}

async function begin(config: openid.Configuration, { redirectUri, scope }: Asked) {
  const verifier = openid.randomPKCECodeVerifier()
  const [state, nonce] = [openid.randomState(), openid.randomNonce()]
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope,
    state,
    nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  const redeem = (answer: URL) =>
    openid.authorizationCodeGrant(config, answer, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
    })
  return { url: url.href, redeem }
}

const letter = 'Subject: with a token\r\n\r\nHello\r\n'

/** By each protocol whether a real program gets in with this token: curl, imapflow and nodemailer. */
async function doors(accessToken: string) {
  const user = 'ann@example.test'
  const curl = async (url: string, ...more: string[]) => {
    const args = ['--silent', '--show-error', '--cacert', certificate(), '--user', user]
    const ran = await run('curl', [...args, '--oauth2-bearer', accessToken, ...more, url], { input: letter })
    // 67: the server did not let it in.
    return ran.code === 0 || ran.code === 67 ? ran.code === 0 : ran.stderr
  }
  const loopback = { host: '127.0.0.1', secure: true, tls: { rejectUnauthorized: false } }
  const mail = new ImapFlow({
    ...loopback,
    port: server.ports.imaps,
    auth: { user, accessToken },
    logger: false,
  })
  const submission = createTransport({
    ...loopback,
    port: server.ports.submissions,
    auth: { type: 'OAuth2', user, accessToken },
  })
  const isIn = (asked: Promise<unknown>) =>
    asked.then(
      () => true,
      () => false,
    )
  const envelope = ['--mail-from', user, '--mail-rcpt', 'bob@example.test', '--upload-file', '-']
  const found = {
    imap: await curl(`imaps://localhost:${server.ports.imaps}/`),
    pop3: await curl(`pop3s://localhost:${server.ports.pop3s}/`),
    smtp: await curl(`smtps://localhost:${server.ports.submissions}/client.test`, ...envelope),
    imapflow: await isIn(mail.connect()),
    nodemailer: await isIn(submission.verify()),
  }
  mail.close()
  submission.close()
  return found
}
const open = { imap: true, pop3: true, smtp: true, imapflow: true, nodemailer: true }
const shut = { imap: false, pop3: false, smtp: false, imapflow: false, nodemailer: false }

test('a mail program is let in with the second step and reads and sends until it is taken back', async () => {
  const page = await newPage()
  const secret = await secondStep(page, 'ann')
  const scopes = 'openid,email,mail,offline_access'
  const config = await register(
    'Mail program',
    ...['--public', '--redirects', 'http://127.0.0.1/back', '--device', '--scopes', scopes],
  )
  const redirectUri = `http://127.0.0.1:${applicationPort()}/back`
  const flow = await begin(config, { redirectUri, scope: scopes.replaceAll(',', ' ') })
  const answered = new Promise<URL>((resolve) => {
    answering = (url, response) => {
      response.end('You can close this.')
      if (url.pathname === '/back') resolve(new URL(url.pathname + url.search, redirectUri))
    }
  })
  await page.goto(flow.url)
  await signIn(page, 'ann')
  await page.waitForURL('**/sso/second**')
  // The one of now was used to set it up.
  await page.fill('input#code', codeOf(secret, Date.now() + 30_000))
  await page.click('main form:has(input#code) button')
  await page.waitForSelector('button[value=allow]')
  expect(await page.locator('main').innerText()).toContain('Mail program')
  await page.click('button[value=allow]')
  const tokens = await flow.redeem(await answered)
  expect(tokens.claims()).toMatchObject({ email: 'ann@example.test' })

  expect(await doors(tokens.access_token)).toEqual(open)
  const again = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '')
  expect(await doors(again.access_token)).toEqual(open)
  await page.goto(at('/account/sessions'))
  expect(await page.locator('main').innerText()).toContain('Mail program')
  await openid.tokenRevocation(config, again.refresh_token ?? '')
  expect(await doors(again.access_token)).toEqual(shut)

  // A device without a keyboard is let in by the same browser, and a new password shuts it out.
  const device = await openid.initiateDeviceAuthorization(config, { scope: 'mail' })
  await page.goto(device.verification_uri)
  await page.fill('input[name=user_code]', device.user_code.toLowerCase())
  await page.click('main form button')
  await page.click('button[value=allow]')
  await page.waitForSelector('main [role=status]')
  const shown = await openid.pollDeviceAuthorizationGrant(config, device)
  expect(await doors(shown.access_token)).toEqual(open)
  const changed = await server.homepost(['password', 'ann@example.test', '--password-stdin'], 'another\n')
  expect(changed.code).toBe(0)
  expect(await doors(shown.access_token)).toEqual(shut)
  await page.context().close()
}, 120_000)

test('an application beside the server leaves signing in to it', async () => {
  const redirectUri = at('/calendar/callback')
  const config = await register('Calendar', '--redirects', redirectUri)
  const flow = await begin(config, { redirectUri, scope: 'openid profile email' })
  const told = async (url: URL) => {
    const tokens = await flow.redeem(new URL(redirectUri + url.search))
    const facts = await openid.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '')
    return `Hello ${facts.email}`
  }
  answering = (url, response) => {
    if (!url.pathname.endsWith('/callback')) response.writeHead(302, { Location: flow.url }).end()
    else
      told(url).then(
        (text) => response.end(text),
        (cause) => response.writeHead(500).end(String(cause)),
      )
  }
  const page = await newPage()
  await page.goto(at('/calendar/'))
  await signIn(page, 'bob')
  await page.click('button[value=allow]')
  await page.waitForURL('**/calendar/callback**')
  expect(await page.locator('body').innerText()).toBe('Hello bob@example.test')
  await page.context().close()
}, 60_000)
