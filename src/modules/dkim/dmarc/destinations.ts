import { type Address, type DomainName, domainOf, parseAddress } from '../../../lib/address.ts'
import type { DmarcReporting, ReportDestination, ReportDestinations } from '../../../ports/dmarc-reporting.ts'
import type { DnsResolver, DnsType } from '../../../ports/dns-resolver.ts'
import type { Clock } from '../../../ports/runtime.ts'
import { Lookups } from '../lookups.ts'
import { parseTags } from '../signature/tags.ts'
import { reportUris } from './record.ts'
import { recordAt, walkTree } from './tree-walk.ts'

interface Parts {
  readonly resolver: DnsResolver
  readonly clock: Clock
}

/** RFC 9990 §3.5: as many as we are willing to write to. */
const mostDestinations = 5
/** Nobody waits for it. */
const patienceMs = 30_000

export function dmarcReporting({ resolver, clock }: Parts): DmarcReporting {
  const asks = {
    patienceMs: () => patienceMs,
    resolve: (name: string, type: DnsType, deadlineMs: number) =>
      resolver.resolve({ name, type, deadlineMs }),
  }
  return { destinations: (policyDomain) => destinationsOf(policyDomain, new Lookups(asks, clock)) }
}

type Checked =
  | { readonly kind: 'wanted'; readonly destinations: readonly ReportDestination[] }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'trouble' }

async function destinationsOf(policyDomain: DomainName, lookups: Lookups): Promise<ReportDestinations> {
  const record = await recordAt(policyDomain, lookups)
  if (record === 'trouble') return { kind: 'later' }
  const to = new Map<Address, ReportDestination>()
  const refused: { address: string; why: string }[] = []
  for (const uri of (record?.reportsTo ?? []).slice(0, mostDestinations)) {
    const destination = readDestination(uri)
    const checked = destination
      ? await check(policyDomain, destination, lookups)
      : ({ kind: 'refused', why: 'no address' } as const)
    if (checked.kind === 'trouble') return { kind: 'later' }
    if (checked.kind === 'refused') refused.push({ address: uri, why: checked.why })
    else for (const each of checked.destinations) to.set(each.address, each)
  }
  return { kind: 'known', to: [...to.values()], refused }
}

const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** `mailto:reports@example.org!10m`. RFC 7489 §6.2; RFC 9989 has no sizes any more, records still do. */
function readDestination(uri: string): ReportDestination | undefined {
  const [, encoded = '', digits, unit = ''] = /^mailto:([^!?]+)(?:!(\d{1,12})([kmgt]?))?$/i.exec(uri) ?? []
  const address = parseAddress(decoded(encoded))
  const mostOctets = digits === undefined ? undefined : Number(digits) * (units[unit.toLowerCase()] ?? 1)
  return address && { address, mostOctets }
}

/** RFC 6068 §2. */
function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return ''
  }
}

/** RFC 9990 §4: who is to get reports on somebody else's domain has to say in DNS that he wants them. */
async function check(
  policyDomain: DomainName,
  destination: ReportDestination,
  lookups: Lookups,
): Promise<Checked> {
  const host = domainOf(destination.address)
  if (host === policyDomain) return { kind: 'wanted', destinations: [destination] }
  const [theirs, its] = await Promise.all([walkTree(host, lookups), walkTree(policyDomain, lookups)])
  if (theirs.kind === 'trouble' || its.kind === 'trouble') return { kind: 'trouble' }
  if (theirs.organization === its.organization) return { kind: 'wanted', destinations: [destination] }
  const name = `${policyDomain}._report._dmarc.${host}`
  const texts = await lookups.texts(name)
  if (texts === 'trouble') return { kind: 'trouble' }
  const records = texts === 'none' ? [] : texts.filter(isDmarcText)
  if (records.length === 0) return { kind: 'refused', why: `${name} does not say that they are wanted` }
  const instead = records.flatMap((text) => reportUris(parseTags(text)?.get('rua')))
  return instead.length === 0 ? { kind: 'wanted', destinations: [destination] } : replaced(instead, host)
}

const isDmarcText = (text: string) => /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text) && parseTags(text)

/** Another address at the same host; another host would be a way to have reports sent to anybody. */
function replaced(uris: readonly string[], host: DomainName): Checked {
  const destinations = uris.slice(0, mostDestinations).map(readDestination)
  const here = destinations.filter((each) => each !== undefined && domainOf(each.address) === host)
  return here.length === destinations.length
    ? { kind: 'wanted', destinations: here.filter((each) => each !== undefined) }
    : { kind: 'refused', why: `its owner names addresses elsewhere than at ${host}` }
}
