import { isIP } from 'node:net'
import type { DomainName } from '../../../lib/address.ts'
import type { DnsOutcome, DnsResolver, DnsSecurity } from '../../../ports/dns-resolver.ts'
import { type MxHost, type NoRoute, readMx } from './mx.ts'

export interface Ourselves {
  /** Names under which others reach us, lower case. */
  readonly names: ReadonlySet<string>
  /** Addresses at which they do; empty behind a NAT that is not told. */
  readonly addresses: ReadonlySet<string>
  readonly families: readonly ('ipv4' | 'ipv6')[]
}

/** A server that takes mail for the domain. */
export interface MailHost {
  readonly name: string
  /** In order of preference: IPv6 first, where we have it. */
  readonly addresses: readonly string[]
  /** Of the addresses: without a secure answer nobody asks for TLSA records (RFC 7672 §2.2.2). */
  readonly security: DnsSecurity
  /** Where an alias led to: TLSA records are looked for there first (RFC 7672 §2.2.3). */
  readonly canonicalName: string
}

export type Hosts =
  | { readonly kind: 'hosts'; readonly hosts: readonly MailHost[]; readonly mxSecurity: DnsSecurity }
  | NoRoute

export interface Finding {
  readonly dns: DnsResolver
  readonly ourselves: Ourselves
  readonly random: () => number
  /** UTC milliseconds: after this instant nobody waits. */
  readonly deadlineMs: number
}

/** The servers of a domain by its MX records, with their addresses. RFC 5321 §5.1. */
export async function findHosts(domain: DomainName, finding: Finding): Promise<Hosts> {
  const { dns, random, deadlineMs } = finding
  const answer = readMx(domain, await dns.resolve({ name: domain, type: 'MX', deadlineMs }), random)
  if (answer.kind !== 'hosts') return answer
  const looked = await Promise.all(answer.hosts.map((host) => lookUp(host, finding)))
  const ours = looked.filter(({ host, addresses }) => isOurs(host.name, addresses, finding.ourselves))
  // RFC 5321 §5.1: we stand in the list, so whoever is not preferred to us would only hand it back.
  const limit = Math.min(...ours.map(({ host }) => host.preference), Number.POSITIVE_INFINITY)
  const others = looked.filter(({ host }) => host.preference < limit)
  const usable = others.filter(({ addresses }) => addresses.length > 0)
  if (usable.length > 0) return { kind: 'hosts', hosts: usable.map(toHost), mxSecurity: answer.security }
  const waits = others.find(({ trouble }) => trouble !== undefined)
  if (waits) return { kind: 'later', status: '4.4.3', text: waits.trouble ?? '' }
  if (ours.length > 0)
    // RFC 3463 §3.5: routing loop
    return {
      kind: 'never',
      status: '5.4.6',
      text: `The mail servers of ${domain} are this server, which does not serve it`,
    }
  return { kind: 'never', status: '5.4.4', text: `No mail server of ${domain} has an address` }
}

/** One server by its name or address, whatever its MX records say: a relay that somebody has named. */
export async function findServer(name: string, finding: Finding): Promise<Hosts> {
  if (isIP(name) !== 0) {
    const host = { name, addresses: [name], security: 'insecure', canonicalName: name } as const
    return { kind: 'hosts', hosts: [host], mxSecurity: 'insecure' }
  }
  const looked = await lookUp({ name, preference: 0 }, finding)
  // Nobody has to vouch for a name that stands in our own settings.
  if (looked.addresses.length > 0) return { kind: 'hosts', hosts: [toHost(looked)], mxSecurity: 'secure' }
  return { kind: 'later', status: '4.4.3', text: looked.trouble ?? `The relay ${name} has no address` }
}

interface Looked {
  readonly host: MxHost
  readonly addresses: readonly string[]
  readonly security: DnsSecurity
  readonly canonicalName: string
  /** Why there may be addresses that are not known now. */
  readonly trouble: string | undefined
}

async function lookUp(host: MxHost, { dns, ourselves, deadlineMs }: Finding): Promise<Looked> {
  const types = (['ipv6', 'ipv4'] as const)
    .filter((family) => ourselves.families.includes(family))
    .map((family) => (family === 'ipv6' ? 'AAAA' : 'A'))
  const outcomes = await Promise.all(types.map((type) => dns.resolve({ name: host.name, type, deadlineMs })))
  const facts = outcomes.filter((outcome) => outcome.kind !== 'bogus' && outcome.kind !== 'later')
  const failed = outcomes.find((outcome) => outcome.kind === 'bogus' || outcome.kind === 'later')
  return {
    host,
    addresses: outcomes.flatMap(addressesOf),
    // One family that could be forged is enough to lead astray.
    security:
      facts.every(({ security }) => security === 'secure') && facts.length === types.length
        ? 'secure'
        : (facts.find(({ security }) => security !== 'secure')?.security ?? 'indeterminate'),
    canonicalName: facts[0]?.canonicalName ?? host.name,
    trouble: failed && `The address of ${host.name} cannot be looked up: ${reasonOf(failed)}`,
  }
}

function addressesOf(outcome: DnsOutcome): readonly string[] {
  if (outcome.kind !== 'records') return []
  return outcome.records.flatMap((record) => ('address' in record ? [record.address] : []))
}

function reasonOf(outcome: Extract<DnsOutcome, { kind: 'bogus' | 'later' }>): string {
  return outcome.kind === 'later' ? outcome.text : outcome.why.map(({ text }) => text).join('; ')
}

function isOurs(name: string, addresses: readonly string[], { names, addresses: own }: Ourselves): boolean {
  return names.has(name) || addresses.some((address) => own.has(address))
}

function toHost({ host, addresses, security, canonicalName }: Looked): MailHost {
  return { name: host.name, addresses, security, canonicalName }
}
