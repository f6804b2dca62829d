import { setTimeout as pause } from 'node:timers/promises'
import { type Kind, templates } from './load/corpus.ts'
import { sendBySmtp } from './load/smtp-load.ts'
import { type SmtpSink, startSink } from './load/smtp-sink.ts'
import { type BenchOptions, readOptions } from './measure/options.ts'
import { comparePair, type Row, type Trial } from './measure/pairs.ts'
import { createReport } from './measure/report.ts'
import { percentile } from './measure/statistics.ts'
import { password, user } from './server/accounts.ts'
import type { MailServer } from './server/mail-server.ts'
import { onStage } from './server/stage.ts'

type Cell = {
  readonly kind: Kind
  readonly connections: number
  readonly messagesPerConnection: number
  readonly target?: number
}

const cells: readonly Cell[] = [
  { kind: '4k', connections: 10, messagesPerConnection: 10, target: 4 },
  { kind: '4k', connections: 10, messagesPerConnection: 1 },
  { kind: '4k', connections: 1, messagesPerConnection: 10 },
  { kind: '50k', connections: 10, messagesPerConnection: 10 },
]

const recipients = Array.from({ length: 20 }, (_, index) => `r${index}@far${index % 4}.test`)
const templateCounts = { '4k': 200, '50k': 100, '1m': 20 } as const
const deliveredWithinMs = 120_000

/** Submission: signed in over TLS, accepted durably, and handed on to another server. */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  const report = createReport('outgoing', options.json)
  const sink = await startSink()
  try {
    await onStage({ ...options, tls: true, relayTo: sink.port }, async (pair) => {
      report.heading(`outgoing: A ${pair.a.name}, B ${pair.b.name}; messages at the next server per second`)
      for (const cell of cells) {
        const row = rowFor(cell, options, sink)
        if (row.name.includes(options.only)) report.row(await comparePair(row, pair, options))
      }
    })
  } finally {
    await sink.close()
  }
}

function rowFor(cell: Cell, options: BenchOptions, sink: SmtpSink): Row {
  const { kind, connections, messagesPerConnection, target } = cell
  const each = messagesPerConnection === 1 ? 'a connection each' : `${messagesPerConnection} per connection`
  const submission = { sender: user(1), password }
  const load = { connections, messagesPerConnection, recipients, pipelining: options.pipelining, submission }
  const made = templates(kind, templateCounts[kind])
  const send = async ({ host, ports }: MailServer, forMs: number): Promise<Trial> => {
    const before = sink.taken()
    const from = performance.now()
    const sent = await sendBySmtp({ ...load, host, port: ports.submissions, templates: made, forMs })
    await allTaken(sink, before + sent.accepted)
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

async function allTaken(sink: SmtpSink, wanted: number): Promise<void> {
  const giveUpAt = performance.now() + deliveredWithinMs
  while (sink.taken() < wanted) {
    if (performance.now() > giveUpAt)
      throw new Error(`${wanted} messages were accepted, ${sink.taken()} have arrived`)
    await pause(5)
  }
}
