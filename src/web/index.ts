import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { html } from 'hono/html'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import type { ReadableMeter } from '../platform/meter.ts'
import type { LocalDomains } from '../ports/addresses.ts'
import type { DocumentSigner } from '../ports/document-signer.ts'
import type { OAuthServer } from '../ports/oauth.ts'
import type { Log } from '../ports/runtime.ts'
import type { WebHandler } from '../ports/web.ts'
import type { SessionPasswords } from '../ports/web-sessions.ts'
import type { AccountMail } from './account/mail-parts.ts'
import { accountRoutes } from './account/routes.ts'
import { adminPages } from './admin/pages.ts'
import type { AdminParts } from './admin/parts.ts'
import { adminRoutes } from './admin/routes.ts'
import { type ApiParts, apiRoutes } from './api/routes.ts'
import { attachedApps, isAttached } from './attached/attached.ts'
import { leading } from './attached/leading.ts'
import { clientSetup } from './client-setup/routes.ts'
import { mayReadMetrics } from './metrics-access.ts'
import { oauthEndpoints } from './oauth/endpoints.ts'
import { oauthPages } from './oauth/routes.ts'
import type { WebSettings } from './settings.ts'
import { imageSources, styleSourceOf } from './site/brand.ts'
import { page } from './site/page.ts'
import { type Env, later, ownForms, sizedForms, visits, wrongRequest } from './site/visit.ts'
import { signedOutElsewhere } from './sso/elsewhere.ts'
import { scriptSource } from './sso/passkey-script.ts'
import { type SignInRouteParts, signInRoutes } from './sso/routes.ts'
import { startPage } from './start-page.ts'
import { stsPolicyFor } from './sts-policy.ts'

interface WebParts extends Omit<SignInRouteParts, keyof WebSettings> {
  readonly sessionPasswords: SessionPasswords
  readonly oauth: OAuthServer
  /** False before all services run, and while they are drained. */
  readonly ready: () => boolean
  readonly meter: ReadableMeter
  readonly log: Log
  readonly domains: LocalDomains
  readonly api: Omit<
    ApiParts,
    'admin' | 'credentials' | 'sessions' | 'clients' | 'log' | 'visiting' | 'aliasTries'
  >
  readonly settings: WebSettings
  readonly administration: Omit<AdminParts, 'admin' | 'external' | 'providerName' | 'clients' | 'issuer'>
  readonly mail: AccountMail
  /** Of what devices install. */
  readonly signer: DocumentSigner
}

const yearSeconds = 31_536_000
const largestForm = 1024 * 1024
const largestSignIn = 16 * 1024

/** For every answer. */
const safe = {
  strictTransportSecurity: false,
  xXssProtection: false,
  xFrameOptions: 'SAMEORIGIN',
  referrerPolicy: 'same-origin',
} as const
const safeHeaders = secureHeaders(safe)
/** Of our own pages: nothing but the logo is loaded from anywhere, and no script runs but the one for passkeys. */
const strictHeaders = ({ logoutUrl, brand }: WebSettings) =>
  secureHeaders({
    ...safe,
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: [styleSourceOf(brand)],
      scriptSrc: [scriptSource],
      imgSrc: ['data:', ...imageSources(brand)],
      // Browsers follow a form's redirect only where this allows it.
      formAction: ["'self'", ...(logoutUrl === undefined ? [] : [new URL(logoutUrl).origin])],
      frameAncestors: ["'self'"],
      baseUri: ["'none'"],
    },
  })

/** Everything under the server's name in a browser; `paths`: where something may be seen, as routes name it. */
export function createWeb({
  ready,
  meter,
  log,
  domains,
  api,
  settings,
  administration,
  mail,
  signer,
  ...signIn
}: WebParts): WebHandler & { readonly paths: readonly string[] } {
  const { apiPath } = settings
  const pages = adminPages({ ...administration, ...administered(signIn, settings, administration) })
  const web = new Hono<Env>()

  // What an attached application's pages may load is its own to say.
  const ownHeaders = strictHeaders(settings)
  web.use((c, next) => (isAttached(settings.attachedApps, c.req.path) ? safeHeaders : ownHeaders)(c, next))

  web.get('/health', (c) => c.body(null, ready() ? 204 : 503))

  web.get('/metrics', async (c, next) => {
    if (!mayReadMetrics(c.env.client, c.req.header('authorization'), settings.metricsToken)) return next()
    return c.text(await meter.render(), 200, { 'Content-Type': meter.contentType })
  })

  // Before HTTPS: of a domain that has no certificate at autoconfig.DOMAIN, Thunderbird asks without
  const setup = clientSetup(settings, signer)
  web.get('/mail/*', (c) => setup.fetch(c.req.raw))
  web.get('/.well-known/autoconfig/*', (c) => setup.fetch(c.req.raw))

  // RFC 6797: HSTS counts over TLS alone, so plain requests are sent there first
  web.use(async (c, next) => {
    const { httpsPort } = settings
    if (!c.env.client.secure && httpsPort !== undefined)
      return c.redirect(secureUrl(c.req.url, httpsPort), 301)
    await next()
    if (c.env.client.secure) c.header('Strict-Transport-Security', `max-age=${yearSeconds}`)
    return undefined
  })

  web.get('/metrics', (c) =>
    c.text('Send the token of METRICS_TOKEN.\n', 401, { 'WWW-Authenticate': 'Bearer' }),
  )
  web.route('/', setup)
  web.get('/.well-known/mta-sts.txt', async (c, next) => {
    const policy = await stsPolicyFor(new URL(c.req.url).hostname, domains, settings.stsPolicy)
    return policy === undefined ? next() : c.text(policy)
  })
  web.get('/robots.txt', (c) => c.text('User-agent: *\nDisallow: /\n'))

  web.route('/', oauthEndpoints({ oauth: signIn.oauth, log, settings }))
  const visiting = visits({ sessions: signIn.sessions, admin: signIn.admin, settings, pages })
  const { aliasTries } = settings
  if (apiPath !== undefined)
    web.route(
      apiPath,
      apiRoutes({ ...api, ...signIn, clients: signIn.oauth.clients, aliasTries, log, visiting }, apiPath),
    )

  web.route('/', signedOutElsewhere(signIn))
  web.use(visiting)
  web.use(ownForms)
  web.route('/', attachedApps({ apps: settings.attachedApps, passwords: signIn.sessionPasswords, log }))
  web.use(sizedForms)
  // Anybody may send this one, and what is in it becomes an address and a password: both take time to read.
  web.use('/sso/*', bodyLimit({ maxSize: largestSignIn }))
  web.use('/oauth/*', bodyLimit({ maxSize: largestSignIn }))
  web.use(bodyLimit({ maxSize: largestForm }))
  web.route('/oauth', oauthPages({ ...signIn, ...settings }))
  web.route('/sso', signInRoutes({ ...signIn, ...settings }))
  web.route('/account', accountRoutes({ ...signIn, ...settings, settings, mail, signer }))
  if (settings.adminPath !== undefined) web.route(settings.adminPath, adminRoutes(pages))
  web.get('/', async (c) => {
    if (settings.firstPage !== undefined) return c.redirect(settings.firstPage, 303)
    const hostname = c.env.client.loopback ? new URL(c.req.url).hostname : settings.hostname
    // This page is for whoever has come here, also while the directory is away.
    const takesPeople = (await signIn.signUp.domains().catch(() => [])).length > 0
    const takesDomains = signIn.domainSignUp !== undefined
    return c.html(startPage(c.get('frame'), { ...settings, hostname, takesPeople, takesDomains }))
  })
  web.notFound((c) => {
    const frame = c.get('frame')
    return c.html(page(frame, frame.t('not-found.title'), html`<p>${frame.t('not-found.text')}</p>`), 404)
  })

  web.onError((cause, c) => failed(cause, c, log))

  const paths = web.routes.filter(({ method }) => method === 'GET').map(({ path }) => path)
  return { fetch: (request, client) => web.fetch(request, { client }), ...leading(web, signIn), paths }
}

/** What the administration shares with the other pages. */
function administered(
  { admin, external, oauth }: Pick<WebParts, 'admin' | 'external' | 'oauth'>,
  { providerName, apiPath, issuer }: WebSettings,
  { apiKeys }: Pick<AdminParts, 'apiKeys'>,
) {
  const { clients } = oauth
  return {
    admin,
    external,
    clients,
    providerName,
    issuer,
    apiKeys: apiPath === undefined ? undefined : apiKeys,
  }
}

function failed(cause: Error, c: Context<Env>, log: Log) {
  const isWrongRequest = cause instanceof HTTPException
  if (!c.get('frame')) {
    if (isWrongRequest) return cause.getResponse()
    // A bug has no page, and the front logs it.
    throw cause
  }
  if (isWrongRequest) return wrongRequest(c, cause.status)
  // Whoever has left in the middle is no error of ours.
  if (!c.req.raw.signal.aborted) log.error('web.failed', cause, { connection: c.env.client.connectionId })
  return later(c)
}

function secureUrl(from: string, port: number): string {
  const url = new URL(from)
  url.protocol = 'https:'
  url.port = String(port) // 443 is left out by URL
  return url.href
}
