import { type Address, parseAddress } from '../../lib/address.ts'
import { type Networks, parseNetworks } from '../../lib/networks.ts'
import type { OwnStsPolicy } from '../../lib/sts-policy-text.ts'
import type { ListenerName } from '../../ports/connection.ts'
import { openListeners } from '../listeners.ts'
import { externalPart } from './external-part.ts'
import { pagePart } from './page-part.ts'
import type { Settings } from './table.ts'

/** The part of the settings that each module is given, in its own words. */
export const authPart = (settings: Settings) => ({
  secretKey: settings.SECRET_KEY,
  siteName: settings.SITENAME ?? settings.DOMAIN,
  breachedPasswordsUrl: settings.BREACHED_PASSWORDS_URL,
  domain: settings.DOMAIN,
  recipientDelimiter: settings.RECIPIENT_DELIMITER,
  postmaster: postmasterOf(settings),
  defaultQuota: settings.DEFAULT_QUOTA,
  defaultSpamThreshold: settings.DEFAULT_SPAM_THRESHOLD,
  timeZone: settings.TZ,
  dkimSelector: settings.DKIM_SELECTOR,
  dkimPath: settings.DKIM_PATH,
  wildcardSenders: settings.WILDCARD_SENDERS,
  messageRatelimit: settings.MESSAGE_RATELIMIT,
  messageRatelimitExemption: settings.MESSAGE_RATELIMIT_EXEMPTION,
  welcomes: settings.WELCOME,
  authRatelimitIp: settings.AUTH_RATELIMIT_IP,
  authRatelimitIpV4Mask: settings.AUTH_RATELIMIT_IP_V4_MASK,
  authRatelimitIpV6Mask: settings.AUTH_RATELIMIT_IP_V6_MASK,
  authRatelimitUser: settings.AUTH_RATELIMIT_USER,
  authRatelimitExemption: networksOf(settings.AUTH_RATELIMIT_EXEMPTION),
  authRatelimitExemptionLength: settings.AUTH_RATELIMIT_EXEMPTION_LENGTH,
  authRequireTokens: settings.AUTH_REQUIRE_TOKENS,
  webdavTakesPasswords: settings.WEBDAV_TAKES_PASSWORDS,
  apiToken: apiTokenOf(settings),
  external: externalPart(settings, originOf(settings)),
  issuer: issuerOf(settings),
  idleSeconds: settings.SESSION_TIMEOUT,
  lifetimeSeconds: settings.PERMANENT_SESSION_LIFETIME,
})

/** Who writes to people here, and what to whom who is new. */
export const lettersPart = (settings: Settings) => ({
  from: { name: settings.SITENAME ?? settings.DOMAIN, address: postmasterOf(settings) },
  welcome: { subject: settings.WELCOME_SUBJECT, body: settings.WELCOME_BODY },
})

export const smtpPart = (settings: Settings) => ({
  hostname: hostnameOf(settings),
  postmaster: postmasterOf(settings),
  messageSizeLimit: settings.MESSAGE_SIZE_LIMIT,
  trustedNetworks: settings.RELAYNETS,
  allowPlaintextAuth: settings.TLS_FLAVOR === 'notls',
  offerScram: !settings.AUTH_REQUIRE_TOKENS,
  inboundTlsEnforce: settings.INBOUND_TLS_ENFORCE,
  refuseEarlyTalkers: settings.SMTP_REFUSE_EARLY_TALKERS,
  limits: { commandMs: settings.SMTP_COMMAND_TIMEOUT_SECONDS * 1000 },
})

/** RFC 7889 §2 knows no unlimited: 0 would let nothing in. This is what its number can say at most. */
const largestAppend = 2 ** 32 - 1

/** More than almost anybody has in one mailbox; beyond it, one command would keep others waiting. docs/adr/015-imap-sync.md */
const mostMessagesAtOnce = 1_000_000

export const imapPart = (settings: Settings) => ({
  hostname: hostnameOf(settings),
  allowPlaintextAuth: settings.TLS_FLAVOR === 'notls',
  maxConnectionsPerUserAndIp: settings.IMAP_CONNECTIONS_PER_USER,
  offerScram: !settings.AUTH_REQUIRE_TOKENS,
  messageLimit: mostMessagesAtOnce,
  scriptServer: scriptServerOf(settings),
  switchedOff: settings.IMAP_CAPABILITIES_OFF,
  appendLimit: settings.MESSAGE_SIZE_LIMIT || largestAppend,
})

/** Where scripts are kept; 4190 goes without saying. */
function scriptServerOf(settings: Settings): string {
  const open = openListeners(settings).find(({ name }) => name === 'sieve')
  if (!open) return ''
  return `sieve://${hostnameOf(settings)}${open.port === 4190 ? '' : `:${open.port}`}`
}

export const pop3Part = (settings: Settings) => ({
  hostname: hostnameOf(settings),
  allowPlaintextAuth: settings.TLS_FLAVOR === 'notls',
  offerScram: !settings.AUTH_REQUIRE_TOKENS,
})

const mebibyte = 1_048_576

/** Pigeonhole's size of a script, and an end to what one person can make the server keep and compile. */
export const scriptLimits = { scripts: 200, scriptBytes: mebibyte, bytes: 4 * mebibyte }

/** Pigeonhole's. */
const mostRedirects = 4

export const manageSievePart = (settings: Settings) => ({
  allowPlaintextAuth: settings.TLS_FLAVOR === 'notls',
  offerScram: !settings.AUTH_REQUIRE_TOKENS,
  maxConnectionsPerUserAndIp: settings.IMAP_CONNECTIONS_PER_USER,
  maxRedirects: mostRedirects,
  scriptBytes: scriptLimits.scriptBytes,
})

export const proxyPart = (settings: Settings) => ({
  hostname: hostnameOf(settings),
  listeners: openListeners(settings).map(({ name, host, port, tls }) => ({
    name,
    host,
    port,
    tls: settings.TLS_FLAVOR === 'notls' ? ('none' as const) : tls,
    isInner: name.startsWith('attached-'),
    proxyProtocol: settings.PROXY_PROTOCOL.includes(port - settings.PORT_OFFSET),
  })),
  permissiveSmtp: settings.TLS_PERMISSIVE,
  trustedProxies: settings.REAL_IP_FROM,
  realIpHeader: settings.REAL_IP_HEADER,
  limits: {},
})

/** Mailu: flavours mail and mail-letsencrypt leave the web to a reverse proxy. */
const hasWebTls = ({ TLS_FLAVOR }: Settings) => TLS_FLAVOR === 'cert' || TLS_FLAVOR === 'letsencrypt'

/** RFC 8461: a policy that can only be fetched over HTTPS; whether there is any is known where we encrypt. */
export function stsPolicyOf(settings: Settings): OwnStsPolicy | undefined {
  const { MTA_STS: mode, TLS_FLAVOR: flavor } = settings
  return mode === 'none' || flavor === 'notls' ? undefined : { mode, mx: [hostnameOf(settings)] }
}

export function webPart(settings: Settings) {
  const open = openListeners(settings)
  const portOf = (wanted: ListenerName) => open.find(({ name }) => name === wanted)?.port
  const access = (
    purpose: 'receiving' | 'receiving by POP3' | 'sending' | 'filters',
    name: ListenerName,
    security: 'SSL/TLS' | 'STARTTLS' | 'none',
  ) => {
    const port = portOf(name)
    return port === undefined ? [] : [{ purpose, port, security }]
  }
  const upgraded = settings.TLS_FLAVOR === 'notls' ? 'none' : 'STARTTLS'
  return {
    hostname: hostnameOf(settings),
    siteName: settings.SITENAME ?? settings.DOMAIN,
    ...pagePart(settings),
    metricsToken: settings.METRICS_TOKEN,
    sessionSeconds: settings.PERMANENT_SESSION_LIFETIME,
    proxySignIn: {
      from: networksOf(settings.PROXY_AUTH_WHITELIST),
      header: settings.PROXY_AUTH_HEADER,
      creates: settings.PROXY_AUTH_CREATE,
    },
    logoutUrl: settings.PROXY_AUTH_LOGOUT_URL,
    providerName: externalPart(settings, '') && settings.OIDC_BUTTON_NAME,
    origin: originOf(settings),
    adminPath: settings.ADMIN ? settings.WEB_ADMIN : undefined,
    httpsPort: hasWebTls(settings) ? portOf('https') : undefined,
    issuer: issuerOf(settings),
    stsPolicy: stsPolicyOf(settings),
    aliasTries: settings.ANONMAIL_MAX_RETRIES,
    fetches: settings.FETCHMAIL_ENABLED,
    apiPath: settings.API ? settings.WEB_API : undefined,
    attachedApps: settings.WEB_PROXIES,
    mailAccess: [
      ...access('receiving', 'imaps', 'SSL/TLS'),
      ...access('receiving', 'imap', upgraded),
      ...access('receiving by POP3', 'pop3s', 'SSL/TLS'),
      ...access('receiving by POP3', 'pop3', upgraded),
      ...access('sending', 'submissions', 'SSL/TLS'),
      ...access('sending', 'submission', upgraded),
      ...access('filters', 'sieve', upgraded),
    ],
  }
}

/** Where a browser finds our pages; with `TLS_FLAVOR=mail` and its like, what stands in front has TLS. */
function originOf(settings: Settings): string {
  const scheme = settings.TLS_FLAVOR === 'notls' ? 'http' : 'https'
  const url = new URL(`${scheme}://${hostnameOf(settings)}`)
  const port = openListeners(settings).find(({ name }) => name === scheme)?.port
  if (port !== undefined && (scheme === 'http' || hasWebTls(settings))) url.port = String(port)
  return url.origin
}

/** Of our authorization server, which is there over TLS alone: without one of our own, behind a proxy that has it. */
const issuerOf = (settings: Settings): string => originOf(settings).replace(/^http:/, 'https:')

/** Mailu's rule: what is that short would soon be guessed. */
function apiTokenOf({ API_TOKEN = '' }: Settings): string | undefined {
  return API_TOKEN.length < 4 ? undefined : API_TOKEN
}

/** The table allows no empty list of names. */
export const hostnameOf = ({ HOSTNAMES, DOMAIN }: Settings): string => HOSTNAMES[0] ?? DOMAIN

export function postmasterOf({ POSTMASTER, DOMAIN }: Settings): Address {
  const address = parseAddress(`${POSTMASTER}@${DOMAIN}`)
  if (address === undefined) throw new Error(`${POSTMASTER}@${DOMAIN} is no address`)
  return address
}

const networksOf = (entries: readonly string[]): Networks => parseNetworks(entries).networks

/** Mailu's levels go from 1 to 9 or 22, as its programs have them; zstd's useful ones end at 19. */
export const compressionOf = ({ COMPRESSION, COMPRESSION_LEVEL }: Settings) =>
  COMPRESSION === 'none' ? undefined : { level: Math.min(COMPRESSION_LEVEL || 3, 19) }

export const keepDaysOf = ({ RETENTION_TRASH_DAYS, RETENTION_JUNK_DAYS }: Settings) => ({
  trash: RETENTION_TRASH_DAYS,
  junk: RETENTION_JUNK_DAYS,
})

export const textIndexOf = ({ FULL_TEXT_SEARCH, FULL_TEXT_SEARCH_ATTACHMENTS }: Settings) =>
  FULL_TEXT_SEARCH ? { documents: FULL_TEXT_SEARCH_ATTACHMENTS } : undefined
