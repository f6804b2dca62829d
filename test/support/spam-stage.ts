import { type Address, type DomainName, parseAddress } from '../../src/lib/address.ts'
import { createSpamFilter } from '../../src/modules/spam/index.ts'
import { createSqliteWriter } from '../../src/platform/sqlite/writer.ts'
import type { Arrival } from '../../src/ports/intake.ts'
import { arrivalOf } from './arrival.ts'
import { createFakeAccounts } from './fakes/accounts.ts'
import type { FakeClock } from './fakes/clock.ts'
import { createFakeDnsResolver } from './fakes/dns-resolver.ts'
import { createFakeLog, silentMeter } from './fakes/runtime.ts'
import { sealedMessage } from './sealed-message.ts'
import { startStore, type TestStore } from './store.ts'

type Filter = ReturnType<typeof createSpamFilter>

export interface SpamStage extends Filter {
  readonly mail: TestStore
  readonly clock: FakeClock
  /** Ends the filter and starts it again on the same folder. */
  restart(): Promise<SpamStage>
  /** Ends it and leaves the store. */
  stop(): Promise<void>
  end(): Promise<void>
}

const people = { 'ann@home.test': 1, 'bob@home.test': 2 } as const

/** The filter on a real store; ann and bob have mailboxes, `both@home.test` leads to the two. */
export async function startSpam(store?: TestStore): Promise<SpamStage> {
  const mail = store ?? (await startStore())
  const accounts = createFakeAccounts(people)
  const log = createFakeLog()
  const writer = createSqliteWriter({ log })
  const filter = createSpamFilter({
    dataDir: mail.dataDir,
    writer,
    store: mail.store,
    addresses: {
      resolve: async (address) => {
        const owners = address === 'both@home.test' ? Object.keys(people) : [address]
        const found = await Promise.all(owners.map((one) => accounts.find(one as Address)))
        const hops = found.flatMap((one) =>
          one.kind === 'account'
            ? {
                kind: 'mailbox' as const,
                account: one.account,
                address: one.address,
                detail: undefined,
                forward: undefined,
              }
            : [],
        )
        return hops.length > 0 ? { kind: 'hops', hops } : { kind: 'unknown' }
      },
    },
    accounts,
    listed: mail.senders,
    domains: { list: async () => ['home.test' as DomainName] },
    bytes: mail.bytes,
    dns: createFakeDnsResolver({}),
    dnsLists: undefined,
    clock: mail.clock,
    log,
    meter: silentMeter,
    greylisting: true,
    autolearn: true,
    historyDays: 30,
  })
  await filter.service.start()
  const stop = async () => {
    await filter.service.stop()
    await writer.stop()
  }
  return {
    ...filter,
    mail,
    clock: mail.clock,
    stop,
    restart: async () => {
      await stop()
      return startSpam(mail)
    },
    end: async () => {
      await stop()
      await mail.end()
    },
  }
}

interface Brought {
  readonly text?: string
  readonly to?: readonly string[]
  readonly from?: string
  readonly ip?: string
  readonly origin?: Arrival['origin']
  readonly at?: number
}

/** A message that is fine but for its missing fields: some six points. */
export const doubtful = 'From: Eve <eve@far.test>\r\nSubject: URGENT PLEASE READ NOW\r\n\r\nHello there\r\n'
export const honest =
  'From: Eve <eve@far.test>\r\nTo: ann@home.test\r\nSubject: Lunch\r\nMessage-ID: <1@far.test>\r\n' +
  'Date: Thu, 15 Jan 2026 11:59:00 +0000\r\n\r\nShall we have lunch on Friday?\r\n'

export function brought({
  text = honest,
  to = ['ann@home.test'],
  from = 'eve@far.test',
  ...more
}: Brought = {}): Arrival {
  return arrivalOf(sealedMessage(text), {
    id: 'm1',
    connection: 'c1',
    origin: more.origin ?? { kind: 'arrived' },
    sender: parseAddress(from),
    recipients: to.map((address) => ({
      address: address as Address,
      notify: undefined,
      originalRecipient: undefined,
    })),
    client: { ip: more.ip ?? '192.0.2.1', helo: 'mx.far.test', tls: true },
    receivedAt: more.at ?? Date.UTC(2026, 0, 15, 12),
  })
}
