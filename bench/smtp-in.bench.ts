import { setTimeout as pause } from 'node:timers/promises'
import { type Kind, templates } from './load/corpus.ts'
import type { ImapConnection } from './load/imap-connection.ts'
import { messagesIn, signedIn } from './load/mailbox.ts'
import { sendBySmtp } from './load/smtp-load.ts'
import { type BenchOptions, readOptions } from './measure/options.ts'
import { comparePair, type Pair, type Row, type Trial } from './measure/pairs.ts'
import { createReport } from './measure/report.ts'
import { percentile } from './measure/statistics.ts'
import { user } from './server/accounts.ts'
import type { MailServer } from './server/mail-server.ts'
import { onStage } from './server/stage.ts'

type Cell = {
  readonly kind: Kind
  readonly connections: number
  readonly messagesPerConnection: number
  readonly target?: number
}

/** What is measured: sizes, how many senders at once, and how many messages each connection brings. */
const cells: readonly Cell[] = [
  { kind: '4k', connections: 50, messagesPerConnection: 1, target: 7 },
  { kind: '4k', connections: 10, messagesPerConnection: 1, target: 5 },
  { kind: '4k', connections: 1, messagesPerConnection: 1, target: 2.5 },
  { kind: '4k', connections: 10, messagesPerConnection: 10 },
  { kind: '50k', connections: 10, messagesPerConnection: 1 },
  { kind: '1m', connections: 10, messagesPerConnection: 1, target: 2 },
]

const recipients = Array.from({ length: 10 }, (_, index) => user(index + 1))
const templateCounts = { '4k': 200, '50k': 100, '1m': 20 } as const
const visibleWithinMs = 120_000

/** Inbound messages: accepted durably and visible by IMAP. */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  const report = createReport('smtp-in', options.json)
  await onStage(options, async (pair) => {
    report.heading(`smtp-in: A ${pair.a.name}, B ${pair.b.name}; messages visible by IMAP per second`)
    const watchers = await watch(pair)
    for (const cell of cells) {
      const row = rowFor(cell, options, watchers)
      if (row.name.includes(options.only)) report.row(await comparePair(row, pair, options))
    }
    for (const connection of [...watchers.values()].flat()) connection.close()
  })
}

type Watchers = ReadonlyMap<MailServer, readonly ImapConnection[]>

async function watch({ a, b }: Pair): Promise<Watchers> {
  const opened = new Map<MailServer, readonly ImapConnection[]>()
  for (const server of [a, b]) {
    opened.set(server, await Promise.all(recipients.map((recipient) => signedIn(server, recipient))))
  }
  return opened
}

function rowFor(cell: Cell, options: BenchOptions, watchers: Watchers): Row {
  const { kind, connections, messagesPerConnection, target } = cell
  const each = messagesPerConnection === 1 ? 'a connection each' : `${messagesPerConnection} per connection`
  const load = { connections, messagesPerConnection, recipients, pipelining: options.pipelining }
  const made = templates(kind, templateCounts[kind])
  const send = async (server: MailServer, forMs: number): Promise<Trial> => {
    const inboxes = watchers.get(server) ?? []
    const before = await visible(inboxes)
    const from = performance.now()
    const { host, ports } = server
    const sent = await sendBySmtp({ ...load, host, port: ports.smtp, templates: made, forMs })
    await allVisible(inboxes, before + sent.accepted)
    return {
      value: (sent.accepted * 1000) / (performance.now() - from),
      operations: sent.accepted,
      details: {
        'accepted per second': (sent.accepted * 1000) / sent.milliseconds,
        'DATA to 250, p50 ms': percentile(sent.dataToAcceptedMs, 50),
        'DATA to 250, p99 ms': percentile(sent.dataToAcceptedMs, 99),
      },
    }
  }
  return {
    name: `${kind} c=${connections}, ${each}`,
    unit: 'msg/s',
    better: 'higher',
    ...(target === undefined ? {} : { target }),
    warmUp: async (server) => void (await send(server, Math.min(500, options.seconds * 1000))),
    trial: (server) => send(server, options.seconds * 1000),
  }
}

async function visible(inboxes: readonly ImapConnection[]): Promise<number> {
  const counts = await Promise.all(inboxes.map(messagesIn))
  return counts.reduce((sum, count) => sum + count, 0)
}

async function allVisible(inboxes: readonly ImapConnection[], wanted: number): Promise<void> {
  const giveUpAt = performance.now() + visibleWithinMs
  for (let count = await visible(inboxes); count !== wanted; count = await visible(inboxes)) {
    if (performance.now() > giveUpAt)
      throw new Error(`${wanted} messages were accepted, ${count} are visible`)
    await pause(20)
  }
}
