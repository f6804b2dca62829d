import type { ImapConnection } from './load/imap-connection.ts'
import { startInternet, world } from './load/internet.ts'
import { messagesIn, signedIn } from './load/mailbox.ts'
import { type Cell, type Destination, sendingRow } from './load/sending.ts'
import { writeWorldMail } from './load/world-mail.ts'
import { type BenchOptions, readOptions } from './measure/options.ts'
import { comparePair, type Pair } from './measure/pairs.ts'
import { createReport } from './measure/report.ts'
import { user } from './server/accounts.ts'
import type { MailServer } from './server/mail-server.ts'
import { onStage } from './server/stage.ts'

const cells: readonly Cell[] = [
  { kind: '4k', connections: 50, messagesPerConnection: 1, target: 7 },
  { kind: '4k', connections: 10, messagesPerConnection: 1, target: 5 },
  { kind: '4k', connections: 1, messagesPerConnection: 1, target: 2.5 },
  { kind: '4k', connections: 10, messagesPerConnection: 10 },
  { kind: '50k', connections: 10, messagesPerConnection: 1 },
  { kind: '1m', connections: 10, messagesPerConnection: 1, target: 2 },
]

/** With the whole filter on. */
const filteredCells: readonly Cell[] = [
  { kind: '4k', connections: 10, messagesPerConnection: 1, target: 4 },
  { kind: '4k', connections: 1, messagesPerConnection: 1 },
  { kind: '50k', connections: 10, messagesPerConnection: 1 },
]

const recipients = Array.from({ length: 10 }, (_, index) => user(index + 1))

/** Inbound messages: accepted durably and visible by IMAP. */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  if (!options.filter) return compare(options, cells)
  const mail = await writeWorldMail()
  const internet = await startInternet(mail.key)
  try {
    await compare({ ...options, dns: internet.port }, filteredCells, {
      templates: mail.of,
      stranger: { ip: world.ip, helo: world.server, sender: mail.sender },
    })
  } finally {
    await internet.close()
  }
}

async function compare(
  options: BenchOptions,
  rows: readonly Cell[],
  from: Pick<Destination, 'templates' | 'stranger'> = {},
): Promise<void> {
  const report = createReport('smtp-in', options.json)
  await onStage(options, async (pair) => {
    const judged = options.filter ? ', judged' : ''
    report.heading(
      `smtp-in: A ${pair.a.name}, B ${pair.b.name}; messages${judged} visible by IMAP per second`,
    )
    const watchers = await watch(pair)
    for (const cell of rows) {
      const row = sendingRow(cell, options, { ...toMailboxes(watchers), ...from })
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

const toMailboxes = (watchers: Watchers): Destination => ({
  recipients,
  port: ({ ports }) => ports.smtp,
  arrived: async (server) => {
    const counts = await Promise.all((watchers.get(server) ?? []).map(messagesIn))
    return counts.reduce((sum, count) => sum + count, 0)
  },
  lookEveryMs: 20,
})
