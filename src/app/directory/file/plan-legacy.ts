import { type Address, type DomainName, domainOf } from '../../../lib/address.ts'
import type { Kinds } from '../../../ports/directory-writer.ts'
import type { Kind } from '../../settings/kinds.ts'
import { domain as domainName, address as userAddress } from '../../settings/kinds.ts'
import { aliasColumns, domainColumns, userColumns } from '../columns.ts'
import { aliasAddress } from '../kinds.ts'
import { nth, type Place, within } from './mistakes.ts'
import { described, isNull, isScalar, type Node } from './node.ts'
import type { Plan } from './plan.ts'
import type { Current, PlannedChange } from './planning.ts'
import { topEntries } from './read-file.ts'
import {
  merged,
  type ObjectForm,
  type Reading,
  readObject,
  readScalar,
  type Said,
  standardOf,
} from './read-object.ts'
import { withoutScheme } from './read-secret.ts'

const { maxUsers, maxAliases, maxQuotaBytes } = domainColumns
const limits = { maxUsers, maxAliases, maxQuotaBytes }

/** What Mailu's older `config-update` takes. Read this first. */
const forms = {
  domains: { columns: limits, others: ['name'] },
  users: {
    columns: userColumns,
    others: ['localpart', 'domain', 'email', 'password_hash', 'hash_scheme'],
  },
  aliases: { columns: aliasColumns, others: ['localpart', 'domain', 'email'] },
  managers: { columns: {}, others: ['domain', 'user'] },
} as const satisfies Record<string, ObjectForm>

interface Legacy extends Reading {
  readonly current: Current
  /** What is not named goes. */
  readonly deleteObjects: boolean
}

/** Adds and overwrites; whatever the file does not say of something that is there, stays. */
export function planLegacy(node: Node, legacy: Legacy): Plan {
  const sections = topEntries(node, legacy, Object.keys(forms))
  const objects = (name: keyof typeof forms) => objectsIn(sections.get(name), name, legacy)
  const domains = objects('domains').flatMap((said) => keyed(said, keyOf(said, 'name', domainName, legacy)))
  const users = objects('users').flatMap((said) => keyed(said, addressOf(said, userAddress, legacy)))
  const aliases = objects('aliases').flatMap((said) => keyed(said, addressOf(said, aliasAddress, legacy)))
  const tracked = new Set<DomainName>([
    ...domains.map(({ key }) => key),
    ...[...users, ...aliases].map(({ key }) => domainOf(key as Address)),
  ])
  return {
    changes: [
      ...(legacy.deleteObjects ? deletions(legacy.current, tracked, [...users, ...aliases]) : []),
      ...domains.flatMap((item) => domainChange(item, legacy)),
      ...missingDomains(tracked, domains, legacy.current),
      ...users.flatMap((item) => userChange(item, legacy)),
      ...aliases.flatMap((item) => aliasChange(item, legacy)),
      ...objects('managers').flatMap((said) => managerChange(said, legacy)),
    ],
    keys: [],
    unnamed: [],
    remarks: [],
  }
}

interface Keyed<Key> {
  readonly key: Key
  readonly said: Said
}

const keyed = <Key>(said: Said, key: Key | undefined): Keyed<Key>[] =>
  key === undefined ? [] : [{ key, said }]

function objectsIn(node: Node | undefined, name: keyof typeof forms, reading: Reading): Said[] {
  if (!node || isNull(node)) return []
  const place: Place = { path: name, line: node.line }
  if (node.kind !== 'list') {
    reading.mistakes.add(place, `expected a list, found ${described(node)}`)
    return []
  }
  return node.items.flatMap((object, index) => {
    const at = nth(place, index, object.line)
    if (object.kind === 'map') return [readObject(object.entries, at, forms[name], reading)]
    reading.mistakes.add(at, `expected attributes, found ${described(object)}`)
    return []
  })
}

function keyOf<T>(said: Said, name: string, kind: Kind<T>, reading: Reading): T | undefined {
  const entry = said.others.get(name)
  if (entry) return readScalar(kind, entry.value, within(said.place, name, entry.line), reading)?.value
  reading.mistakes.add(said.place, `${name} is missing: expected ${kind.expected}`)
  return undefined
}

/** `localpart` and `domain` are two attributes here. */
function addressOf<T extends string>(said: Said, kind: Kind<T>, reading: Reading): T | undefined {
  const local = said.others.get('localpart')
  const domain = keyOf(said, 'domain', domainName, reading)
  if (!local) reading.mistakes.add(said.place, 'localpart is missing')
  if (!local || domain === undefined) return undefined
  const text = isScalar(local.value) && !isNull(local.value) ? `${local.value.text}@${domain}` : ''
  const read = kind.read(text)
  if (!read)
    reading.mistakes.add(within(said.place, 'localpart', local.line), 'expected what stands before the @')
  return read?.value
}

function domainChange({ key: name, said }: Keyed<DomainName>, legacy: Legacy): PlannedChange[] {
  const to = merged(said, standardOf(limits), legacy)
  const known = legacy.current.rows.domains.some((row) => row.name === name)
  const row = { name, ...to } as Kinds['domain']['row']
  if (!known) return [{ change: { on: 'domain', do: 'add', row }, place: said.place }]
  return [{ change: { on: 'domain', do: 'set', key: name, to }, place: said.place }]
}

/** Users and aliases bring their domain along. */
function missingDomains(
  tracked: ReadonlySet<DomainName>,
  said: readonly Keyed<DomainName>[],
  { rows }: Current,
): PlannedChange[] {
  const known = new Set([...rows.domains.map(({ name }) => name), ...said.map(({ key }) => key)])
  return [...tracked]
    .filter((name) => !known.has(name))
    .map((name) => ({ change: { on: 'domain', do: 'add', row: { name } }, place: undefined }))
}

function userChange({ key: address, said }: Keyed<Address>, legacy: Legacy): PlannedChange[] {
  const { users } = legacy.current.rows
  const known = users.some((row) => row.address === address)
  const secret = hashIn(said, known, legacy)
  const to = { ...merged(said, known ? {} : standardOf(userColumns), legacy), ...secret }
  const row = { address, ...to } as Kinds['user']['row']
  if (!known) return [{ change: { on: 'user', do: 'add', row }, place: said.place }]
  return [{ change: { on: 'user', do: 'set', key: address, to }, place: said.place }]
}

function hashIn({ others, place }: Said, known: boolean, { mistakes }: Reading) {
  const entry = others.get('password_hash')
  if (entry && isScalar(entry.value) && !isNull(entry.value)) {
    return { passwordHash: withoutScheme(entry.value.text) }
  }
  if (entry) mistakes.add(within(place, 'password_hash', entry.line), 'expected the hash of a password')
  else if (!known) mistakes.add(place, 'password_hash is missing: a new user needs one')
  return {}
}

function aliasChange({ key: address, said }: Keyed<string>, legacy: Legacy): PlannedChange[] {
  const known = legacy.current.rows.aliases.some((row) => row.address === address)
  const { wildcard, destination } = standardOf(aliasColumns)
  const to = merged(said, known ? { wildcard } : { wildcard, destination }, legacy)
  const row = { address, ...to } as Kinds['alias']['row']
  if (!known) return [{ change: { on: 'alias', do: 'add', row }, place: said.place }]
  return [{ change: { on: 'alias', do: 'set', key: address, to }, place: said.place }]
}

/** `user` is the local part in that same domain. */
function managerChange(said: Said, legacy: Legacy): PlannedChange[] {
  const domain = keyOf(said, 'domain', domainName, legacy)
  if (domain === undefined) return []
  const local: Kind<Address> = {
    expected: 'what stands before the @ of a user of that domain',
    read: (text) => userAddress.read(text.includes('@') ? text : `${text}@${domain}`),
  }
  const user = keyOf(said, 'user', local, legacy)
  const has = legacy.current.rows.managers.some((grant) => grant.domain === domain && grant.user === user)
  if (user === undefined || has) return []
  return [{ change: { on: 'manager', do: 'add', row: { domain, user } }, place: said.place }]
}

function deletions(
  { rows }: Current,
  tracked: ReadonlySet<DomainName>,
  named: readonly Keyed<string>[],
): PlannedChange[] {
  const keys = new Set(named.map(({ key }) => key))
  const unnamed = <Row extends { readonly address: string }>({ address }: Row) => !keys.has(address)
  return [
    ...rows.aliases
      .filter(unnamed)
      .map(({ address }) => ({ on: 'alias', do: 'delete', key: address }) as const),
    ...rows.users.filter(unnamed).map(({ address }) => ({ on: 'user', do: 'delete', key: address }) as const),
    ...rows.domains
      .filter(({ name }) => !tracked.has(name))
      .map(({ name }) => ({ on: 'domain', do: 'delete', key: name }) as const),
  ].map((change) => ({ change, place: undefined }))
}
