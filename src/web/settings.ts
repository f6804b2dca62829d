import type { AttachedApp } from '../lib/attached-app.ts'
import type { Language } from '../lib/page-languages.ts'
import type { OwnStsPolicy } from '../lib/sts-policy-text.ts'
import type { Brand } from './site/brand.ts'
import type { ProxySignIn } from './sso/proxy-settings.ts'

/** What the web needs to know, as plain data. */
export interface WebSettings {
  readonly hostname: string
  /** SITENAME: what people call it. */
  readonly siteName: string
  readonly brand: Brand
  /** BABEL_DEFAULT_LOCALE: of whoever has chosen none, and whose browser asks for none that we have. */
  readonly language: Language
  /** WEBROOT_REDIRECT: where `/` leads; undefined: to the start page. */
  readonly firstPage: string | undefined
  /** SESSION_COOKIE_SECURE: cookies go over HTTPS alone, or over HTTP too; undefined: as their page came. */
  readonly secureCookies: boolean | undefined
  /** BABEL_DEFAULT_TIMEZONE, TZ: of people who have chosen none. */
  readonly timeZone: string
  /** METRICS_TOKEN: who sends it as a bearer may read /metrics; without it only this machine may. */
  readonly metricsToken: string | undefined
  /** Where plain HTTP is sent to; undefined where there is no HTTPS: everything is answered as it came. */
  readonly httpsPort: number | undefined
  /** Our own authorization server, as its tokens name it: `https://mail.example.com`. */
  readonly issuer: string
  /** MTA_STS; undefined: no policy. */
  readonly stsPolicy: OwnStsPolicy | undefined
  /** PROXY_AUTH_*. */
  readonly proxySignIn: ProxySignIn
  /** OIDC_BUTTON_NAME: what people call the provider elsewhere; undefined where there is none. */
  readonly providerName: string | undefined
  /** Where browsers find our pages: `https://mail.example.org`. */
  readonly origin: string
  /** PROXY_AUTH_LOGOUT_URL: where one goes after signing out. */
  readonly logoutUrl: string | undefined
  /** PERMANENT_SESSION_LIFETIME: how long a browser keeps its cookie. */
  readonly sessionSeconds: number
  /** WEB_ADMIN; undefined where ADMIN is false: there is no administration in a browser. */
  readonly adminPath: string | undefined
  /** WEB_API, without a slash at its end; undefined where API is off. */
  readonly apiPath: string | undefined
  /** ANONMAIL_MAX_RETRIES: how many names are tried for an anonymous alias. */
  readonly aliasTries: number
  /** FETCHMAIL_ENABLED: people have mail fetched from elsewhere. */
  readonly fetches: boolean
  /** WEB_PROXIES. */
  readonly attachedApps: readonly AttachedApp[]
  /** What a mail program is to be told, in the order of preference. */
  readonly mailAccess: readonly MailAccess[]
}

export interface MailAccess {
  readonly purpose: 'receiving' | 'receiving by POP3' | 'sending' | 'filters'
  readonly port: number
  readonly security: 'SSL/TLS' | 'STARTTLS' | 'none'
}
