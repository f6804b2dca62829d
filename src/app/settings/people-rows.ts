import { databaseUri } from './database-uri.ts'
import { listOf, network, oneOf, optional, rate, secret, text, webPath, wholeNumber, yesNo } from './kinds.ts'
import { row } from './row.ts'
import { headerName, providerInfoUrl, webUrl, webUrlOrNone } from './web-kinds.ts'

/** Where domains and users are kept, and how people sign in. */
export const peopleRows = {
  DB_FLAVOR: row(
    oneOf({
      sqlite: 'sqlite' as const,
      postgresql: 'postgresql' as const,
      postgres: 'postgresql' as const,
      mysql: 'mysql' as const,
      mariadb: 'mysql' as const,
    }),
    'sqlite',
    'Where domains and users are kept: sqlite in DATA_DIR, or a server: postgresql or mysql',
  ),
  DB_HOST: row(text, 'database', 'Where that server is'),
  DB_PORT: row(optional(wholeNumber(1, 65_535)), '', 'Its port, where it is not the usual one'),
  DB_NAME: row(text, 'mailu', 'The database there'),
  DB_USER: row(text, 'mailu', 'Who we are there'),
  DB_PW: row(optional(secret), '', 'Our password there'),
  DB_APPENDIX: row(text, '', 'Options: ?sslmode=require or ?sslmode=verify-full'),
  SQLALCHEMY_DATABASE_URI: row(
    optional(databaseUri),
    '',
    'All of that in one: postgresql://user:password@host:port/name?sslmode=require',
  ),

  AUTH_REQUIRE_TOKENS: row(
    yesNo,
    'false',
    'Mail programs sign in with app tokens only; passwords are for the web',
  ),
  WEBDAV_TAKES_PASSWORDS: row(
    yesNo,
    'false',
    'Calendars and address books take passwords all the same, as in Mailu',
  ),
  ADMIN: row(yesNo, 'true', 'Admins find the administration in their browser, too'),
  WEB_ADMIN: row(webPath('api'), '/admin', 'Under which path'),
  API: row(yesNo, 'false', 'Programs may administer this server over HTTP, as with Mailu: docs/api.md'),
  API_TOKEN: row(
    optional(secret),
    '',
    'Whoever sends it there may do everything; shorter than 4 characters it lets nobody in',
  ),
  WEB_API: row(webPath('admin'), '/api', 'Where that is: /api makes https://HOSTNAME/api/v1'),
  ANONMAIL_MAX_RETRIES: row(
    wholeNumber(1, 1000),
    '10',
    'How many names are tried until one is free for an anonymous alias',
  ),
  WELCOME: row(yesNo, 'false', 'Everybody who gets an account here finds a letter in it'),
  WELCOME_SUBJECT: row(text, 'Welcome to your new email account', 'What that letter is about'),
  WELCOME_BODY: row(
    text,
    'Welcome to your new email account, if you can read this, then it is configured properly!',
    'What stands in it',
  ),
  PROXY_AUTH_WHITELIST: row(
    listOf(network),
    '',
    'Proxies in front that have signed people in already: they name them in the next header',
  ),
  PROXY_AUTH_HEADER: row(
    headerName,
    'X-Auth-Email',
    'Which header; they must take it out of what browsers send',
  ),
  PROXY_AUTH_CREATE: row(yesNo, 'false', 'Whoever they name and is not there yet gets an account'),
  PROXY_AUTH_LOGOUT_URL: row(
    optional(webUrl),
    '',
    'Where one goes after signing out: to sign out there as well',
  ),
  OIDC_ENABLED: row(yesNo, 'false', 'One may sign in at a provider elsewhere, too: docs/sign-in.md'),
  OIDC_PROVIDER_INFO_URL: row(
    optional(providerInfoUrl),
    '',
    'Where it describes itself: https://login.example.org/.well-known/openid-configuration',
  ),
  OIDC_CLIENT_ID: row(text, '', 'Our name there'),
  OIDC_CLIENT_SECRET: row(optional(secret), '', 'Our secret there'),
  OIDC_BUTTON_NAME: row(text, 'OpenID Connect', 'What the page calls it'),
  OIDC_CREATE: row(yesNo, 'false', 'Whoever it vouches for and is not there yet gets an account'),
  OIDC_TRUST_EMAIL: row(
    yesNo,
    'false',
    'Addresses that it does not call verified count too: only where nobody chooses his own there',
  ),
  BREACHED_PASSWORDS_URL: row(
    webUrlOrNone,
    'https://api.pwnedpasswords.com/range/',
    'Asked by five digits of its digest whether thieves have a new password; none asks nobody',
  ),
  SESSION_TIMEOUT: row(
    wholeNumber(60, 31_536_000),
    '3600',
    'Seconds after which an unused sign-in of a browser ends',
  ),
  PERMANENT_SESSION_LIFETIME: row(
    wholeNumber(60, 31_536_000),
    '2592000',
    'Seconds after which one ends that is used all the time',
  ),
  AUTH_RATELIMIT_IP: row(rate, '5/hour', 'Failed sign-ins with different names from one network'),
  DOMAIN_REGISTRATION: row(
    yesNo,
    'false',
    'Anybody whose domain has its MX here may register it, and manages it',
  ),
  AUTH_RATELIMIT_IP_V4_MASK: row(wholeNumber(1, 32), '24', 'Size of such a network, IPv4'),
  AUTH_RATELIMIT_IP_V6_MASK: row(wholeNumber(1, 128), '48', 'Size of such a network, IPv6'),
  AUTH_RATELIMIT_USER: row(rate, '50/day', 'Failed sign-ins of one user with different passwords'),
  AUTH_RATELIMIT_EXEMPTION: row(listOf(network), '', 'Networks without these limits'),
  AUTH_RATELIMIT_EXEMPTION_LENGTH: row(
    wholeNumber(0, 31_536_000),
    '86400',
    'Seconds for which an address is exempt after a good sign-in',
  ),
}
