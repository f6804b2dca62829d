import { type Address, type DomainName, domainOf, localPartOf } from '../../lib/address.ts'
import type { Everything } from '../../ports/directory-reader.ts'
import type { Finding, MailuRows } from './installation.ts'

interface Rules {
  readonly postmaster: Address
  /** Characters that begin a tag: `+`. */
  readonly recipientDelimiter: string
}

/** What can only be said together with what is here. */
export function checksHere(mailu: MailuRows, here: Everything, rules: Rules): Finding[] {
  const domains = new Set(
    [...mailu.domain, ...here.domains].flatMap(({ name, alternatives = [] }) => [name, ...alternatives]),
  )
  const targets = targetsOf(mailu, here, rules.recipientDelimiter)
  return [
    ...missingDomains(mailu, here),
    ...deadAliases(mailu, domains, targets),
    ...(targets.has(rules.postmaster) ? [] : [noPostmaster(rules.postmaster)]),
  ]
}

function missingDomains(mailu: MailuRows, here: Everything): Finding[] {
  const known = new Set([...mailu.domain, ...here.domains].map(({ name }) => name))
  const all = [
    ...mailu.user.map(({ address }) => ['user', address] as const),
    ...mailu.alias.map(({ address }) => ['alias', address as Address] as const),
  ]
  return all
    .filter(([, address]) => !known.has(domainOf(address)))
    .map(([kind, address]) => ({ what: 'missing domain', on: `${kind} ${address}`, text: domainOf(address) }))
}

function deadAliases(
  mailu: MailuRows,
  domains: ReadonlySet<DomainName>,
  targets: { has(address: Address): boolean },
): Finding[] {
  return mailu.alias.flatMap(({ address, destination }) => {
    const dead = destination.filter((to) => domains.has(domainOf(to)) && !targets.has(to))
    return dead.map((to): Finding => ({ what: 'no such target', on: `alias ${address}`, text: to }))
  })
}

const noPostmaster = (postmaster: Address): Finding => ({
  what: 'no postmaster',
  on: postmaster,
  text: 'is neither a user nor an alias',
})

/** Everything that mail can reach; patterns by their beginning, which is enough for a hint. */
function targetsOf(mailu: MailuRows, here: Everything, delimiter: string) {
  const names = new Map<string, DomainName>()
  for (const { name, alternatives = [] } of [...mailu.domain, ...here.domains])
    for (const other of [name, ...alternatives]) names.set(other, name)
  const aliases = [...mailu.alias, ...here.aliases]
  const exact = new Set<string>([
    ...[...mailu.user, ...here.users].map(({ address }) => address),
    ...aliases.filter(({ wildcard }) => !wildcard).map(({ address }) => address),
  ])
  const beginnings = Map.groupBy(
    aliases.filter(({ wildcard }) => wildcard).map(({ address }) => address as Address),
    domainOf,
  )
  return {
    has(address: Address): boolean {
      const domain = names.get(domainOf(address)) ?? domainOf(address)
      const local = localPartOf(address)
      const tags = Array.from(delimiter, (sign) => local.indexOf(sign, 1)).filter((at) => at > 0)
      return (
        exact.has(`${local}@${domain}`) ||
        tags.some((at) => exact.has(`${local.slice(0, at)}@${domain}`)) ||
        (beginnings.get(domain) ?? []).some((pattern) => local.startsWith(beginningOf(pattern)))
      )
    },
  }
}

const beginningOf = (pattern: Address): string => localPartOf(pattern).split(/[%_]/, 1)[0] ?? ''
