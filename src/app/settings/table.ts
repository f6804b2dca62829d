import { certificateRows } from './certificate-rows.ts'
import { fetchRows } from './fetch-rows.ts'
import {
  atLeastOne,
  domain,
  ipAddress,
  type Kind,
  keyPath,
  languages,
  listOf,
  localPart,
  network,
  oneOf,
  optional,
  rate,
  secret,
  size,
  switchedOff,
  text,
  timeZone,
  wholeNumber,
  yesNo,
} from './kinds.ts'
import {
  attachedApp,
  dnsListChanges,
  dnsServer,
  hostAddress,
  hours,
  paceOf,
  proxiedPorts,
  relayHost,
  trustAnchor,
  webAddress,
  zoneServer,
} from './network-kinds.ts'
import { pageRows } from './page-rows.ts'
import { peopleRows } from './people-rows.ts'
import { type Row, row } from './row.ts'
import { scannerRows } from './scanner-rows.ts'

/** Mailu’s own files name the filter’s container here: whatever is not none means that there is one. */
const spamFilter: Kind<boolean> = {
  expected: 'on or none',
  read: (value) => ({ value: !['none', 'off', 'false'].includes(value.toLowerCase()) }),
}

const port = wholeNumber(1, 65_535)

/**
 * Every setting this server obeys. Read this first. Names and values are Mailu's, but for those at the top; Mailu's
 * other names are in `unused.ts`. The standard values are those of the container; `home.ts` has those of `npm start`.
 */
export const table = {
  DATA_DIR: row(text, '/data', 'Folder of everything that is kept'),
  BIND_ADDRESS: row(
    atLeastOne(listOf(ipAddress)),
    '0.0.0.0,::',
    'Addresses to listen on, separated by commas',
  ),
  PORT_OFFSET: row(wholeNumber(0, 60_000), '0', 'Added to every port: 8000 makes 25 to 8025'),
  HOMEPOST_ENV: row(
    oneOf({ production: 'production' as const, development: 'development' as const }),
    'production',
    'development or production; in production a DOMAIN that only serves for trying out is remarked upon',
  ),
  METRICS_TOKEN: row(
    optional(secret),
    '',
    'Whoever sends it may read /metrics; without it only this machine may',
  ),

  SMTP_COMMAND_TIMEOUT_SECONDS: row(
    wholeNumber(1, 3600),
    '300',
    'How long a sender may take for one command',
  ),
  SMTP_REFUSE_EARLY_TALKERS: row(
    yesNo,
    'false',
    'Refuse strangers on port 25 who speak before the greeting, as only programs that send spam do; false notes them in the log',
  ),
  IMAP_CONNECTIONS_PER_USER: row(
    wholeNumber(1, 100_000),
    '20',
    'IMAP connections that one user may have from one address, and as many of ManageSieve',
  ),
  IMAP_CAPABILITIES_OFF: row(
    listOf(switchedOff),
    '',
    'IMAP capabilities that are not offered to an account, or to nobody (*), for clients that stumble over one',
  ),

  RETENTION_TRASH_DAYS: row(
    wholeNumber(0, 36_500),
    '0',
    'Days after which messages leave Trash, unless the user’s folder has a rule of its own; 0 keeps them',
  ),
  RETENTION_JUNK_DAYS: row(wholeNumber(0, 36_500), '0', 'The same for Junk'),
  ARC_SEAL: row(
    yesNo,
    'false',
    'Seal arriving mail (ARC) with the key of its recipient’s domain, for those it is forwarded to',
  ),
  DELAY_WARNING: row(
    hours,
    '4h',
    'When a sender is told that his message is still on its way; 0 tells nobody',
  ),
  FALLBACK_RELAYHOST: row(
    optional(relayHost),
    '',
    'Takes mail for servers that refuse our address, for a week after they did; written as RELAYHOST',
  ),
  FALLBACK_RELAYUSER: row(optional(text), '', 'Who we are there'),
  FALLBACK_RELAYPASSWORD: row(optional(secret), '', 'Our password there'),
  TLS_SEND_REPORTS: row(
    yesNo,
    'true',
    'Domains that ask for it hear once a day what encryption with their mail servers came to (TLS-RPT)',
  ),
  MTA_STS: row(
    oneOf({ testing: 'testing' as const, enforce: 'enforce' as const, none: 'none' as const }),
    'testing',
    'What other servers are told at https://mta-sts.DOMAIN: enforce to send here over TLS with a good certificate only, testing to report what would fail, none nothing. It counts once its DNS records are there',
  ),
  OUTBOUND_PACES: row(
    listOf(paceOf),
    '',
    'Domains that want less at once: polite is 3 connections and 20 recipients a message, turtle one message every 5 seconds',
  ),
  OUTBOUND_NEW_RECIPIENTS: row(
    rate,
    '1000/day',
    'How many people on other servers a user may write to for the first time; more is refused for now',
  ),
  OUTBOUND_BRAKE: row(
    rate,
    '3000/hour',
    'Recipients on other servers after which all mail of a user is held until homepost queue release',
  ),
  OUTBOUND_PORT: row(port, '25', 'Where other mail servers listen: 25, but for trying out'),
  OUTBOUND_HTTPS_PORT: row(
    port,
    '443',
    'Where other domains have their MTA-STS policies: 443, but for trying out',
  ),
  DNS_RESOLVERS: row(
    listOf(dnsServer),
    '',
    'Resolvers to ask; without any, names are found from the root servers down. Answers are validated either way',
  ),
  DNS_ZONES: row(listOf(zoneServer), '', 'Resolvers of particular zones, such as those of your own network'),
  DNS_HOSTS: row(listOf(hostAddress), '', 'Names with addresses, as in a hosts file'),
  DNS_UNVALIDATED: row(
    listOf(domain),
    '',
    'Zones that are believed without signatures, such as your own inner ones',
  ),
  DNS_PORT: row(optional(port), '', 'Answers DNS questions of other programs on this port, such as 53'),
  DNS_NETWORKS: row(listOf(network), '127.0.0.0/8,::1', 'Networks that may ask there; others are refused'),
  DNS_ROOT_HINTS: row(listOf(dnsServer), '', 'Other root servers than the world’s'),
  DNS_TRUST_ANCHORS: row(listOf(trustAnchor), '', 'Other keys to trust than those of the world’s root'),

  DOMAIN: row(domain, 'home.test', 'Main mail domain: postmaster and system mail live there'),
  HOSTNAMES: row(
    atLeastOne(listOf(domain)),
    'mail.home.test',
    'Names of this server, separated by commas; the first greets and signs',
  ),
  POSTMASTER: row(localPart, 'postmaster', 'Local part of the postmaster’s address at DOMAIN'),
  PORTS: row(
    listOf(port),
    '25,80,443,465,993,995,4190',
    'Public ports; 25, 465 and 993 are always open, 110, 143, 587, 11334 and those for attached applications (10143, 10025, 14190) can be added',
  ),
  SECRET_KEY: row(
    optional(secret),
    '',
    'What other secrets are derived from; without it a file in DATA_DIR. Keep Mailu’s, so that old bounces find back',
  ),
  TZ: row(timeZone, 'Etc/UTC', 'Time zone of users who have chosen none'),
  LOG_LEVEL: row(
    oneOf({
      debug: 'debug' as const,
      info: 'info' as const,
      warning: 'warn' as const,
      warn: 'warn' as const,
      error: 'error' as const,
      critical: 'error' as const,
    }),
    'INFO',
    'DEBUG, INFO, WARNING or ERROR',
  ),
  INITIAL_ADMIN_ACCOUNT: row(optional(localPart), '', 'Local part of an administrator to make at start'),
  INITIAL_ADMIN_DOMAIN: row(optional(domain), '', 'Domain of that administrator'),
  INITIAL_ADMIN_PW: row(optional(secret), '', 'Password of that administrator'),
  INITIAL_ADMIN_MODE: row(
    oneOf({ create: 'create' as const, ifmissing: 'ifmissing' as const, update: 'update' as const }),
    'ifmissing',
    'Where the address exists: ifmissing leaves it, update sets the password, create is a mistake',
  ),

  ...certificateRows,
  TLS_PERMISSIVE: row(yesNo, 'true', 'Old TLS versions are taken on port 25: better than no encryption'),
  INBOUND_TLS_ENFORCE: row(yesNo, 'false', 'Refuse mail without encryption on port 25'),
  PROXY_PROTOCOL: row(
    proxiedPorts,
    '',
    'Ports where a proxy in REAL_IP_FROM tells the client: a list, mail, all-but-http or all',
  ),
  REAL_IP_HEADER: row(optional(text), '', 'HTTP header in which a proxy in REAL_IP_FROM tells the client'),
  REAL_IP_FROM: row(listOf(network), '', 'Networks of trusted proxies'),

  MESSAGE_SIZE_LIMIT: row(size, '50000000', 'Largest message, in bytes; 0 is unlimited'),
  MESSAGE_RATELIMIT: row(rate, '200/day', 'Messages one user may send'),
  MESSAGE_RATELIMIT_EXEMPTION: row(listOf(text), '', 'Users without that limit'),
  RELAYNETS: row(listOf(network), '', 'Networks that may send anywhere without signing in'),
  RELAYHOST: row(
    optional(relayHost),
    '',
    'Takes all mail for other servers: [host]:port, or host:port for those that its MX records name',
  ),
  RELAYUSER: row(optional(text), '', 'Who we are there'),
  RELAYPASSWORD: row(optional(secret), '', 'Our password there'),
  OUTBOUND_TLS_LEVEL: row(
    oneOf({
      none: 'none' as const,
      may: 'may' as const,
      encrypt: 'encrypt' as const,
      dane: 'dane' as const,
      'dane-only': 'dane-only' as const,
      verify: 'verify' as const,
      secure: 'secure' as const,
    }),
    'dane',
    'What every server we send to must offer, where its domain does not ask for more (DANE, MTA-STS) and tls_policy.map says nothing: dane and may encrypt where possible, encrypt always',
  ),
  DEFER_ON_TLS_ERROR: row(
    yesNo,
    'true',
    'Mail waits where DNS does not tell what a server must prove; false sends it all the same',
  ),
  RECIPIENT_DELIMITER: row(text, '', 'Characters that start a detail: + makes ann+news@ arrive at ann@'),
  WILDCARD_SENDERS: row(listOf(text), '', 'Users who may send as anybody, of any domain'),
  DEFAULT_QUOTA: row(size, '1000000000', 'Mailbox size of new users, in bytes; 0 is unlimited'),
  COMPRESSION: row(
    oneOf({
      '': 'none' as const,
      none: 'none' as const,
      gz: 'zstd' as const,
      bz2: 'zstd' as const,
      lz4: 'zstd' as const,
      zstd: 'zstd' as const,
    }),
    '',
    'zstd compresses stored mail; Mailu’s other names mean the same',
  ),
  COMPRESSION_LEVEL: row(optional(wholeNumber(0, 22)), '', 'How hard it tries, 1 to 19'),

  FULL_TEXT_SEARCH: row(
    languages,
    'en',
    'Keep an index of all words, so that searches are quick; off keeps none, and each search reads the mail',
  ),
  FULL_TEXT_SEARCH_ATTACHMENTS: row(
    yesNo,
    'false',
    'Search inside PDF and office documents, too; what is found in them is kept in the index',
  ),

  ANTISPAM: row(
    spamFilter,
    'on',
    'Check and weigh what strangers send, and learn from what is moved to Junk; none takes everything for wanted',
  ),
  ANTISPAM_URL: row(
    optional(webAddress),
    '',
    'Another Homepost that weighs and learns for this one, on its port 11334',
  ),
  ANTISPAM_TOKEN: row(
    optional(secret),
    '',
    'Who sends it may use our port 11334; without it only this machine may. It is sent to ANTISPAM_URL',
  ),
  DNS_LISTS: row(
    dnsListChanges,
    '',
    'Changes to the DNS lists that are asked about strangers, such as -multi.uribl.com or zen.spamhaus.org=KEY.zen.dq.spamhaus.net; none asks no list',
  ),
  GREYLISTING: row(
    yesNo,
    'true',
    'Ask senders we do not know to send doubtful messages again after five minutes, as only servers do',
  ),
  SPAM_AUTOLEARN: row(
    yesNo,
    'true',
    'The filter learns from mail that it is sure of, beside what people teach it',
  ),
  SPAM_HISTORY_DAYS: row(
    wholeNumber(0, 3650),
    '30',
    'How long `homepost spam history` knows what was made of a message, and why; 0 keeps nothing',
  ),
  DEFAULT_SPAM_THRESHOLD: row(wholeNumber(0, 100), '80', 'Spam threshold of new users, in percent'),
  ...scannerRows,
  DKIM_SELECTOR: row(text, 'dkim', 'Selector of the keys in DATA_DIR/dkim; later ones begin with it'),
  DKIM_PATH: row(
    optional(keyPath),
    '',
    'Where those keys are, if not as DATA_DIR/dkim/{domain}.{selector}.key; backups have only what is in DATA_DIR',
  ),
  DMARC_RUA: row(
    optional(localPart),
    '',
    'Who at DOMAIN is to get DMARC’s daily reports: goes into the record that `homepost domain dns` shows',
  ),
  DMARC_RUF: row(optional(localPart), '', 'The same for reports on single messages'),
  DMARC_SEND_REPORTS: row(
    yesNo,
    'false',
    'Owners of domains that ask for it hear once a day what arrived here in their name (DMARC)',
  ),
  ...pageRows,
  WEB_PROXIES: row(
    listOf(attachedApp),
    '',
    'Web applications beside this server that are reached under its name, such as /roundcube=http://127.0.0.1:8080/;mail: user (the standard) asks for a sign-in and tells who it is, mail hands over a password for ports 10143, 10025 and 14190 too, admin is for administrators, open for everybody',
  ),
  ...fetchRows,
  ...peopleRows,
}

export type SettingName = keyof typeof table
export type Settings = {
  readonly [Name in SettingName]: (typeof table)[Name] extends Row<infer T> ? T : never
}
export const settingNames = Object.keys(table) as readonly SettingName[]
export const isSettingName = (name: string): name is SettingName => Object.hasOwn(table, name)
export const isSecret = (name: SettingName) => /(_PW|_TOKEN|_KEY|_HMAC|_URI|PASSWORD)$/.test(name)
