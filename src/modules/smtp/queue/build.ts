import { networkInterfaces } from 'node:os'
import type { Service } from '../../../ports/runtime.ts'
import { standardTimes } from '../client/settings.ts'
import type { OutgoingParts } from '../outgoing.ts'
import type { Ourselves } from '../routing/find-hosts.ts'
import { MapFile } from '../tls-policy/map-file.ts'
import { createTlsPolicies } from '../tls-policy/policies.ts'
import { StsPolicies } from '../tls-policy/sts-policies.ts'
import { TlsResults } from '../tls-report/results.ts'
import { createHere } from './here.ts'
import { createPostman } from './postman.ts'
import { createRunner } from './runner.ts'

/** Everything that sends, made when the first message leaves. */
export function buildRunner({ settings, relays, dns, ...parts }: OutgoingParts): Service {
  const [hostname = 'localhost'] = settings.hostnames
  const { relayHost } = settings
  const us = ourselves(settings)
  return createRunner({
    ...parts,
    postman: createPostman({ ...parts, hostname }),
    here: createHere({ ...parts, hostname }),
    random: Math.random,
    tls: createTlsPolicies({
      dns,
      level: settings.tlsLevel,
      defers: settings.defersOnTlsError,
      overrides: new MapFile(settings.tlsPolicyMap, parts),
      sts: new StsPolicies({ ...parts, dns, families: us.families, port: 443, trust: undefined }),
    }),
    tlsResults: new TlsResults(parts),
    client: { hostname, from: undefined, times: standardTimes, trust: undefined },
    routing: {
      dns,
      relays,
      ourselves: us,
      random: Math.random,
      relayHost: relayHost && {
        target: relayHost.target,
        login: relayHost.login && { ...relayHost.login, evenUnencrypted: false },
      },
      port: settings.port,
    },
    settings: { visits: 50, visitsToOne: 5 },
  })
}

function ourselves({ hostnames, addresses }: OutgoingParts['settings']): Ourselves {
  const hasIpv6 = Object.values(networkInterfaces()).some((faces) =>
    faces?.some(
      ({ family, internal, address }) => family === 'IPv6' && !internal && !address.startsWith('fe80'),
    ),
  )
  return {
    names: new Set(hostnames),
    addresses: new Set(addresses),
    families: hasIpv6 ? ['ipv6', 'ipv4'] : ['ipv4'],
  }
}
