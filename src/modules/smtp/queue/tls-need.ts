import type { DnsOutcome, DnsResolver, DnsSecurity } from '../../../ports/dns-resolver.ts'
import type { TlsNeed } from '../client/tls.ts'

/** The least that is asked of every server; `dane` is `may` with DANE where the other side offers it. */
export type TlsLevel = 'none' | 'may' | 'encrypt' | 'dane'

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

export type Needed =
  | { readonly kind: 'need'; readonly need: TlsNeed }
  /** Nobody knows what is needed: this host is left for now, and never asked without. */
  | { readonly kind: 'later'; readonly text: string }

interface Asking {
  readonly dns: DnsResolver
  readonly level: TlsLevel
  readonly deadlineMs: number
}

/** RFC 7672 §2.2: TLSA records are asked for at the host, and only where the way to it is secure. */
export async function tlsNeedOf(host: HostFacts, { dns, level, deadlineMs }: Asking): Promise<Needed> {
  if (level !== 'dane') return need({ kind: level })
  if (host.security !== 'secure' || host.mxSecurity !== 'secure') return need({ kind: 'may' })
  // RFC 7672 §2.2.2: where the alias leads to first, then the alias itself.
  for (const name of new Set([host.canonicalName, host.name])) {
    const outcome = await dns.resolve({ name: `_${host.port}._tcp.${name}`, type: 'TLSA', deadlineMs })
    const found = readTlsa(outcome, host)
    if (found) return found
  }
  return need({ kind: 'may' })
}

function readTlsa(outcome: DnsOutcome, { name, canonicalName, nextHop }: HostFacts): Needed | undefined {
  switch (outcome.kind) {
    case 'bogus':
      return { kind: 'later', text: `The TLSA records of ${name} are forged or broken` }
    case 'later':
      // RFC 7672 §2.1.1: an attacker who can hold the answer back must not win plain text by it.
      return { kind: 'later', text: `The TLSA records of ${name} cannot be looked up: ${outcome.text}` }
    case 'no-data':
    case 'no-name':
      return undefined
    case 'records': {
      if (outcome.security !== 'secure') return undefined
      const records = outcome.records.flatMap((record) => (record.type === 'TLSA' ? [record] : []))
      return need({ kind: 'dane', records, names: [...new Set([canonicalName, name, nextHop])] })
    }
  }
}

function need(what: TlsNeed): Needed {
  return { kind: 'need', need: what }
}
