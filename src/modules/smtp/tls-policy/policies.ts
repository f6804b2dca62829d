import { isIP } from 'node:net'
import type { DnsResolver } from '../../../ports/dns-resolver.ts'
import type { MapFile } from '../map-file.ts'
import { overrideFor, type PolicyMap } from './policy-map.ts'
import type { StsPolicies } from './sts-policies.ts'
import { type HostFacts, type Needed, type TlsLevel, tlsNeedOf } from './tls-need.ts'

interface Parts {
  readonly dns: DnsResolver
  readonly level: TlsLevel
  /** DEFER_ON_TLS_ERROR. */
  readonly defers: boolean
  readonly overrides: MapFile<PolicyMap> | undefined
  readonly sts: StsPolicies | undefined
}

export interface TlsPolicies {
  /** How safe the way to this server has to be. */
  needOf(
    host: HostFacts,
    asking: { readonly isDomain: boolean; readonly deadlineMs: number },
  ): Promise<Needed>
}

export function createTlsPolicies({ dns, level, defers, overrides, sts }: Parts): TlsPolicies {
  return {
    async needOf(host, { isDomain, deadlineMs }) {
      const found = await overrides?.read()
      if (found?.kind === 'broken')
        return {
          kind: 'later',
          text: found.text,
          type: 'validation-failure',
          policy: { type: 'no-policy-found' },
        }
      const { nextHop, port } = host
      const hasSts = isDomain && isIP(nextHop) === 0 && sts !== undefined
      return tlsNeedOf(host, {
        dns,
        level,
        defers,
        override: found && overrideFor(found.map, nextHop, port),
        sts: hasSts ? (domain) => sts.find(domain) : undefined,
        deadlineMs,
      })
    },
  }
}
