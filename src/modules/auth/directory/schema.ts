import type { Address, DomainName } from '../../../lib/address.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import { integer, sqliteTable, text } from './drizzle.ts'

/**
 * The words in which the tables are written. Another database gets its own words with these types, and nothing else changes;
 * so queries keep to what all three know: no `returning`, keys of limited length, lower-case names by our own hand.
 */
const sqlite = {
  table: sqliteTable,
  /** Part of a key, at most `length` characters. */
  key: <T extends string = string>(name: string, _length: number) => text(name).$type<T>().notNull(),
  text: (name: string) => text(name).notNull(),
  json: <T>(name: string) => text(name, { mode: 'json' }).$type<T>().notNull(),
  /** Up to 2^53: byte counts, account numbers, instants in UTC milliseconds. */
  whole: <T extends number = number>(name: string) => integer(name).$type<T>(),
  flag: (name: string) => integer(name, { mode: 'boolean' }).notNull(),
}

/** A domain name has 253 characters at most; an address 192 octets before the @ and 253 behind it. */
const domainLength = 253
const addressLength = 446

export const { claims, domains, alternatives, accountIds, users, aliases, limits } = tables(sqlite)

function tables({ table, key, text, json, whole, flag }: typeof sqlite) {
  const instants = { createdAt: whole('created_at').notNull(), updatedAt: whole('updated_at').notNull() }
  return {
    claims: table('claims', {
      name: key('name', addressLength).primaryKey(),
      domain: key<DomainName>('domain', domainLength),
    }),
    domains: table('domains', {
      name: key<DomainName>('name', domainLength).primaryKey(),
      maxUsers: whole('max_users').notNull(),
      maxAliases: whole('max_aliases').notNull(),
      maxQuotaBytes: whole('max_quota_bytes').notNull(),
      comment: text('comment'),
      ...instants,
    }),
    alternatives: table('alternatives', {
      name: key<DomainName>('name', domainLength).primaryKey(),
      domain: key<DomainName>('domain', domainLength),
      createdAt: whole('created_at').notNull(),
    }),
    accountIds: table('account_ids', {
      account: whole<AccountId>('account').primaryKey(),
      createdAt: whole('created_at').notNull(),
      deletedAt: whole('deleted_at'),
      sweptAt: whole('swept_at'),
    }),
    users: table('users', {
      account: whole<AccountId>('account').primaryKey(),
      address: key<Address>('address', addressLength),
      domain: key<DomainName>('domain', domainLength),
      password: text('password'),
      quotaBytes: whole('quota_bytes').notNull(),
      enabled: flag('enabled'),
      globalAdmin: flag('global_admin'),
      enableImap: flag('enable_imap'),
      enablePop: flag('enable_pop'),
      allowSpoofing: flag('allow_spoofing'),
      forwardEnabled: flag('forward_enabled'),
      forwardDestination: json<readonly Address[]>('forward_destination'),
      forwardKeep: flag('forward_keep'),
      displayedName: text('displayed_name'),
      comment: text('comment'),
      ...instants,
    }),
    aliases: table('aliases', {
      address: key('address', addressLength).primaryKey(),
      domain: key<DomainName>('domain', domainLength),
      wildcard: flag('wildcard'),
      destination: json<readonly Address[]>('destination'),
      disabled: flag('disabled'),
      comment: text('comment'),
      ...instants,
    }),
    limits: table('limits', {
      kind: key('kind', 32),
      name: key('name', addressLength),
      marks: json<readonly (readonly [string, number, number])[]>('marks'),
      expiresAt: whole('expires_at').notNull(),
    }),
  }
}
