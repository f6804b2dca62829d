import { domainOf } from '../../src/lib/address.ts'
import { createProxy } from '../../src/modules/proxy/index.ts'
import { createFilterService, createRemoteJudge, createSpamFilter } from '../../src/modules/spam/index.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createSqliteWriter } from '../../src/platform/sqlite/writer.ts'
import type { AddressResolver } from '../../src/ports/addresses.ts'
import type { SpamJudge } from '../../src/ports/spam-judge.ts'
import { address } from './auth.ts'
import { createFakeAccounts } from './fakes/accounts.ts'
import { createFakeDnsResolver } from './fakes/dns-resolver.ts'
import { createFakeLog, silentMeter } from './fakes/runtime.ts'
import { silentAuthenticator } from './fakes/vouching.ts'
import { noCertificates } from './own-certificates.ts'
import { startStore, type TestStore } from './store.ts'

interface TestFilter {
  /** With `addresses` for its directory. */
  readonly judge: SpamJudge
  /** Asks the same filter over HTTP, from beside another store. */
  readonly remote: (near: Pick<TestStore, 'bytes'>, token?: string) => SpamJudge
  readonly port: number
  /** The filter's own. */
  readonly store: TestStore
  end(): Promise<void>
}

/** A filter with its service on a free port. */
export async function startFilter(addresses: AddressResolver, token?: string): Promise<TestFilter> {
  const store = await startStore()
  const ambient = { clock: systemClock, log: createFakeLog(), meter: silentMeter }
  const domains = { list: async () => [domainOf(address('ann@home.test'))] }
  const writer = createSqliteWriter(ambient)
  const filter = createSpamFilter({
    dataDir: store.dataDir,
    writer,
    store: store.store,
    addresses,
    domains,
    listed: store.senders,
    accounts: createFakeAccounts({}),
    bytes: store.bytes,
    dns: createFakeDnsResolver({}),
    dnsLists: undefined,
    greylisting: false,
    autolearn: false,
    historyDays: 0,
    ...ambient,
  })
  await filter.service.start()
  const proxy = createProxy({
    handlers: {},
    webs: {
      antispam: createFilterService({
        filter,
        addresses,
        authenticator: silentAuthenticator,
        bytes: store.bytes,
        credentials: { verify: async () => ({ kind: 'refused', reason: 'unknown' }) },
        directory: { user: async () => undefined },
        clock: systemClock,
        settings: { token, mostOctets: 0 },
      }),
    },
    certificates: noCertificates(ambient),
    ...ambient,
    settings: {
      hostname: 'filter.test',
      listeners: [{ name: 'antispam', host: '127.0.0.1', port: 0, tls: 'none', proxyProtocol: false }],
      permissiveSmtp: true,
      trustedProxies: [],
      realIpHeader: undefined,
      limits: {},
    },
  })
  await proxy.service.start()
  const port = proxy.listening()[0]?.port ?? 0
  return {
    judge: filter.judge,
    remote: ({ bytes }, sent) =>
      createRemoteJudge({
        filter: { url: new URL(`http://127.0.0.1:${port}`), token: sent },
        addresses,
        domains,
        listed: store.senders,
        bytes,
        ...ambient,
      }),
    port,
    store,
    async end() {
      await proxy.service.stop()
      await filter.service.stop()
      await writer.stop()
      await store.end()
    },
  }
}
