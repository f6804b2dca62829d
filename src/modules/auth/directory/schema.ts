import type { Address, DomainName } from '../../../lib/address.ts'
import type { Said } from '../../../lib/filled-text.ts'
import type { OAuthScope } from '../../../lib/oauth-scopes.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { ApiScope } from '../../../ports/api-access.ts'
import type { Accepted, LoginAttempt } from '../../../ports/credentials.ts'
import type { AuditRow, ColumnChange, FetchSettings, MessageRate } from '../../../ports/directory-rows.ts'
import type { OAuthClientSettings } from '../../../ports/oauth.ts'
import { integer, sqliteTable as table, text } from './drizzle.ts'

/**
 * The tables; `migrations/directory` makes them. One spelling for SQLite, PostgreSQL and MySQL: names in double quotes,
 * whole numbers, texts, and JSON as text. So queries keep to what all three know: no `returning`, no upsert, every column
 * of a new row given. Names are lower case by our own hand.
 */
const name = <T extends string = string>(column: string) => text(column).$type<T>().notNull()
/** Up to 2^53: byte counts, account numbers, instants in UTC milliseconds. */
const whole = <T extends number = number>(column: string) => integer(column).$type<T>().notNull()
const maybe = (column: string) => integer(column)
const flag = (column: string) => integer(column, { mode: 'boolean' }).notNull()
const json = <T>(column: string) => text(column, { mode: 'json' }).$type<T>().notNull()

const stamps = { createdAt: whole('created_at'), updatedAt: whole('updated_at') }

export const claims = table('claims', {
  name: name('name').primaryKey(),
  domain: name<DomainName>('domain'),
})

export const domains = table('domains', {
  name: name<DomainName>('name').primaryKey(),
  maxUsers: whole('max_users'),
  maxAliases: whole('max_aliases'),
  maxQuotaBytes: whole('max_quota_bytes'),
  signupEnabled: flag('signup_enabled'),
  anonmailEnabled: flag('anonmail_enabled'),
  oldServer: name('old_server'),
  comment: name('comment'),
  ...stamps,
})

export const alternatives = table('alternatives', {
  name: name<DomainName>('name').primaryKey(),
  domain: name<DomainName>('domain'),
  createdAt: whole('created_at'),
})

export const relays = table('relays', {
  name: name<DomainName>('name').primaryKey(),
  target: name('target'),
  comment: name('comment'),
  ...stamps,
})

export const accountIds = table('account_ids', {
  account: whole<AccountId>('account').primaryKey(),
  createdAt: whole('created_at'),
  deletedAt: maybe('deleted_at'),
  sweptAt: maybe('swept_at'),
})

export const users = table('users', {
  account: whole<AccountId>('account').primaryKey(),
  address: name<Address>('address'),
  domain: name<DomainName>('domain'),
  passwordHash: name('password'),
  /** SCRAM verifiers of the same password, as sign-in wrote them; empty where there are none. */
  scram: name('scram'),
  quotaBytes: whole('quota_bytes'),
  enabled: flag('enabled'),
  globalAdmin: flag('global_admin'),
  enableImap: flag('enable_imap'),
  enablePop: flag('enable_pop'),
  allowSpoofing: flag('allow_spoofing'),
  forwardEnabled: flag('forward_enabled'),
  forwardDestination: json<readonly Address[]>('forward_destination'),
  forwardKeep: flag('forward_keep'),
  replyEnabled: flag('reply_enabled'),
  replySubject: name('reply_subject'),
  replyBody: name('reply_body'),
  replyStart: name('reply_start'),
  replyEnd: name('reply_end'),
  displayedName: name('displayed_name'),
  spamEnabled: flag('spam_enabled'),
  spamMarkAsRead: flag('spam_mark_as_read'),
  spamThreshold: whole('spam_threshold'),
  detailFiling: flag('detail_filing'),
  mustChangePassword: flag('must_change_password'),
  timeZone: name('time_zone'),
  messageRate: json<MessageRate>('message_rate'),
  oldServer: name('old_server'),
  comment: name('comment'),
  /** Grows with each change of what opens the account: a sign-in that was checked before begins no session after. */
  signInVersion: whole('sign_in_version'),
  ...stamps,
})

/** Who is deleted soon, and hidden until then. */
export const departures = table('departures', {
  account: whole<AccountId>('account').primaryKey(),
  deleteAt: whole('delete_at'),
})

export const aliases = table('aliases', {
  address: name('address').primaryKey(),
  domain: name<DomainName>('domain'),
  wildcard: flag('wildcard'),
  destination: json<readonly Address[]>('destination'),
  disabled: flag('disabled'),
  owner: name<Address | ''>('owner'),
  hostname: name('hostname'),
  comment: name('comment'),
  ...stamps,
})

export const tokens = table('tokens', {
  id: whole('id').primaryKey(),
  account: whole<AccountId>('account'),
  passwordHash: name('password'),
  networks: json<readonly string[]>('networks'),
  services: json<readonly LoginAttempt['service'][]>('services'),
  expiresAt: maybe('expires_at'),
  lastUsedAt: maybe('last_used_at'),
  lastUsedBy: name('last_used_by'),
  lastUsedClient: name('last_used_client'),
  comment: name('comment'),
  ...stamps,
})

export const fetches = table('fetches', {
  id: whole('id').primaryKey(),
  account: whole<AccountId>('account'),
  protocol: name<FetchSettings['protocol']>('protocol'),
  host: name('host'),
  port: whole('port'),
  tls: flag('tls'),
  username: name('username'),
  sealedPassword: name('password'),
  keep: flag('keep'),
  scan: flag('scan'),
  invisible: flag('invisible'),
  folders: json<readonly string[]>('folders'),
  enabled: flag('enabled'),
  lastCheck: maybe('last_check'),
  error: name('error'),
  said: text('said', { mode: 'json' }).$type<Said>(),
  comment: name('comment'),
  ...stamps,
})

export const grants = table('grants', {
  kind: name<'manager' | 'access'>('kind'),
  domain: name<DomainName>('domain'),
  account: whole<AccountId>('account'),
})

export const settings = table('settings', {
  name: name('name').primaryKey(),
  value: json<unknown>('value'),
  ...stamps,
})

export const limits = table('limits', {
  kind: name('kind'),
  name: name('name'),
  marks: json<readonly (readonly [string, number, number])[]>('marks'),
  expiresAt: whole('expires_at'),
})

export const sessions = table('sessions', {
  id: name('id').primaryKey(),
  account: whole<AccountId>('account'),
  createdAt: whole('created_at'),
  seenAt: whole('seen_at'),
  seenFrom: name('seen_from'),
  browser: name('browser'),
  signedInBy: name<Accepted['with']>('signed_in_by'),
  /** When he last showed who he is: 0 where the provider has not told. */
  provedAt: whole('proved_at'),
})

/** Who somebody is at the provider that signs people in. `id` is a digest of issuer and subject. */
export const links = table('links', {
  id: name('id').primaryKey(),
  account: whole<AccountId>('account'),
  issuer: name('issuer'),
  subject: name('subject'),
  createdAt: whole('created_at'),
  lastUsedAt: whole('last_used_at'),
})

/** Beside the password. `secret` is sealed, or a public key; `counter` the step or the count that was used last. */
export const factors = table('factors', {
  id: name('id').primaryKey(),
  account: whole<AccountId>('account'),
  kind: name<'codes' | 'passkey'>('kind'),
  name: name('name'),
  secret: name('secret'),
  counter: whole('counter'),
  createdAt: whole('created_at'),
  lastUsedAt: maybe('last_used_at'),
})

/** Digests of codes that were not used yet. */
export const recoveryCodes = table('recovery_codes', {
  id: name('id').primaryKey(),
  account: whole<AccountId>('account'),
})

export const apiKeys = table('api_keys', {
  id: name('id').primaryKey(),
  name: name('name'),
  scopes: json<readonly ApiScope[]>('scopes'),
  networks: json<readonly string[]>('networks'),
  expiresAt: maybe('expires_at'),
  createdAt: whole('created_at'),
  lastUsedAt: maybe('last_used_at'),
  lastUsedBy: name('last_used_by'),
  domain: text('domain').$type<DomainName>(),
  owner: integer('owner').$type<AccountId>(),
})

/** `secret` is a digest, empty of a public client. */
export const oauthClients = table('oauth_clients', {
  id: name('id').primaryKey(),
  name: name('name'),
  secret: name('secret'),
  redirectUris: json<readonly string[]>('redirects'),
  scopes: json<readonly OAuthScope[]>('scopes'),
  device: flag('device'),
  signing: name<OAuthClientSettings['signing']>('signing'),
  createdAt: whole('created_at'),
})

/** What somebody need not be asked again. */
export const oauthConsents = table('oauth_consents', {
  account: whole<AccountId>('account'),
  client: name('client'),
  scopes: json<readonly OAuthScope[]>('scopes'),
  createdAt: whole('created_at'),
})

/**
 * What was allowed once, and the tokens that stand for it now: digests, empty where there is none. What has no refresh token ends with the
 * browser's session. `expiresAt` is of whatever lasts longest.
 */
export const oauthGrants = table('oauth_grants', {
  id: name('id').primaryKey(),
  account: whole<AccountId>('account'),
  client: name('client'),
  scopes: json<readonly OAuthScope[]>('scopes'),
  signInVersion: whole('sign_in_version'),
  sessionId: name('session_id'),
  nonce: name('nonce'),
  signedInAt: whole('signed_in_at'),
  createdAt: whole('created_at'),
  code: name('code'),
  redirectUri: name('redirect'),
  challenge: name('challenge'),
  accessToken: name('access_token'),
  accessScopes: json<readonly OAuthScope[]>('access_scopes'),
  accessIssuedAt: whole('access_issued_at'),
  accessExpiresAt: whole('access_expires_at'),
  refreshToken: name('refresh_token'),
  expiresAt: whole('expires_at'),
  lastUsedAt: maybe('last_used_at'),
  lastUsedBy: name('last_used_by'),
})

/** Devices that wait for somebody to type their code. */
export const oauthDevices = table('oauth_devices', {
  id: name('id').primaryKey(),
  userCode: name('user_code'),
  client: name('client'),
  scopes: json<readonly OAuthScope[]>('scopes'),
  state: name<'waiting' | 'allowed' | 'denied'>('state'),
  grant: name('grant_id'),
  intervalSeconds: whole('interval_seconds'),
  polledAt: whole('polled_at'),
  expiresAt: whole('expires_at'),
})

export const oauthKeys = table('oauth_keys', {
  id: name('id').primaryKey(),
  algorithm: name<OAuthClientSettings['signing']>('algorithm'),
  sealed: name('sealed'),
  createdAt: whole('created_at'),
})

/** Letters to many people: everybody up to the address `reached` has it. */
export const announcements = table('announcements', {
  id: whole('id').primaryKey(),
  subject: name('subject'),
  body: name('body'),
  domain: name<DomainName | ''>('domain'),
  actor: name('actor'),
  createdAt: whole('created_at'),
  recipients: whole('recipients'),
  reached: name('reached'),
  sent: whole('sent'),
  skipped: whole('skipped'),
  state: name<'running' | 'done' | 'stopped'>('state'),
})

/** Who is new, and not welcomed yet. */
export const welcomes = table('welcomes', {
  account: whole<AccountId>('account').primaryKey(),
})

export const audit = table('audit', {
  id: whole('id').primaryKey(),
  at: whole('at'),
  actor: name('actor'),
  on: name('kind'),
  key: name('name'),
  did: name<AuditRow['did']>('did'),
  columns: json<readonly ColumnChange[]>('changes'),
})

export const counters = table('counters', {
  name: name<Counter>('name').primaryKey(),
  value: whole('value'),
})

export type Counter = 'version' | 'token' | 'fetch' | 'audit' | 'announcement'
