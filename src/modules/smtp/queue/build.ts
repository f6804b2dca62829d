import { networkInterfaces } from 'node:os'
import { domainOf } from '../../../lib/address.ts'
import { relayTargetText } from '../../../lib/relay-target.ts'
import { readRouteMap } from '../../../lib/route-map.ts'
import type { Service } from '../../../ports/runtime.ts'
import { standardTimes } from '../client/settings.ts'
import { MapFile } from '../map-file.ts'
import type { OutgoingParts } from '../outgoing.ts'
import { Fallback } from '../routing/fallback.ts'
import type { Ourselves } from '../routing/find-hosts.ts'
import { createTlsPolicies } from '../tls-policy/policies.ts'
import { readPolicyMap } from '../tls-policy/policy-map.ts'
import { StsPolicies } from '../tls-policy/sts-policies.ts'
import { TlsReporter } from '../tls-report/reporter.ts'
import { TlsResults } from '../tls-report/results.ts'
import { createDetours } from './detours.ts'
import { createHere } from './here.ts'
import { type Pace, Paces } from './pace.ts'
import { createPostman } from './postman.ts'
import { createRunner } from './runner.ts'

/** Everything that sends, made when the first message leaves. */
export function buildRunner({ settings, relays, dns, ...parts }: OutgoingParts): Service {
  const [hostname = 'localhost'] = settings.hostnames
  const relayHost = relayOf(settings.relayHost)
  const fallbackRelay = relayOf(settings.fallbackRelay)
  const fallback = new Fallback({
    ...parts,
    way: fallbackRelay && `via:${relayTargetText(fallbackRelay.target)}`,
  })
  const us = ourselves(settings)
  const routes = new MapFile({ ...parts, path: settings.routeMap, read: readRouteMap, empty: new Map() })
  const here = createHere({ ...parts, hostname })
  const reporter = new TlsReporter({
    ...parts,
    dns,
    hostname,
    contact: settings.postmaster,
    families: us.families,
    trust: undefined,
    random: Math.random,
  })
  const runner = createRunner({
    ...parts,
    postman: createPostman({ ...parts, hostname, domain: domainOf(settings.postmaster) }),
    here,
    detours: createDetours({ ...parts, relays, here, routes }),
    random: Math.random,
    tls: createTlsPolicies({
      dns,
      level: settings.tlsLevel,
      defers: settings.defersOnTlsError,
      overrides: new MapFile({
        ...parts,
        path: settings.tlsPolicyMap,
        read: readPolicyMap,
        empty: new Map(),
      }),
      sts: new StsPolicies({
        ...parts,
        dns,
        families: us.families,
        port: settings.httpsPort,
        trust: undefined,
      }),
    }),
    tlsResults: new TlsResults(parts),
    client: { hostname, from: undefined, times: standardTimes, trust: undefined },
    routing: {
      dns,
      relays,
      routes,
      ourselves: us,
      random: Math.random,
      relayHost,
      fallback,
      logins: [relayHost, fallbackRelay].filter((relay) => relay !== undefined),
      port: settings.port,
    },
    paces: new Paces(
      standardPace,
      new Map(settings.paces.map(({ domain, pace }) => [domain, pace])),
      parts.clock,
    ),
    fallback,
    settings: { visits: 50 },
  })
  return settings.tlsReports ? withReports(runner, reporter) : runner
}

/** As many as Postfix has to one destination is 20; a quarter of that is polite, and enough. */
const standardPace: Pace = { visits: 5, recipients: 1000, pauseMs: 0 }

function withReports(runner: Service, reporter: TlsReporter): Service {
  return {
    ...runner,
    async start() {
      await runner.start()
      reporter.start()
    },
    async drain() {
      await reporter.drain()
      await runner.drain()
    },
  }
}

function relayOf(relay: OutgoingParts['settings']['relayHost']) {
  return relay && { target: relay.target, login: relay.login && { ...relay.login, evenUnencrypted: false } }
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
