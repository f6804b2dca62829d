import type { DnsOutcome, DnsResolver, DnsSecurity } from '../../../ports/dns-resolver.ts'
import type { TlsNeed } from '../client/tls.ts'
import type { Override } from './policy-map.ts'
import type { StsFound } from './sts-policies.ts'
import { isMxOf, type StsPolicy } from './sts-policy.ts'

/**
 * The least that is asked of every server that nobody says more of: OUTBOUND_TLS_LEVEL. `dane` is `may`, with DANE where the
 * other side offers it.
 */
export type TlsLevel = 'none' | 'may' | 'encrypt' | 'dane' | 'dane-only' | 'verify' | 'secure'

export interface HostFacts {
  readonly name: string
  readonly canonicalName: string
  readonly port: number
  /** Of its addresses, and of the MX records that named it. */
  readonly security: DnsSecurity
  readonly mxSecurity: DnsSecurity
  /** What its MX records were asked of: a domain, or a relay. */
  readonly nextHop: string
}

/** Where it comes from that so much is asked, as a TLS report tells it (RFC 8460 §4.2). */
export type PolicyFound =
  | { readonly type: 'no-policy-found' }
  | { readonly type: 'tlsa'; readonly strings: readonly string[] }
  | { readonly type: 'sts'; readonly policy: StsPolicy }

export type Needed =
  | {
      readonly kind: 'need'
      readonly need: TlsNeed
      readonly policy: PolicyFound
      /** Known before anybody connects, and only told of. RFC 8460 §4.3. */
      readonly trouble?: { readonly type: string; readonly text: string }
    }
  /** Nobody knows what is needed, or this host is not one of those that are trusted: left for now, and never asked without. */
  | {
      readonly kind: 'later'
      readonly text: string
      readonly policy: PolicyFound
      /** RFC 8460 §4.3. */
      readonly type: string
    }

export interface Asking {
  readonly dns: DnsResolver
  readonly level: TlsLevel
  /** DEFER_ON_TLS_ERROR. */
  readonly defers: boolean
  readonly override: Override | undefined
  /** Undefined where the next hop is no domain with MX records. */
  readonly sts: ((domain: string) => Promise<StsFound>) | undefined
  readonly deadlineMs: number
}

/** In this order: what the administrator wrote, DANE at the host, MTA-STS of the domain, the level for all. Mailu §9.5. */
export async function tlsNeedOf(host: HostFacts, asking: Asking): Promise<Needed> {
  const { override, level } = asking
  if (override) return atLevel(override.level, host, asking)
  return level === 'none' ? need({ kind: 'none' }) : atLevel(level, host, asking)
}

async function atLevel(level: TlsLevel, host: HostFacts, asking: Asking): Promise<Needed> {
  const { override } = asking
  const { name, nextHop } = host
  const below = `.${nextHop}`
  switch (level) {
    case 'verify':
      return need({ kind: 'verify', names: namesOf(override?.match ?? [name], host) })
    case 'secure':
      return need({ kind: 'verify', names: namesOf(override?.match ?? [nextHop, below], host) })
    case 'none':
    case 'may':
    case 'encrypt':
      // A line for this next hop means what it says; a level for everybody is the least.
      if (override) return need({ kind: level })
      return (await dane(host, asking)) ?? (await sts(host, asking)) ?? need({ kind: level })
    case 'dane':
      return (
        (await dane(host, asking)) ??
        (override ? undefined : await sts(host, asking)) ??
        need({ kind: 'may' })
      )
    case 'dane-only':
      return (
        (await dane(host, asking)) ?? later(`${name} has no TLSA records that can be trusted`, 'tlsa-invalid')
      )
  }
}

/** Postfix's words beside names: what to look for is the host, the next hop, or what lies below that. */
function namesOf(words: readonly string[], { name, nextHop }: HostFacts): readonly string[] {
  const meant: Readonly<Record<string, string>> = {
    hostname: name,
    nexthop: nextHop,
    'dot-nexthop': `.${nextHop}`,
  }
  return words.map((word) => meant[word] ?? word.toLowerCase())
}

/** RFC 7672 §2.2: TLSA records are asked for at the host, and only where the way to it is secure. */
async function dane(host: HostFacts, { dns, defers, deadlineMs }: Asking): Promise<Needed | undefined> {
  if (host.security !== 'secure') return undefined
  // Postfix: smtp_tls_dane_insecure_mx_policy. Who forges the MX record names a host of his own; other attackers are kept out.
  const isMxSecure = host.mxSecurity === 'secure'
  if (!isMxSecure && !defers) return undefined
  // RFC 7672 §2.2.2: where the alias leads to first, then the alias itself.
  for (const name of new Set([host.canonicalName, host.name])) {
    const outcome = await dns.resolve({ name: `_${host.port}._tcp.${name}`, type: 'TLSA', deadlineMs })
    const found = readTlsa(outcome, host, defers)
    if (found) return found
  }
  return undefined
}

function readTlsa(outcome: DnsOutcome, host: HostFacts, defers: boolean): Needed | undefined {
  const { name, canonicalName, nextHop, mxSecurity } = host
  switch (outcome.kind) {
    case 'bogus':
      return later(`The TLSA records of ${name} are forged or broken`, 'dnssec-invalid')
    case 'later':
      // RFC 7672 §2.1.1: an attacker who can hold the answer back must not win plain text by it.
      return defers
        ? later(`The TLSA records of ${name} cannot be looked up: ${outcome.text}`, 'dnssec-invalid')
        : undefined
    case 'no-data':
    case 'no-name':
      return undefined
    case 'records': {
      if (outcome.security !== 'secure') return undefined
      const records = outcome.records.flatMap((record) => (record.type === 'TLSA' ? [record] : []))
      const names = [canonicalName, name, ...(mxSecurity === 'secure' ? [nextHop] : [])]
      const strings = records.map(
        ({ usage, selector, matching, association }) =>
          `${usage} ${selector} ${matching} ${Buffer.from(association).toString('hex')}`,
      )
      return need({ kind: 'dane', records, names: [...new Set(names)] }, { type: 'tlsa', strings })
    }
  }
}

/** RFC 8461 §5: `enforce` leaves hosts that do not fit; `testing` only tells of them. */
async function sts({ name, nextHop }: HostFacts, { sts: find, level }: Asking): Promise<Needed | undefined> {
  const found = await find?.(nextHop)
  if (!found || found.kind === 'none') return undefined
  const least = level === 'encrypt' ? 'encrypt' : 'may'
  if (found.kind === 'failed')
    return { ...need({ kind: least }), trouble: { type: found.type, text: found.text } }
  const policy = { type: 'sts', policy: found.policy } as const
  const { mode } = found.policy
  if (mode === 'none') return undefined
  const fits = isMxOf(found.policy, name)
  const misfit = {
    type: 'validation-failure',
    text: `The MTA-STS policy of ${nextHop} does not name ${name}`,
  }
  if (mode === 'enforce')
    return fits ? need({ kind: 'verify', names: [name] }, policy) : { kind: 'later', ...misfit, policy }
  return fits
    ? need({ kind: least, wouldBear: [name] }, policy)
    : { ...need({ kind: least }, policy), trouble: misfit }
}

function later(text: string, type: string): Needed {
  return { kind: 'later', text, type, policy: { type: 'no-policy-found' } }
}

function need(
  what: TlsNeed,
  policy: PolicyFound = { type: 'no-policy-found' },
): Extract<Needed, { kind: 'need' }> {
  return { kind: 'need', need: what, policy }
}
