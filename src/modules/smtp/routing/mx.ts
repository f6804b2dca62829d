import { isIP } from 'node:net'
import type { DomainName } from '../../../lib/address.ts'
import type { DnsRecord } from '../../../lib/dns-record.ts'
import type { DnsOutcome, DnsSecurity } from '../../../ports/dns-resolver.ts'

/** Where the mail of a domain goes, before anybody has asked for addresses. RFC 5321 §5.1. */
export type MxAnswer =
  | {
      readonly kind: 'hosts'
      /** In the order in which they are tried. */
      readonly hosts: readonly MxHost[]
      /** Only a secure answer makes names that DANE can stand on: RFC 7672 §2.2.1. */
      readonly security: DnsSecurity
    }
  | NoRoute

export type NoRoute = {
  readonly kind: 'later' | 'never'
  /** RFC 3463. */
  readonly status: string
  readonly text: string
}

export interface MxHost {
  readonly name: string
  readonly preference: number
}

/** A domain may name as many as it likes; a message waits for no more than these. */
const mostHosts = 10

/** `random` gives numbers below 1. */
export function readMx(domain: DomainName, outcome: DnsOutcome, random: () => number): MxAnswer {
  switch (outcome.kind) {
    case 'records':
      return fromRecords(domain, outcome, random)
    case 'no-data':
      // RFC 5321 §5.1: without MX records the name is its own mail server, where an alias led to.
      return {
        kind: 'hosts',
        hosts: [{ name: outcome.canonicalName, preference: 0 }],
        security: outcome.security,
      }
    case 'no-name':
      // RFC 3463 §3.2: bad destination system address
      return { kind: 'never', status: '5.1.2', text: `There is no domain ${domain}` }
    case 'bogus':
      return {
        kind: 'later',
        status: '4.4.3',
        text: `DNSSEC says that the answer for ${domain} is forged or broken: ${outcome.why.map(({ text }) => text).join('; ')}`,
      }
    case 'later':
      return {
        kind: 'later',
        status: '4.4.3',
        text: `The mail servers of ${domain} cannot be looked up: ${outcome.text}`,
      }
  }
}

function fromRecords(
  domain: DomainName,
  { records, security }: Extract<DnsOutcome, { kind: 'records' }>,
  random: () => number,
): MxAnswer {
  const named = records.flatMap((record) => hostOf(record) ?? [])
  // RFC 7505 §3: a null MX stands alone; beside others it says nothing.
  const hosts = named.filter(({ name }) => name !== '.')
  if (hosts.length === 0 && named.length > 0)
    return { kind: 'never', status: '5.1.10', text: `${domain} takes no mail (null MX)` }
  const usable = hosts.filter(({ name }) => isIP(name) === 0)
  // RFC 5321 §5.1: an MX record holds a name; an address is a mistake of theirs, and no reason to ask for their A record.
  if (usable.length === 0)
    return { kind: 'never', status: '5.4.4', text: `The MX records of ${domain} name no mail server` }
  return { kind: 'hosts', hosts: inOrder(usable, random).slice(0, mostHosts), security }
}

function hostOf(record: DnsRecord): MxHost | undefined {
  return record.type === 'MX' ? { name: record.exchange, preference: record.preference } : undefined
}

/** RFC 5321 §5.1: the lowest preference first; equals in random order, so that they share the load. */
function inOrder(hosts: readonly MxHost[], random: () => number): readonly MxHost[] {
  const shuffled = hosts.map((host) => ({ host, at: random() })).sort((one, other) => one.at - other.at)
  return shuffled.map(({ host }) => host).sort((one, other) => one.preference - other.preference)
}
