import { isIP } from 'node:net'
import { join } from 'node:path'
import type { TrustAnchor } from './network-kinds.ts'
import { hostnameOf, postmasterOf } from './parts.ts'
import type { Settings } from './table.ts'

/** Loopback and "all interfaces": a server on this machine that is not us may be meant. */
const saysNothing = /^(?:0\.0\.0\.0|::|::1|127\..*)$/

export const outgoingPart = (settings: Settings) => ({
  hostnames: settings.HOSTNAMES.length > 0 ? settings.HOSTNAMES : [settings.DOMAIN],
  addresses: settings.BIND_ADDRESS.filter((address) => !saysNothing.test(address)),
  tlsLevel: settings.OUTBOUND_TLS_LEVEL,
  defersOnTlsError: settings.DEFER_ON_TLS_ERROR,
  tlsPolicyMap: join(settings.DATA_DIR, 'tls_policy.map'),
  routeMap: routeMapOf(settings),
  relayHost: settings.RELAYHOST && {
    target: settings.RELAYHOST,
    login: loginOf(settings.RELAYUSER, settings.RELAYPASSWORD),
  },
  fallbackRelay: settings.FALLBACK_RELAYHOST && {
    target: settings.FALLBACK_RELAYHOST,
    login: loginOf(settings.FALLBACK_RELAYUSER, settings.FALLBACK_RELAYPASSWORD),
  },
  paces: settings.OUTBOUND_PACES,
  postmaster: postmasterOf(settings),
  tlsReports: settings.TLS_SEND_REPORTS,
  port: settings.OUTBOUND_PORT,
  httpsPort: settings.OUTBOUND_HTTPS_PORT,
})

export const routeMapOf = ({ DATA_DIR }: Pick<Settings, 'DATA_DIR'>) => join(DATA_DIR, 'routes.map')

export const limitsPart = (settings: Settings) => ({
  burst: settings.OUTBOUND_BRAKE,
  newcomers: settings.OUTBOUND_NEW_RECIPIENTS,
})

const loginOf = (user: string | undefined, password = '') =>
  user === undefined ? undefined : { user, password }

/** A picture that somebody else has looked at, who was not us. */
const bimiFields = ['bimi-location', 'bimi-indicator']

export const authenticationPart = (settings: Settings) => ({
  hostnames: settings.HOSTNAMES.length > 0 ? settings.HOSTNAMES : [settings.DOMAIN],
  seal: settings.ARC_SEAL,
  // As in Mailu, checking is the filter's.
  unchecked: !settings.ANTISPAM,
  // Where no filter writes them they are another's, who may stand in front of us.
  marks: [
    ...(settings.ANTISPAM ? ['x-spam', 'x-spam-level', 'x-spamd-bar', ...bimiFields] : []),
    ...(settings.ANTIVIRUS === 'none' ? [] : ['x-virus', 'x-virus-status']),
  ],
})

export const filterPart = ({ ANTISPAM_URL: url, ANTISPAM_TOKEN: token, MESSAGE_SIZE_LIMIT }: Settings) => ({
  filter: url === undefined ? undefined : { url: new URL(url), token },
  service: { token, mostOctets: MESSAGE_SIZE_LIMIT },
})

/** What the filter itself is told. */
export const judgePart = (settings: Settings) => ({
  dnsLists: settings.DNS_LISTS,
  greylisting: settings.GREYLISTING,
  autolearn: settings.SPAM_AUTOLEARN,
  historyDays: settings.SPAM_HISTORY_DAYS,
})

export const deliveryPart = (settings: Settings) => ({
  hostname: hostnameOf(settings),
  recipientDelimiter: settings.RECIPIENT_DELIMITER,
  noticeAfterMs: settings.DELAY_WARNING === 0 ? undefined : settings.DELAY_WARNING,
  virusAction: settings.ANTIVIRUS_ACTION,
  unscannedAction: settings.ANTIVIRUS_FAILED,
})

export function resolverPart(settings: Settings) {
  const { DNS_ROOT_HINTS: hints, DNS_PORT: port } = settings
  return {
    forwardTo: settings.DNS_RESOLVERS,
    forwardZones: settings.DNS_ZONES.map(({ zone, server }) => ({ zone, servers: [server] })),
    hosts: hostsOf(settings.DNS_HOSTS),
    withoutValidation: settings.DNS_UNVALIDATED,
    anchorFile: join(settings.DATA_DIR, 'dns-anchors.json'),
    ...(settings.DNS_TRUST_ANCHORS.length > 0 && { trustAnchors: anchorsOf(settings.DNS_TRUST_ANCHORS) }),
    // An internet of one's own may live at any address.
    ...(hints.length > 0 && {
      rootHints: hints.map(({ ip }) => ip),
      port: hints[0]?.port ?? 53,
      neverAsk: [],
    }),
    serve:
      port === undefined
        ? undefined
        : {
            addresses: settings.BIND_ADDRESS.filter((address) => isIP(address) !== 0),
            port: port + settings.PORT_OFFSET,
            allowed: settings.DNS_NETWORKS,
          },
  }
}

function hostsOf(entries: Settings['DNS_HOSTS']): Readonly<Record<string, readonly string[]>> {
  const byName = Map.groupBy(entries, ({ name }) => name)
  return Object.fromEntries([...byName].map(([name, rows]) => [name, rows.map(({ ip }) => ip)]))
}

/** Keys of one zone stand together: any of them is enough. */
function anchorsOf(entries: readonly TrustAnchor[]) {
  const byZone = Map.groupBy(entries, ({ zone }) => zone)
  return [...byZone].map(([zone, ds]) => ({ zone, ds }))
}
