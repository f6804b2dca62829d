import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { issue } from '../certificates.ts'

/** What the provider says of somebody, beside `sub`. */
type Claims = Readonly<Record<string, unknown>>

export interface TestProvider {
  readonly issuer: string
  readonly infoUrl: string
  /** Of the authority that its certificate is of. */
  readonly authorityPem: string
  /** What its tokens are signed with, as `kid` says. */
  readonly key: { readonly kid: string; readonly privateKey: KeyObject }
  /** Who signs in there, from now on. */
  readonly person: { sub: string; claims: Claims }
  /** What is answered in its place, by path. */
  readonly instead: Map<string, (request: IncomingMessage, response: ServerResponse) => void>
  /** How often each path was asked for. */
  readonly asked: Map<string, number>
  stop(): Promise<void>
}

export const client = { id: 'homepost', secret: 'between us' }

/** A real provider (oidc-provider), over TLS on loopback. It asks nobody who he is: that is `person`. */
export async function startProvider({
  redirectUrl,
}: {
  readonly redirectUrl: string
}): Promise<TestProvider> {
  const authority = issue('authority.test', undefined, { ca: true })
  const certificate = issue('localhost', authority)
  const server = createServer({ key: certificate.keyPem, cert: certificate.chain })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `https://localhost:${(server.address() as AddressInfo).port}`
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = 'one'
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }
  const person = { sub: 'ann-1', claims: { email: 'ann@example.com', email_verified: true } as Claims }
  const provider = new Provider(issuer, {
    ...standard,
    jwks: { keys: [jwk] },
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [redirectUrl],
        post_logout_redirect_uris: [new URL('/sso/login', redirectUrl).href],
      },
    ],
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ ...person.claims, sub: id }),
    }),
    // Whoever runs it has agreed for everybody.
    loadExistingGrant: async (context: GrantContext) => {
      const { provider: of, client: asking, session, params } = context.oidc
      const grant = new of.Grant({ clientId: asking.clientId, accountId: session.accountId })
      grant.addOIDCScope(params.scope)
      await grant.save()
      return grant
    },
  })
  const instead: TestProvider['instead'] = new Map()
  const asked: TestProvider['asked'] = new Map()
  const answer = provider.callback()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? '/', issuer)
    asked.set(pathname, (asked.get(pathname) ?? 0) + 1)
    const other = instead.get(pathname)
    if (other) other(request, response)
    else if (pathname.startsWith('/interaction/'))
      void provider.interactionFinished(request, response, { login: { accountId: person.sub } })
    else answer(request, response)
  })
  return {
    issuer,
    infoUrl: `${issuer}/.well-known/openid-configuration`,
    authorityPem: authority.pem,
    key: { kid, privateKey },
    person,
    instead,
    asked,
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

interface GrantContext {
  readonly oidc: {
    readonly provider: { readonly Grant: new (of: object) => Grant }
    readonly client: { readonly clientId: string }
    readonly session: { readonly accountId: string }
    readonly params: { readonly scope: string }
  }
}

interface Grant {
  addOIDCScope(scope: string): void
  save(): Promise<string>
}

const standard = {
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  cookies: { keys: ['not a secret'] },
  interactions: { url: (_: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: { enabled: true },
  },
}

/** Goes where the provider leads, as a browser does there, until it leads to somebody else. */
export async function walk(
  start: string,
  issuer: string,
  cookies = new Map<string, string>(),
): Promise<string> {
  let url = start
  for (let step = 0; step < 10; step++) {
    if (new URL(url).origin !== issuer) return url
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { redirect: 'manual', headers: cookie === '' ? {} : { Cookie: cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    const to = answer.headers.get('location')
    if (to === null) throw new Error(`the provider stays: ${answer.status} ${await answer.text()}`)
    url = new URL(to, url).href
  }
  throw new Error('the provider leads nowhere')
}

/** An answer that has no end. */
export function flood(response: ServerResponse) {
  const more = () => {
    while (!response.destroyed && response.write('x'.repeat(65_536)));
    if (!response.destroyed) response.once('drain', more)
  }
  more()
}
