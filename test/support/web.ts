import { createConfigFiles } from '../../src/app/config-files.ts'
import { parseNetworks } from '../../src/lib/networks.ts'
import { createDomainSignUp } from '../../src/modules/auth/index.ts'
import { createMeter } from '../../src/platform/meter.ts'
import type { Fetching } from '../../src/ports/fetching.ts'
import type { SpamHistory } from '../../src/ports/spam-history.ts'
import type { WebClient, WebHandler } from '../../src/ports/web.ts'
import type { Operation } from '../../src/web/admin/ops/parts.ts'
import { createWeb } from '../../src/web/index.ts'
import type { WebSettings } from '../../src/web/settings.ts'
import { addUsers, domainRow, newUser, startAuth, type TestAuth } from './auth.ts'
import { createFakeDnsResolver } from './fakes/dns-resolver.ts'
import { createFakeLog } from './fakes/runtime.ts'
import { startStore, type TestStore } from './store.ts'
import { webMail } from './web-mail.ts'
import { webOperation } from './web-operation.ts'

export const stranger: WebClient = {
  connectionId: 'a-1',
  ip: '192.0.2.1',
  peer: '192.0.2.1',
  secure: true,
  loopback: false,
}

const standard: WebSettings = {
  hostname: 'mail.example.test',
  siteName: 'Tom & Ann',
  brand: { website: undefined, logoUrl: undefined, logoBackground: undefined },
  language: 'en',
  firstPage: undefined,
  secureCookies: undefined,
  timeZone: 'Etc/UTC',
  metricsToken: 'letmein',
  sessionSeconds: 2_592_000,
  adminPath: '/admin',
  httpsPort: 443,
  issuer: 'https://mail.example.test',
  proxySignIn: { from: parseNetworks([]).networks, header: 'X-Auth-Email', creates: false },
  logoutUrl: undefined,
  providerName: undefined,
  origin: 'https://mail.example.test',
  apiPath: undefined,
  aliasTries: 10,
  stsPolicy: { mode: 'testing', mx: ['mail.example.test'] },
  fetches: true,
  attachedApps: [],
  mailAccess: [
    { purpose: 'receiving', port: 993, security: 'SSL/TLS' },
    { purpose: 'receiving', port: 143, security: 'STARTTLS' },
    { purpose: 'receiving by POP3', port: 995, security: 'SSL/TLS' },
    { purpose: 'sending', port: 465, security: 'SSL/TLS' },
    { purpose: 'filters', port: 4190, security: 'STARTTLS' },
  ],
}

/** What a stranger writes wherever he may. */
export const hostile = `"><script>alert('x')</script>`

export const textOf = async (answer: Promise<Response> | Response) => (await answer).text()

export interface TestWeb {
  readonly auth: TestAuth
  readonly mail: TestStore
  readonly web: ReturnType<typeof createWeb>
  /** Of `ann@example.com` and `bob@example.com`, whose password is `correct horse`. */
  browser(client?: Partial<WebClient>): Browser
  signedIn(login: string): Promise<Browser>
  end(): Promise<void>
}

export async function startWeb(
  { ready = true, ...settings }: Partial<WebSettings> & { readonly ready?: boolean } = {},
  auth?: TestAuth,
  operationOn: (mail: TestStore, directory: TestAuth) => Promise<Partial<Operation>> = async () => ({}),
  history?: SpamHistory,
  fetching?: Fetching,
): Promise<TestWeb> {
  const mail = await startStore()
  const directory = auth ?? (await startAuth({ mailAccounts: mail.accounts }))
  if (!auth) {
    await directory.admin.add('domain', domainRow('example.com'), 'test')
    const password = 'correct horse'
    await addUsers(directory.admin, [
      newUser('ann@example.com', { password, displayedName: 'Ann' }),
      newUser('bob@example.com', { password }),
    ])
  }
  const operation = { ...webOperation(mail, directory), ...(await operationOn(mail, directory)) }
  const meter = createMeter({ processMetrics: false })
  meter.count('messages_total')
  const { sessions, sessionPasswords, factors, passkeys, trusted, breached, signUp } = directory
  const { external, oauth } = directory
  const { credentials, devices, admin, domains } = directory
  const web = createWeb({
    ready: () => ready,
    meter,
    log: createFakeLog(),
    sessions,
    factors,
    sessionPasswords,
    oauth,
    passkeys,
    trusted,
    breached,
    signUp,
    domainSignUp: domainSignUpOf(directory),
    external,
    credentials,
    devices,
    admin,
    domains,
    administration: {
      mail: mail.store,
      senders: mail.senders,
      announcements: directory.announcements,
      operation,
      apiKeys: directory.apiKeys,
      files: createConfigFiles(directory),
    },
    mail: { ...webMail(mail, directory.accounts, history), fetching },
    signer: { sign: async () => undefined, canSign: async () => false },
    api: { ...apiParts(directory, mail), fetching },
    settings: { ...standard, ...settings },
  })
  const browser = (client: Partial<WebClient> = {}) => new Browser(web, { ...stranger, ...client })
  return {
    auth: directory,
    mail,
    web,
    browser,
    async signedIn(login) {
      const own = browser()
      await own.signIn(login)
      return own
    },
    end: async () => {
      await directory.end()
      await mail.end()
    },
  }
}

/** Keeps cookies, and sends forms as a browser does that stands on the page. Redirects are not followed. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #web: WebHandler
  readonly #client: WebClient

  constructor(web: WebHandler, client: WebClient) {
    this.#web = web
    this.#client = client
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.ask(path, { headers })
  }

  post(
    path: string,
    fields: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return this.ask(path, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { Origin: `${this.#scheme}://mail.example.test`, 'Sec-Fetch-Site': 'same-origin', ...headers },
    })
  }

  signIn(login = 'ann@example.com', password = 'correct horse', url = ''): Promise<Response> {
    return this.post('/sso/login', { email: login, pw: password, url })
  }

  async ask(
    path: string,
    { headers: said = {}, ...init }: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> },
  ): Promise<Response> {
    const url = new URL(path, `${this.#scheme}://mail.example.test`)
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { Host: 'mail.example.test', ...(cookie && { Cookie: cookie }), ...said }
    const answer = await this.#web.fetch(new Request(url, { ...init, headers }), this.#client)
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0/i.test(line)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return answer
  }

  get #scheme() {
    return this.#client.secure ? 'https' : 'http'
  }
}

/** The mail of mine.example and example.com comes here, that of far.example does not. */
const domainSignUpOf = ({ admin, breached, clock }: TestAuth) =>
  createDomainSignUp({
    admin,
    breached,
    dns: createFakeDnsResolver({
      'mine.example MX': [{ type: 'MX', preference: 10, exchange: 'MAIL.example.test' }],
      'example.com MX': [{ type: 'MX', preference: 10, exchange: 'mail.example.test' }],
      'far.example MX': [{ type: 'MX', preference: 10, exchange: 'mail.example.test.far.example' }],
    }),
    settings: {
      hostnames: [domainRow('mail.example.test').name],
      defaultQuota: 1_000_000_000,
      networkSizes: { v4Bits: 24, v6Bits: 48 },
    },
    clock,
    log: createFakeLog(),
  })

/** Nothing is known of DNS here. */
const apiParts = (
  { api, secrets, dkimKeys }: TestAuth,
  { store, queue, traces }: TestStore,
): Omit<Parameters<typeof createWeb>[0]['api'], 'fetching'> => ({
  access: api,
  secrets,
  dkimKeys,
  records: {
    list: async () => ({ kind: 'records', records: [] }),
    check: async () => ({ kind: 'checked', records: [] }),
  },
  mail: store,
  queue,
  traces,
})
