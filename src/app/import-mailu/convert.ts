import { type Address, type DomainName, parseAddress, parseDomain } from '../../lib/address.ts'
import { parseNetworks } from '../../lib/networks.ts'
import { parseRelayTarget, relayTargetExpected } from '../../lib/relay-target.ts'
import type { Cell, ForeignTable } from '../../platform/sqlite/foreign.ts'
import { Cells } from './cells.ts'
import { convertUser } from './convert-user.ts'
import type { Finding, MailuRows } from './installation.ts'
import { Names } from './names.ts'
import { type Meaning, meaningOf } from './revisions.ts'

type Row = Readonly<Record<string, Cell>>

/** What the conversion of each table needs. */
interface Work {
  readonly tables: ReadonlyMap<string, ForeignTable>
  readonly meaning: Meaning
  readonly findings: Finding[]
  /** Of domains, alternatives and relays. */
  readonly domainNames: Names
  /** Of users and aliases. */
  readonly addresses: Names
}

/** Mailu's tables as our rows, and everything that is wrong with them. */
export function convert(
  revision: string,
  tables: ReadonlyMap<string, ForeignTable>,
): { rows: MailuRows; findings: readonly Finding[] } {
  const work: Work = {
    tables,
    meaning: meaningOf(revision, tables),
    findings: [],
    domainNames: new Names(),
    addresses: new Names(),
  }
  const alternatives = convertAlternatives(work)
  const domain = convertDomains(work, alternatives)
  const relay = convertRelays(work)
  const user = eachRow(work, 'user', 'email', (cells) => {
    const address = addressOf(work, cells, 'user')
    return address && convertUser(cells, address, work.meaning)
  })
  const users = new Set(user.map(({ address }) => address))
  const alias = convertAliases(work, users)
  const rows: MailuRows = {
    ...{ domain, relay, user, alias },
    token: convertTokens(work, users),
    fetch: convertFetches(work, users),
    manager: convertGrants(work, 'manager', users, domain),
    access: convertGrants(work, 'domain_access', users, domain),
    setting: convertSettings(work),
  }
  work.findings.push(...work.domainNames.conflicts(), ...work.addresses.conflicts())
  return { rows, findings: work.findings }
}

/** Converts the rows of a table; those that come to nothing are left out, and `each` has said why. */
function eachRow<T>(work: Work, table: string, key: string, each: (cells: Cells) => T | undefined): T[] {
  return (work.tables.get(table)?.rows ?? []).flatMap((row, at) => {
    const converted = each(new Cells(nameOf(table, key, row, at), row, work.findings))
    return converted === undefined ? [] : [converted]
  })
}

function nameOf(table: string, key: string, row: Row, at: number): string {
  const value = row[key]
  const isName = (typeof value === 'string' && value !== '') || typeof value === 'number'
  return isName ? `${table} ${value}` : `${table}, row ${at + 1}`
}

/** By the domain that they belong to. */
function convertAlternatives(work: Work): ReadonlyMap<DomainName, DomainName[]> {
  const all = new Map<DomainName, DomainName[]>()
  const domains = new Set(
    (work.tables.get('domain')?.rows ?? []).map(({ name }) => parseDomain(String(name))),
  )
  eachRow(work, 'alternative', 'name', (cells) => {
    const name = domainOfCell(work, cells, 'name', 'alternative')
    const main = parseDomain(cells.text('domain_name'))
    if (name === undefined) return undefined
    if (main === undefined || !domains.has(main)) {
      cells.note('owner missing', `its domain ${cells.text('domain_name')} is not there`)
      return undefined
    }
    all.set(main, [...(all.get(main) ?? []), name])
    return name
  })
  return all
}

function convertDomains(
  work: Work,
  alternatives: ReadonlyMap<DomainName, readonly DomainName[]>,
): MailuRows['domain'] {
  const { unlimited } = work.meaning
  const limit = (cells: Cells, column: string) => {
    const count = cells.wholeNumber(column, unlimited, -1)
    return count === unlimited ? -1 : count
  }
  return eachRow(work, 'domain', 'name', (cells) => {
    const name = domainOfCell(work, cells, 'name', 'domain')
    if (name === undefined) return undefined
    return {
      name,
      maxUsers: limit(cells, 'max_users'),
      maxAliases: limit(cells, 'max_aliases'),
      maxQuotaBytes: cells.wholeNumber('max_quota_bytes', 0, 0),
      signupEnabled: cells.yesNo('signup_enabled', false),
      anonmailEnabled: cells.yesNo('anonmail_enabled', false),
      alternatives: [...new Set(alternatives.get(name))].sort(),
      comment: cells.line('comment'),
      ...cells.since(),
    }
  })
}

function convertRelays(work: Work): MailuRows['relay'] {
  return eachRow(work, 'relay', 'name', (cells) => {
    const name = domainOfCell(work, cells, 'name', 'relay')
    if (name === undefined) return undefined
    const target = cells.text('smtp').trim()
    if (target === '') cells.note('relay by MX', 'names no host')
    if (parseRelayTarget(target, name) === undefined) {
      cells.note('wrong target', `expected ${relayTargetExpected}, found ${JSON.stringify(target)}`)
    }
    return { name, target, comment: cells.line('comment'), ...cells.since() }
  })
}

function convertAliases(work: Work, users: ReadonlySet<Address>): MailuRows['alias'] {
  return eachRow(work, 'alias', 'email', (cells) => {
    const wildcard = cells.yesNo('wildcard', false)
    const address = addressOf(work, cells, 'alias')
    const owner = cells.text('owner_email')
    const ownerAddress = parseAddress(owner)
    if (address === undefined) return undefined
    if (owner !== '' && (ownerAddress === undefined || !users.has(ownerAddress))) {
      cells.note('owner missing', `anonymous alias of ${owner}, who is not there`)
      return undefined
    }
    const destination = cells.addresses('destination').filter((to) => to !== address)
    if (destination.length === 0) {
      cells.note('leads nowhere', 'it has no destination but itself')
      return undefined
    }
    notePattern(cells, address, wildcard)
    return {
      address,
      destination,
      wildcard,
      disabled: cells.yesNo('disabled', false),
      owner: ownerAddress ?? '',
      hostname: cells.line('hostname'),
      comment: cells.line('comment'),
      ...cells.since(),
    }
  })
}

function notePattern(cells: Cells, address: string, wildcard: boolean): void {
  const local = address.slice(0, address.lastIndexOf('@'))
  if (wildcard && !local.includes('%')) {
    const text = local.includes('_')
      ? 'has no %, and each _ stands for any one character'
      : 'is a wildcard without % or _: it stands for itself alone'
    cells.note('odd pattern', text)
  }
  if (!wildcard && local.includes('%')) cells.note('odd pattern', 'has a % and is no wildcard')
}

function convertTokens(work: Work, users: ReadonlySet<Address>): MailuRows['token'] {
  return eachRow(work, 'token', 'id', (cells) => {
    const user = ownerOf(cells, users)
    const passwordHash = cells.hash('password')
    const networks = cells.list('ip')
    if (user === undefined) return undefined
    const { wrong } = parseNetworks(networks)
    if (wrong.length > 0) cells.note('wrong value', `ip: expected networks, found ${wrong.join(', ')}`)
    return {
      ...{ user, passwordHash, networks },
      id: cells.wholeNumber('id', 0, 1),
      comment: cells.line('comment'),
      ...cells.since(),
    }
  })
}

function convertFetches(work: Work, users: ReadonlySet<Address>): MailuRows['fetch'] {
  return eachRow(work, 'fetch', 'id', (cells) => {
    const user = ownerOf(cells, users)
    if (user === undefined) return undefined
    const protocol = cells.text('protocol', 'imap').toLowerCase()
    if (protocol !== 'imap' && protocol !== 'pop3') {
      cells.note('wrong value', `protocol: expected imap or pop3, found ${JSON.stringify(protocol)}`)
      return undefined
    }
    return {
      ...{ user, protocol },
      id: cells.wholeNumber('id', 0, 1),
      host: cells.line('host'),
      port: cells.wholeNumber('port', 0, 1),
      tls: cells.yesNo('tls', false),
      username: cells.text('username'),
      password: cells.text('password'),
      keep: cells.yesNo('keep', false),
      scan: cells.yesNo('scan', false),
      invisible: cells.yesNo('invisible', false),
      folders: cells.list('folders'),
      comment: cells.line('comment'),
      ...cells.since(),
    }
  })
}

/** Rows that only say who may do what in which domain. */
function convertGrants(
  work: Work,
  table: 'manager' | 'domain_access',
  users: ReadonlySet<Address>,
  domains: MailuRows['domain'],
): MailuRows['manager'] {
  const names = new Set(domains.map(({ name }) => name))
  const grants = eachRow(work, table, '', (cells) => {
    const user = parseAddress(cells.text('user_email'))
    const domain = parseDomain(cells.text('domain_name'))
    if (user !== undefined && domain !== undefined && users.has(user) && names.has(domain))
      return { domain, user }
    cells.note('owner missing', `${cells.text('user_email')} for ${cells.text('domain_name')}`)
    return undefined
  })
  // Mailu's table has no key: the same may be there twice.
  return [...new Map(grants.map((grant) => [`${grant.user} ${grant.domain}`, grant])).values()]
}

function convertSettings(work: Work): MailuRows['setting'] {
  return eachRow(work, 'config', 'name', (cells) => {
    const name = cells.text('name')
    const value = cells.text('value')
    if (name === '' || value === '') return undefined
    try {
      return { name, value: JSON.parse(value) as unknown }
    } catch {
      cells.note('wrong value', 'value: expected JSON')
      return undefined
    }
  })
}

function domainOfCell(
  work: Work,
  cells: Cells,
  column: string,
  kind: 'domain' | 'alternative' | 'relay',
): DomainName | undefined {
  const spelling = cells.text(column)
  const name = parseDomain(spelling)
  if (name === undefined) cells.note('invalid address', `${JSON.stringify(spelling)} is no domain name`)
  else work.domainNames.claim(name, { kind, spelling })
  return name
}

function addressOf(work: Work, cells: Cells, kind: 'user' | 'alias'): Address | undefined {
  const spelling = cells.text('email', `${cells.text('localpart')}@${cells.text('domain_name')}`)
  const address = parseAddress(spelling)
  if (address === undefined) {
    cells.note('invalid address', `${JSON.stringify(spelling)} is no mail address`)
    return undefined
  }
  work.addresses.claim(address, { kind, spelling })
  return address
}

function ownerOf(cells: Cells, users: ReadonlySet<Address>): Address | undefined {
  const user = parseAddress(cells.text('user_email'))
  if (user !== undefined && users.has(user)) return user
  cells.note('owner missing', `of ${cells.text('user_email')}, who is not there`)
  return undefined
}
