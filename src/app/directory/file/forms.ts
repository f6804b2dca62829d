import type { Address, DomainName } from '../../../lib/address.ts'
import { address, domain, type Kind, wholeNumber } from '../../settings/kinds.ts'
import {
  aliasColumns,
  type Column,
  domainColumns,
  fetchColumns,
  relayColumns,
  tokenColumns,
  userColumns,
} from '../columns.ts'
import { aliasAddress, list } from '../kinds.ts'
import type { ObjectForm } from './read-object.ts'

/** An object of the file: its name among others, and what it may say. */
export interface Form<Key> extends ObjectForm {
  readonly primary: string
  readonly key: Kind<Key>
}

/** Mailu has numbers here, which mean something to its own database alone: `#5` until both sides of it are found. */
export type Numbered = `#${string}`

export const isNumbered = (value: string): value is Numbered => value.startsWith('#')

function portable<T>(kind: Kind<T>): Kind<T | Numbered> {
  return {
    expected: kind.expected,
    read: (value) => (/^\d+$/.test(value) ? { value: `#${value}` } : kind.read(value)),
  }
}

function relation<T>(name: string, kind: Kind<T>): Column<readonly T[]> {
  return { option: name, mailu: name, kind: list(kind), standard: [], meaning: '' }
}

/** Who may do what where, as both sides name it. No columns of the directory: they are grants. */
const domainRelations = { accesses: relation('domain_accesses', portable<Address>(address)) }
const userRelations = {
  accesses: relation('domain_accesses', portable<DomainName>(domain)),
  managerOf: relation('manager_of', domain),
  ownedAliases: relation('owned_aliases', aliasAddress),
}

/** Told by exports that name them; `updated_at` is always now. */
const dates = ['created_at', 'updated_at']

/** What a file may have. Read this first; `export.ts` writes the same names. */
export const forms = {
  domain: {
    primary: 'name',
    key: domain,
    columns: { ...domainColumns, ...domainRelations },
    others: ['dkim_key', 'dkim_publickey', 'dns_dkim', 'dns_dmarc', 'dns_mx', 'dns_spf', ...dates],
  },
  user: {
    primary: 'email',
    key: address,
    columns: { ...userColumns, ...userRelations },
    others: ['password', 'hash_password', 'tokens', 'fetches', ...dates],
  },
  alias: { primary: 'email', key: aliasAddress, columns: aliasColumns, others: dates },
  relay: { primary: 'name', key: domain, columns: relayColumns, others: dates },
  token: {
    primary: 'id',
    key: wholeNumber(1, Number.MAX_SAFE_INTEGER),
    columns: tokenColumns,
    others: ['password', 'hash_password', 'last_used', ...dates],
  },
  fetch: {
    primary: 'id',
    key: wholeNumber(1, Number.MAX_SAFE_INTEGER),
    columns: fetchColumns,
    others: ['password', 'last_check', 'error', ...dates],
  },
} as const satisfies Record<string, Form<unknown>>

export const sectionNames = ['domain', 'user', 'alias', 'relay'] as const
export type SectionName = (typeof sectionNames)[number]
