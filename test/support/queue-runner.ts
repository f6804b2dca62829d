import { domainOf } from '../../src/lib/address.ts'
import { readRouteMap } from '../../src/lib/route-map.ts'
import { standardTimes } from '../../src/modules/smtp/client/settings.ts'
import { createDetours } from '../../src/modules/smtp/queue/detours.ts'
import { type PaceName, Paces } from '../../src/modules/smtp/queue/pace.ts'
import { createPostman } from '../../src/modules/smtp/queue/postman.ts'
import { createRunner } from '../../src/modules/smtp/queue/runner.ts'
import { Fallback } from '../../src/modules/smtp/routing/fallback.ts'
import { createTlsPolicies } from '../../src/modules/smtp/tls-policy/policies.ts'
import { TlsResults } from '../../src/modules/smtp/tls-report/results.ts'
import type { OwnMail } from '../../src/ports/own-mail.ts'
import type { RelayRoute } from '../../src/ports/routes.ts'
import type { Log, Service } from '../../src/ports/runtime.ts'
import { createFakeDnsResolver } from './fakes/dns-resolver.ts'
import { createFakeLog, silentMeter } from './fakes/runtime.ts'
import { silentSigner } from './fakes/vouching.ts'
import { address } from './smtp-client.ts'
import { account, delivery, type TestStore } from './store.ts'

interface Start {
  readonly at: TestStore
  /** The one far server, on loopback. */
  readonly port: number
  readonly relay?: RelayRoute | undefined
  readonly log?: Log
  readonly slow?: readonly (readonly [string, PaceName])[]
  /** Text of routes.map, as it is now. */
  readonly routeMap?: () => string
  /** For destinations that refuse us. */
  readonly another?: string | undefined
}

/** Sends what is in the queue of a store: `far.example` has an MX, `other.example` an address, everything else is not there. */
export async function startRunner({
  at,
  port,
  relay,
  slow = [],
  another,
  routeMap = () => '',
  log = createFakeLog(),
}: Start): Promise<Service> {
  const ambient = { clock: at.clock, log, meter: silentMeter }
  const dns = createFakeDnsResolver({
    'far.example MX': [{ type: 'MX', preference: 1, exchange: 'mx.far.example' }],
    'mx.far.example A': [{ type: 'A', address: '127.0.0.1' }],
    'other.example A': [{ type: 'A', address: '127.0.0.1' }],
  })
  const fallback = new Fallback({ ...ambient, notes: at.notes, way: another })
  const reports = {
    queue: at.queue,
    bytes: at.bytes,
    ownMail,
    hostname: 'mail.home.test',
    domain: domainOf(address('x@home.test')),
  }
  const here = { isOurs: async () => false, deliver: async () => [] }
  const relays = { relay: async () => relay ?? ({ kind: 'none' } as const) }
  const routes = { read: async () => ({ kind: 'map', map: readRouteMap(routeMap()) }) as const }
  const runner = createRunner({
    ...ambient,
    queue: at.queue,
    postman: createPostman({ ...ambient, ...reports }),
    here,
    signer: silentSigner,
    random: () => 0.5,
    tls: createTlsPolicies({ dns, level: 'dane', defers: true, overrides: undefined, sts: undefined }),
    tlsResults: new TlsResults({ ...ambient, notes: at.notes }),
    client: { hostname: 'mail.home.test', from: undefined, times: standardTimes, trust: undefined },
    routing: {
      dns,
      ourselves: { names: new Set(['mail.home.test']), addresses: new Set(), families: ['ipv4'] },
      random: () => 0.5,
      relays,
      routes,
      relayHost: undefined,
      fallback,
      logins: [],
      port,
    },
    paces: new Paces({ visits: 2, recipients: 1000, pauseMs: 0 }, new Map(slow), at.clock),
    fallback,
    detours: createDetours({ queue: at.queue, relays, here, routes }),
    settings: { visits: 10 },
  })
  await runner.start()
  return runner
}

/** Everything of our own goes to the INBOX of account 1. */
const ownMail: OwnMail = {
  plan: async ({ message }) => ({ kind: 'planned', delivery: delivery(message, { account: account(1) }) }),
}
