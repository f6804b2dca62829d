import type { Address, DomainName } from '../../../lib/address.ts'
import { readableName, readableNames } from '../../../lib/readable-name.ts'
import type { Dated, FetchRow, TokenRow, UserRow } from '../../../ports/directory-rows.ts'
import {
  aliasColumns,
  domainColumns,
  fetchColumns,
  relayColumns,
  tokenColumns,
  userColumns,
} from '../columns.ts'
import type { DnsRecords } from '../dns.ts'
import type { Wanted } from './filter.ts'
import { hidden } from './hidden.ts'
import type { Current } from './planning.ts'
import { withoutScheme } from './read-secret.ts'
import { type Asked, type Attribute, columnAttributes, writeObject } from './write-object.ts'

interface Export extends Asked {
  readonly wanted: Wanted
  readonly current: Current
  readonly records: ReadonlyMap<DomainName, DnsRecords>
}

type Sections = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

/** The directory as Mailu's `config-export` writes it: the same sections, attributes and order. */
export function exportFile(asked: Export): Sections {
  const { current, wanted } = asked
  const index = indexOf(current)
  const sections: Record<string, () => readonly (readonly Attribute[])[]> = {
    domain: () => current.rows.domains.map((row) => domainAttributes(row, index, asked)),
    user: () => current.rows.users.map((row) => userAttributes(row, index, asked)),
    alias: () =>
      current.rows.aliases.map((row) => [
        { name: 'email', value: readableName(row.address) },
        ...columnAttributes(aliasColumns, row),
        ...dates(row),
      ]),
    relay: () =>
      current.rows.relays.map((row) => [
        { name: 'name', value: readableName(row.name) },
        ...columnAttributes(relayColumns, row),
        ...dates(row),
      ]),
  }
  const written = Object.entries(sections).flatMap(([name, rows]) => {
    const part = wanted.all ? wanted : wanted.named.get(name)
    return part ? [[name, rows().map((attributes) => writeObject(attributes, part, asked))] as const] : []
  })
  return Object.fromEntries(written)
}

type Index = ReturnType<typeof indexOf>

/** Who has what, once for all rows. */
function indexOf({ rows }: Current) {
  return {
    tokens: Map.groupBy(rows.tokens, ({ user }) => user),
    fetches: Map.groupBy(rows.fetches, ({ user }) => user),
    managers: Map.groupBy(rows.managers, ({ user }) => user),
    accessesByUser: Map.groupBy(rows.accesses, ({ user }) => user),
    accessesByDomain: Map.groupBy(rows.accesses, ({ domain }) => domain),
    aliases: Map.groupBy(rows.aliases, ({ owner }) => owner),
  }
}

function domainAttributes(
  row: Current['rows']['domains'][number],
  { accessesByDomain }: Index,
  { current, records }: Export,
): Attribute[] {
  const users = (accessesByDomain.get(row.name) ?? []).map(({ user }) => user)
  const dns = records.get(row.name)
  return [
    { name: 'name', value: readableName(row.name) },
    ...columnAttributes(domainColumns, row),
    { name: 'dkim_key', value: current.dkimKeys.get(row.name) ?? '', standard: '', secret: true },
    { name: 'dkim_publickey', value: dns?.publicKey, only: 'dns' },
    { name: 'dns_dkim', value: dns?.dkim, only: 'dns' },
    { name: 'dns_dmarc', value: dns?.dmarc, only: 'dns' },
    { name: 'dns_mx', value: dns?.mx, only: 'dns' },
    { name: 'dns_spf', value: dns?.spf, only: 'dns' },
    { name: 'domain_accesses', value: readableNames(users), standard: [] },
    ...dates(row),
  ]
}

function userAttributes(row: UserRow, index: Index, asked: Export): Attribute[] {
  const { address } = row
  const { current } = asked
  const tokens = index.tokens.get(address) ?? []
  const fetches = index.fetches.get(address) ?? []
  const named = (grants: readonly { readonly domain: DomainName }[] = []) =>
    readableNames(grants.map(({ domain }) => domain))
  return [
    { name: 'email', value: readableName(address) },
    ...columnAttributes(userColumns, row),
    { name: 'password', value: withoutScheme(current.passwordHashes.get(address) ?? '') },
    { name: 'manager_of', value: named(index.managers.get(address)), standard: [] },
    { name: 'domain_accesses', value: named(index.accessesByUser.get(address)), standard: [] },
    { name: 'owned_aliases', value: ownedBy(address, index), standard: [] },
    nested('tokens', tokens, (token) => tokenAttributes(token, asked), asked),
    nested('fetches', fetches, (fetch) => fetchAttributes(fetch, asked), asked),
    ...dates(row),
  ]
}

function ownedBy(address: Address, { aliases }: Index): readonly string[] {
  return readableNames((aliases.get(address) ?? []).map((alias) => alias.address))
}

function nested<R>(
  name: string,
  rows: readonly R[],
  attributes: (row: R) => readonly Attribute[],
  asked: Asked,
): Attribute {
  const below = (wanted: Wanted) => rows.map((row) => writeObject(attributes(row), wanted, asked))
  return { name, value: rows, standard: [], below }
}

function tokenAttributes(row: TokenRow, { current }: Export): Attribute[] {
  return [
    { name: 'id', value: row.id },
    ...columnAttributes(tokenColumns, row),
    { name: 'password', value: withoutScheme(current.tokenHashes.get(row.id) ?? '') },
    ...dates(row),
  ]
}

function fetchAttributes(row: FetchRow, { current }: Export): Attribute[] {
  const { lastCheck } = row
  return [
    { name: 'id', value: row.id },
    ...columnAttributes(fetchColumns, row),
    // One that cannot be read any more stays what it is.
    { name: 'password', value: current.fetchPasswords.get(row.id) ?? hidden, secret: true },
    { name: 'last_check', value: lastCheck === undefined ? null : written(lastCheck), only: 'full' },
    { name: 'error', value: row.error === '' ? null : row.error, only: 'full' },
    ...dates(row),
  ]
}

const written = (ms: number) => new Date(ms).toISOString()

/** Told only where they are named, as in Mailu. */
function dates({ createdAt, updatedAt }: Dated): Attribute[] {
  return [
    { name: 'created_at', value: written(createdAt), only: 'named' },
    { name: 'updated_at', value: written(updatedAt), only: 'named' },
  ]
}
