import { type Cell, type Destination, sendingRow } from './load/sending.ts'
import { type SmtpSink, startSink } from './load/smtp-sink.ts'
import { readOptions } from './measure/options.ts'
import { comparePair } from './measure/pairs.ts'
import { createReport } from './measure/report.ts'
import { password, user } from './server/accounts.ts'
import { onStage } from './server/stage.ts'

const cells: readonly Cell[] = [
  { kind: '4k', connections: 10, messagesPerConnection: 10, target: 4 },
  { kind: '4k', connections: 10, messagesPerConnection: 1, target: 4 },
  { kind: '4k', connections: 1, messagesPerConnection: 10 },
  { kind: '50k', connections: 10, messagesPerConnection: 10 },
]

/** Submission: signed in over TLS, signed, accepted durably, and handed on to another server. */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  const report = createReport('outgoing', options.json)
  const sink = await startSink()
  try {
    await onStage({ ...options, tls: true, relayTo: sink.port }, async (pair) => {
      report.heading(`outgoing: A ${pair.a.name}, B ${pair.b.name}; messages at the next server per second`)
      for (const cell of cells) {
        const row = sendingRow(cell, options, to(sink))
        if (row.name.includes(options.only)) report.row(await comparePair(row, pair, options))
      }
    })
  } finally {
    await sink.close()
  }
}

const to = (sink: SmtpSink): Destination => ({
  recipients: Array.from({ length: 20 }, (_, index) => `r${index}@far${index % 4}.test`),
  submission: { sender: user(1), password },
  port: ({ ports }) => ports.submissions,
  arrived: async () => {
    if (sink.taken() > sink.signed()) throw new Error('A message arrived without a signature')
    return sink.taken()
  },
  lookEveryMs: 5,
})
