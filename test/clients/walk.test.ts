import { gzipSync } from 'node:zlib'
import axe from 'axe-core'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DomainName, parseDomain } from '../../src/lib/address.ts'
import { startFront } from '../e2e/front-kit.ts'
import { type OpsStage, startOps } from '../support/ops-stage.ts'
import type { Browser as SignedIn } from '../support/web.ts'
import { requireDebian } from './support/debian.ts'

let stage: OpsStage
let chrome: Browser
let origin: string
/** The id of an application that is registered. */
let application: string

beforeAll(async () => {
  await requireDebian('chromium')
  stage = await startOps({ apiPath: '/api' })
  const { auth } = stage.web
  const domain = parseDomain('home.test') as DomainName
  await auth.admin.set('domain', domain, { signupEnabled: true }, 'test')
  const client = { name: 'Calendar', redirectUris: [callback], scopes: ['openid', 'email'] } as const
  const added = await auth.oauth.clients.add(
    { ...client, device: false, signing: 'RS256', isConfidential: true },
    'test',
  )
  application = added.kind === 'added' ? added.id : added.kind
  for (const browser of [stage.root, stage.bob])
    await browser.post('/account/filters/edit', { name: 'First', new: 'yes', text: 'keep;', do: 'save' })
  const args = ['--no-sandbox', '--ignore-certificate-errors']
  chrome = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
})
afterAll(async () => {
  await chrome?.close()
  await stage?.end()
})

const callback = 'https://app.example.test/callback'
const request = new URLSearchParams({
  response_type: 'code',
  redirect_uri: callback,
  scope: 'openid email',
  state: 'state',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
})

/** Where routes lead to something whose parameters are not those below; `no page` is for programs. */
const examples: Readonly<Record<string, string>> = {
  // Ends what it is asked with.
  '/sso/logout': 'no page',
  '/mail/*': 'no page',
  '/.well-known/autoconfig/*': 'no page',
  // autodiscover.xml, in any spelling
  '/:folder/:file': 'no page',
  '/:folder/:file/v1.0/:address': 'no page',
  '/account/filters/edit': '/account/filters/edit?name=First',
  '/admin/alias/edit/:address': '/admin/alias/edit/chief@home.test',
  '/.well-known/mta-sts.txt': 'no page',
  '/admin/relay/edit/:domain': '/admin/relay/edit/relayed.test',
  '/oauth/userinfo': 'no page',
  '/admin/application/edit/:id': '/admin/application/edit/APPLICATION',
  '/oauth/authorize': `/oauth/authorize?client_id=APPLICATION&${request.toString()}`,
}
const parameters = { domain: 'home.test', address: 'ann@home.test', number: '1' }

function places(): readonly string[] {
  const found = [...new Set(stage.web.web.paths)].flatMap((path) => {
    const example = examples[path]
    if (example === 'no page') return []
    const id = String(stage.rows[0]?.id ?? '')
    const filled = Object.entries({ ...parameters, id }).reduce(
      (text, [name, value]) => text.replace(new RegExp(`:${name}(?:\\{[^/]*\\})?(?=/|$)`), value),
      example ?? path,
    )
    return [filled.replace('APPLICATION', application)]
  })
  expect(
    found.filter((path) => /[:*]/.test(path)),
    'routes that `examples` must lead somewhere',
  ).toEqual([])
  return found
}

const widths = [360, 768, 1280] as const
const schemes = ['light', 'dark'] as const

interface Walked {
  readonly isShown: boolean
  readonly status: number
  readonly faults: readonly string[]
}

/** What Chromium and axe find wrong with a page. */
async function look(page: Page, path: string): Promise<Walked> {
  const faults: string[] = []
  const asked: string[] = []
  const onRequest = (request: { url(): string }) => void asked.push(request.url())
  const onConsole = (line: { type(): string; text(): string }) => {
    // Chromium writes down that an answer was no 200.
    if (line.type() === 'error' && !line.text().startsWith('Failed to load resource'))
      faults.push(line.text())
  }
  const first = await page.context().request.get(`${origin}${path}`, { maxRedirects: 0 })
  const isPage = first.headers()['content-type']?.startsWith('text/html') === true
  // What is for programs is tested elsewhere, and where one is sent to is a page as well.
  if (!isPage) return { status: first.status(), isShown: false, faults: [] }
  page.on('request', onRequest).on('console', onConsole)
  page.on('pageerror', (cause) => void faults.push(String(cause)))
  await page.goto(`${origin}${path}`)
  faults.push(...(await keyboardFaults(page)), ...(await looks(page)))
  const octets = gzipSync(await first.body()).length
  if (octets > 60_000) faults.push(`${octets} octets, compressed`)
  const own = asked.filter((url) => url.startsWith(`${origin}/`))
  if (own.length > 3) faults.push(`${own.length} requests`)
  const others = asked.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith('data:'))
  if (others.length > 0) faults.push(`loads ${others.join(', ')}`)
  page.removeAllListeners()
  return { status: first.status(), isShown: first.ok(), faults }
}

async function looks(page: Page): Promise<string[]> {
  const faults: string[] = []
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme })
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 })
      const over = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      if (over !== 0) faults.push(`${String(over)} pixels too wide at ${width}, ${colorScheme}`)
      if ((width === 1280 && colorScheme === 'light') || (width === 360 && colorScheme === 'dark'))
        faults.push(...(await axeFaults(page)).map((fault) => `${width} ${colorScheme}: ${fault}`))
    }
  }
  return faults
}

async function axeFaults(page: Page): Promise<string[]> {
  if ((await page.evaluate('typeof window.axe')) === 'undefined') await page.evaluate(axe.source)
  const violations = (await page.evaluate(
    `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, impact, nodes }) =>
      ({ id, impact, where: nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)) })))`,
  )) as { id: string; impact: string; where: string[] }[]
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, where }) => `${id}: ${where.join(' | ')}`)
}

/** The first Tab leads to the skip link, which shows itself; everything after it shows that it has the focus. */
async function keyboardFaults(page: Page): Promise<string[]> {
  const faults: string[] = []
  // A form that is all there is has the focus already.
  const isAtTop = await page.evaluate('document.activeElement === document.body')
  for (let step = 0; step < 6; step += 1) {
    await page.keyboard.press('Tab')
    const { text, shown, ring } = (await page.evaluate(`(() => {
      const at = document.activeElement
      const { left, width } = at.getBoundingClientRect()
      return { text: at.outerHTML.slice(0, 80), shown: left >= 0 && width > 0, ring: getComputedStyle(at).outlineStyle }
    })()`)) as { text: string; shown: boolean; ring: string }
    if (text.startsWith('<body')) break
    if (isAtTop && step === 0 && !text.includes('class="skip"')) faults.push(`the first stop is ${text}`)
    if (!shown || ring === 'none') faults.push(`not seen to have the focus: ${text}`)
  }
  return faults
}

async function contextOf(visitor: SignedIn | undefined): Promise<BrowserContext> {
  const context = await chrome.newContext({ ignoreHTTPSErrors: true })
  for (const [name, value] of visitor?.cookies ?? [])
    await context.addCookies([
      { name, value, url: `${origin}/`, secure: true, httpOnly: true, sameSite: 'Strict' },
    ])
  return context
}

test('faults are found where they are', async () => {
  const page = await chrome.newPage()
  await page.setContent(
    '<style>* { outline: 0 !important } a { color: #ccc }</style><a href="x">pale</a><p style="width: 2000px">wide</p><input>',
  )
  expect((await keyboardFaults(page)).join()).toMatch(/first stop is .*not seen to have the focus/)
  const found = (await looks(page)).join()
  expect(found).toMatch(/pixels too wide at 1280, light/)
  expect(found).toMatch(/1280 light: label: <input>/)
  expect(found).toMatch(/360 dark: color-contrast/)
  await page.close()
})

describe('every page', () => {
  test.each([
    ['a stranger', 3, () => undefined],
    ['a user', 18, () => stage.bob],
    ['the manager of a domain', 30, () => stage.mia],
    ['a global administrator', 50, () => stage.root],
  ])('is fit to be seen by %s, who sees %i or more', async (who, atLeast, visitor) => {
    const { port } = await startFront({ listeners: [{ name: 'https', tls: 'implicit' }], web: stage.web.web })
    origin = `https://localhost:${port('https')}`
    const context = await contextOf(visitor())
    const page = await context.newPage()
    const wrong: string[] = []
    let seen = 0
    const statuses = new Map<string, number>()
    for (const path of places()) {
      const { status, isShown, faults } = await look(page, path)
      if (isShown) seen += 1
      statuses.set(path, status)
      wrong.push(...faults.map((fault) => `${path} (${status}): ${fault}`))
    }
    await context.close()
    expect(wrong).toEqual([])
    expect(seen).toBeGreaterThanOrEqual(atLeast)
    // Whoever may see all finds something everywhere.
    if (who === 'a global administrator')
      expect([...statuses].filter(([, status]) => status >= 400)).toEqual([])
    expect([...statuses].filter(([, status]) => status >= 500 || status === 0)).toEqual([])
  })
})
