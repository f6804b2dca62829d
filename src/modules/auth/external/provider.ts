import type { JWTVerifyGetKey } from 'jose'
import type { Configuration, IDToken, ServerMetadata } from 'openid-client'
import type { Clock } from '../../../ports/runtime.ts'
import { boundedFetch } from './bounded-fetch.ts'

export interface ProviderSettings {
  /** OIDC_PROVIDER_INFO_URL: where the provider describes itself. */
  readonly infoUrl: string
  readonly clientId: string
  /** OIDC_CLIENT_SECRET; undefined: a public client. */
  readonly clientSecret: string | undefined
  /** Where the browser comes back to. */
  readonly redirectUrl: string
}

/** What a sign-in that was begun expects of the answer. */
export interface Checks {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  /** It has to show that it was just now. */
  readonly again: boolean
}

/** Whom it was, as the provider says. */
export interface Identity {
  readonly kind: 'identity'
  readonly issuer: string
  readonly subject: string
  readonly email: string | undefined
  readonly isVerified: boolean
  readonly name: string
  /** UTC milliseconds; 0 where the provider does not tell. */
  readonly provedAt: number
}

type Told =
  | Identity
  | { readonly kind: 'declined'; readonly reason: string }
  /** It was used already, or is none of theirs. */
  | { readonly kind: 'wrong-code' }

const knownMs = 3_600_000
/** Whoever has just not answered is not asked for each browser. */
const restMs = 10_000
const freshSeconds = 60
const wellKnown = '/.well-known/openid-configuration'

/** On first use: not everybody has a provider. */
const load = () => import('openid-client')

/** The provider, as OpenID Connect Core 1.0 and Discovery 1.0 have it. What it does wrongly is thrown. */
export class Provider {
  readonly #settings: ProviderSettings
  readonly #clock: Clock
  #known: { readonly configuration: Promise<Configuration>; until: number } | undefined

  #keys: { readonly at: string; readonly set: JWTVerifyGetKey } | undefined

  constructor(settings: ProviderSettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
  }

  async signInUrl({ state, nonce, verifier, again }: Checks): Promise<string> {
    const client = await load()
    const url = client.buildAuthorizationUrl(await this.#configuration(), {
      redirect_uri: this.#settings.redirectUrl,
      scope: 'openid email profile',
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256', // RFC 7636 §4.2
      // Core §3.1.2.1: only with `max_age` it has to say when that was.
      ...(again && { prompt: 'login', max_age: '0' }),
    })
    return url.href
  }

  async identity(query: string, checks: Checks): Promise<Told> {
    const client = await load()
    const configuration = await this.#configuration()
    const { state, nonce, verifier, again } = checks
    try {
      const tokens = await client.authorizationCodeGrant(
        configuration,
        new URL(`?${query}`, this.#settings.redirectUrl),
        {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
          ...(again && { maxAge: freshSeconds }),
        },
      )
      const token = tokens.claims()
      if (!token) throw new Error('there is no ID token')
      const hasUserInfo = configuration.serverMetadata().userinfo_endpoint !== undefined
      // Many tell the address only there. Core §5.4
      const isElsewhere = token['email'] === undefined && hasUserInfo
      return this.#told(
        token,
        isElsewhere ? await client.fetchUserInfo(configuration, tokens.access_token, token.sub) : token,
      )
    } catch (error) {
      if (error instanceof client.AuthorizationResponseError) return { kind: 'declined', reason: error.error }
      // RFC 6749 §5.2
      if (error instanceof client.ResponseBodyError && error.error === 'invalid_grant')
        return { kind: 'wrong-code' }
      throw error
    }
  }

  #told({ iss: issuer, sub: subject, auth_time }: IDToken, claims: Readonly<Record<string, unknown>>): Told {
    const { email, email_verified: verified, name } = claims
    return {
      kind: 'identity',
      issuer,
      subject,
      email: typeof email === 'string' ? email : undefined,
      // Some send a text.
      isVerified: verified === true || verified === 'true',
      name: typeof name === 'string' ? name : '',
      provedAt: auth_time === undefined ? 0 : Math.min(auth_time * 1000, this.#clock.now()),
    }
  }

  /** RP-Initiated Logout 1.0 */
  async signOutUrl(returnTo: string): Promise<string | undefined> {
    const client = await load()
    const configuration = await this.#configuration()
    if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined
    return client.buildEndSessionUrl(configuration, { post_logout_redirect_uri: returnTo }).href
  }

  /** Who has signed out there; undefined where it is no such token. Back-Channel Logout 1.0 §2.6 */
  async signedOut(token: string): Promise<{ readonly issuer: string; readonly subject: string } | undefined> {
    const { issuer, jwks_uri: keys = '' } = (await this.#configuration()).serverMetadata()
    const { createRemoteJWKSet, customFetch, jwtVerify } = await import('jose')
    // Kept: strangers who send tokens do not make this server ask for keys each time.
    if (this.#keys?.at !== keys)
      this.#keys = { at: keys, set: createRemoteJWKSet(new URL(keys), { [customFetch]: boundedFetch }) }
    const { payload } = await jwtVerify(token, this.#keys.set, {
      issuer,
      audience: this.#settings.clientId,
      maxTokenAge: '2m',
      requiredClaims: ['jti', 'sub', 'events'],
    })
    const { events, nonce, sub: subject = '' } = payload
    const isLogout = typeof events === 'object' && events !== null && logoutEvent in events
    return isLogout && nonce === undefined ? { issuer, subject } : undefined
  }

  #configuration(): Promise<Configuration> {
    if (this.#known && this.#clock.now() < this.#known.until) return this.#known.configuration
    const configuration = this.#discover()
    const known = { configuration, until: this.#clock.now() + knownMs }
    this.#known = known
    configuration.catch(() => {
      known.until = this.#clock.now() + restMs
    })
    return configuration
  }

  async #discover(): Promise<Configuration> {
    const client = await load()
    const { infoUrl, clientId, clientSecret } = this.#settings
    const answer = await boundedFetch(infoUrl, { headers: { Accept: 'application/json' } })
    if (answer.status !== 200) throw new Error(`${infoUrl} answered ${answer.status}`)
    const metadata: unknown = await answer.json()
    if (!isMetadata(metadata)) throw new Error(`${infoUrl} describes no provider`)
    // Discovery §4.3: it is at the issuer's own address. Some end theirs with a slash.
    const own = infoUrl.slice(0, -wellKnown.length)
    const { issuer, token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = metadata
    if (issuer !== own && issuer !== `${own}/`) throw new Error(`${infoUrl} is of another issuer, ${issuer}`)
    const post = !methods.includes('client_secret_basic') && methods.includes('client_secret_post')
    const shown = post ? client.ClientSecretPost(clientSecret) : client.ClientSecretBasic(clientSecret)
    const proof = clientSecret === undefined ? client.None() : shown
    const configuration = new client.Configuration(metadata, clientId, {}, proof)
    configuration[client.customFetch] = (url, options) => boundedFetch(url, options as RequestInit)
    // The signature too, not only the line that the token came by.
    client.enableNonRepudiationChecks(configuration)
    return configuration
  }
}

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

function isMetadata(value: unknown): value is ServerMetadata {
  if (typeof value !== 'object' || value === null) return false
  const { issuer, token_endpoint_auth_methods_supported: methods = [] } = value as Partial<ServerMetadata>
  return typeof issuer === 'string' && Array.isArray(methods)
}
