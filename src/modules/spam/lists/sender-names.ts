import { isIP } from 'node:net'
import { withoutMapping } from '../../../lib/network-of.ts'
import type { DnsOutcome, DnsResolver, DnsType } from '../../../ports/dns-resolver.ts'
import type { Arrival } from '../../../ports/intake.ts'
import type { AuthChecks } from '../../../ports/mail-authentication.ts'
import type { Clock } from '../../../ports/runtime.ts'
import { isInWorld, isNearby } from '../nearby.ts'
import { type Hit, type Sign, weighed } from '../rules/rule.ts'

const patienceMs = 2000

const signs = {
  noAnswer: {
    symbol: 'HFILTER_FROMHOST_NORES_A_OR_MX',
    weight: 1.5,
    group: 'arrival',
    why: 'is from a domain that takes no mail',
  },
  noName: {
    symbol: 'HFILTER_HELO_NORES_A_OR_MX',
    weight: 0.3,
    group: 'arrival',
    why: 'was brought by a computer whose name does not exist',
  },
  otherName: {
    symbol: 'HFILTER_HELO_IP_A',
    weight: 1,
    group: 'arrival',
    why: 'was brought by a computer that uses the name of another',
  },
} as const satisfies Record<string, Sign>

/** For who looks again at what was heard. */
export const signsOfNames: readonly Sign[] = Object.values(signs)

/** Whether the names that a stranger gives are there at all. */
export async function askSenderNames(
  { client, sender }: Arrival,
  checks: AuthChecks | undefined,
  { dns, clock }: { readonly dns: Pick<DnsResolver, 'resolve'>; readonly clock: Clock },
): Promise<Hit[]> {
  // Where names cannot be found, nobody waits for it once more.
  if (!checks || isNearby(client.ip) || [checks.iprev.result, checks.spf.result].includes('temperror'))
    return []
  const deadlineMs = clock.now() + patienceMs
  const ask = (name: string, type: DnsType) => dns.resolve({ name, type, deadlineMs })
  const [from, helo] = await Promise.all([
    fromHost(sender?.split('@').at(-1) ?? '', ask),
    helloName(client.helo.toLowerCase(), withoutMapping(client.ip), ask),
  ])
  return weighed([from, helo].flatMap((sign) => (sign ? [{ sign }] : [])))
}

type Ask = (name: string, type: DnsType) => Promise<DnsOutcome>

async function fromHost(domain: string, ask: Ask): Promise<Sign | undefined> {
  if (!isInWorld(domain)) return undefined
  const found = await Promise.all((['MX', 'A', 'AAAA'] as const).map((type) => ask(domain, type)))
  return found.every(isNothing) ? signs.noAnswer : undefined
}

async function helloName(helo: string, ip: string, ask: Ask): Promise<Sign | undefined> {
  if (!isInWorld(helo)) return undefined
  const own = await ask(helo, isIP(ip) === 6 ? 'AAAA' : 'A')
  if (own.kind === 'records')
    return own.records.some((record) => 'address' in record && record.address === ip)
      ? undefined
      : signs.otherName
  if (!isNothing(own)) return undefined
  const others = await Promise.all([ask(helo, isIP(ip) === 6 ? 'A' : 'AAAA'), ask(helo, 'MX')])
  return others.every(isNothing) ? signs.noName : undefined
}

const isNothing = ({ kind }: DnsOutcome): boolean => kind === 'no-name' || kind === 'no-data'
