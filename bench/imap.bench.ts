import { wholeMailboxRows } from './imap/whole-mailbox.ts'
import { mailboxMessage } from './load/corpus.ts'
import { fanOut } from './load/idle.ts'
import type { ImapConnection } from './load/imap-connection.ts'
import { fillInbox, signedIn } from './load/mailbox.ts'
import { type BenchOptions, readOptions } from './measure/options.ts'
import { comparePair, type Pair, type Row, type Trial } from './measure/pairs.ts'
import { createReport } from './measure/report.ts'
import { percentile } from './measure/statistics.ts'
import { bigMailboxOwner, user } from './server/accounts.ts'
import type { MailServer } from './server/mail-server.ts'
import { onStage } from './server/stage.ts'

/** One connection per server with the big INBOX selected. */
type Reader = (server: MailServer) => ImapConnection

/** What a command is asked, how often per sample, and what the answer must hold. */
type Question = {
  readonly name: string
  readonly command: (round: number) => string
  readonly times: number
  readonly target?: number
  /** Found this often in the answer, checked once before anything is timed. */
  readonly holds?: { readonly pattern: RegExp; readonly times: number }
}

/** Reading a big mailbox and writing to it, beside Dovecot. */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  const report = createReport('imap', options.json)
  await onStage({ ...options, index: true }, async (pair) => {
    await Promise.all([pair.a, pair.b].map((server) => fillInbox(server, bigMailboxOwner, options.messages)))
    for (const server of [pair.a, pair.b]) await server.indexed?.()
    // a profile of its own for what is timed
    if (options.profile !== undefined) await Promise.all([pair.a.restart(), pair.b.restart()])
    const readers = await openReaders(pair)
    const reader: Reader = (server) => {
      const connection = readers.get(server)
      if (connection === undefined) throw new Error(`No connection to ${server.name}`)
      return connection
    }
    report.heading(`imap: A ${pair.a.name}, B ${pair.b.name}; a mailbox of ${options.messages} messages`)
    for (const row of rows(reader, options)) {
      if (row.name.includes(options.only)) report.row(await comparePair(row, pair, options))
    }
    for (const connection of readers.values()) connection.close()
  })
}

async function openReaders({ a, b }: Pair): Promise<ReadonlyMap<MailServer, ImapConnection>> {
  const readers = new Map<MailServer, ImapConnection>()
  for (const server of [a, b]) {
    const connection = await signedIn(server, bigMailboxOwner)
    await connection.command('SELECT INBOX')
    readers.set(server, connection)
  }
  return readers
}

const rows = (reader: Reader, options: BenchOptions): readonly Row[] => [
  ...questions(options.messages).map((question) => timed(question, reader)),
  wholeBodies(reader, options.messages),
  selecting(),
  appending(1, { connections: 1 }),
  appending(2, { connections: 10, target: 2 }),
  fanningOut(100),
  { ...fanningOut(options.connections), target: 20 },
  ...wholeMailboxRows(),
]

function questions(messages: number): readonly Question[] {
  const all = (pattern: RegExp) => ({ pattern, times: messages })
  const headers = 'BODY.PEEK[HEADER.FIELDS (DATE FROM TO SUBJECT MESSAGE-ID)]'
  const asked = (name: string, line: string, times: number) => ({ name, command: () => line, times })
  const sign = (round: number): string => (round % 2 === 0 ? '+' : '-')
  return [
    { ...asked('FETCH 1:* (ENVELOPE)', 'FETCH 1:* (ENVELOPE)', 5), target: 2.5, holds: all(/ENVELOPE \(/g) },
    { ...asked('FETCH 1:* (UID FLAGS)', 'FETCH 1:* (UID FLAGS)', 30), target: 1.5, holds: all(/FLAGS \(/g) },
    {
      ...asked('FETCH 1:* (BODYSTRUCTURE)', 'FETCH 1:* (BODYSTRUCTURE)', 6),
      holds: all(/BODYSTRUCTURE \(/g),
    },
    { ...asked('FETCH of header fields', `FETCH 1:* (${headers})`, 4), holds: all(/^Subject: /gm) },
    asked('FETCH for a list in a webmail', `FETCH 1:* (UID FLAGS RFC822.SIZE INTERNALDATE ${headers})`, 2),
    asked('SEARCH UNSEEN', 'UID SEARCH UNSEEN', 30),
    { ...asked('SEARCH HEADER FROM', 'UID SEARCH HEADER FROM greta', 5) },
    { ...asked('SEARCH SUBJECT', 'UID SEARCH SUBJECT zebra77', 5) },
    { ...asked('SEARCH SINCE BEFORE', 'UID SEARCH SENTSINCE 16-Nov-2023 SENTBEFORE 18-Nov-2023', 5) },
    { ...asked('SEARCH BODY', 'UID SEARCH BODY zebra77', 5), target: 100 },
    { ...asked('SEARCH TEXT', 'UID SEARCH TEXT zebra77', 5), target: 100 },
    { ...asked('SEARCH BODY of two words', 'UID SEARCH BODY "mountain meeting"', 2) },
    asked('SORT REVERSE DATE', 'UID SORT (REVERSE DATE) UTF-8 ALL', 5),
    asked('SORT SUBJECT', 'UID SORT (SUBJECT) UTF-8 UNDELETED', 5),
    asked('THREAD REFERENCES', 'UID THREAD REFERENCES UTF-8 ALL', 5),
    {
      name: 'STORE 1:* FLAGS.SILENT',
      command: (round) => `STORE 1:* ${sign(round)}FLAGS.SILENT (\\Flagged)`,
      times: 1,
    },
    {
      name: 'STORE of one message',
      command: (round) => `STORE 77 ${sign(round)}FLAGS (\\Answered)`,
      times: 100,
    },
    { name: 'FETCH of one body', command: () => 'UID FETCH 77 (BODY.PEEK[])', times: 100 },
  ]
}

function timed(question: Question, reader: Reader): Row {
  const { name, command, times, target, holds } = question
  return {
    name,
    unit: 'ms',
    better: 'lower',
    ...(target === undefined ? {} : { target }),
    async warmUp(server) {
      const answer = await reader(server).ask(command(1))
      const found = holds === undefined ? 0 : (answer.match(holds.pattern)?.length ?? 0)
      if (holds !== undefined && found !== holds.times) {
        throw new Error(`${server.name} answered ${name} for ${found} messages instead of ${holds.times}`)
      }
    },
    async trial(server, round) {
      const connection = reader(server)
      const from = performance.now()
      for (let time = 0; time < times; time++) await connection.command(command(round + time))
      return { value: (performance.now() - from) / times, operations: times }
    },
  }
}

function wholeBodies(reader: Reader, messages: number): Row {
  const fetchAll = async (server: MailServer): Promise<Trial> => {
    const from = performance.now()
    const { bytes } = await reader(server).command('UID FETCH 1:* (BODY.PEEK[])')
    if (bytes < messages * 2000) throw new Error(`${server.name} sent only ${bytes} bytes of bodies`)
    return { value: bytes / 1000 / (performance.now() - from), operations: bytes / 1e6 }
  }
  return {
    name: 'FETCH of all bodies (CPU per MB)',
    unit: 'MB/s',
    better: 'higher',
    target: 2,
    warmUp: async (server) => void (await fetchAll(server)),
    trial: fetchAll,
  }
}

function selecting(): Row {
  const times = 5
  return {
    name: 'SELECT in a fresh session',
    unit: 'ms',
    better: 'lower',
    async trial(server) {
      let total = 0
      for (let time = 0; time < times; time++) {
        const connection = await signedIn(server, bigMailboxOwner)
        const from = performance.now()
        await connection.command('SELECT INBOX')
        total += performance.now() - from
        connection.close()
      }
      return { value: total / times, operations: times }
    },
  }
}

function appending(group: number, options: { connections: number; target?: number }): Row {
  const { connections: count, target } = options
  const owners = Array.from({ length: count }, (_, index) => user(10 + group * 10 + index))
  const message = mailboxMessage(1)
  const atLeastMs = 2000
  return {
    name: `APPEND 4k c=${count}`,
    unit: 'msg/s',
    better: 'higher',
    ...(target === undefined ? {} : { target }),
    async trial(server) {
      const connections = await Promise.all(owners.map((owner) => signedIn(server, owner)))
      const from = performance.now()
      let appended = 0
      const keepAppending = async (connection: ImapConnection): Promise<void> => {
        while (performance.now() - from < atLeastMs) {
          await connection.append('INBOX', message)
          appended += 1
        }
      }
      await Promise.all(connections.map(keepAppending))
      const value = (appended * 1000) / (performance.now() - from)
      for (const connection of connections) connection.close()
      return { value, operations: appended }
    },
  }
}

function fanningOut(count: number): Row {
  return {
    name: `APPEND to the last of ${count} in IDLE`,
    unit: 'ms',
    better: 'lower',
    async trial(server, round) {
      const owner = 60 + round
      const idle = await fanOut(server, {
        connections: count,
        owner,
        message: mailboxMessage(2),
        patienceMs: 15_000,
      })
      const heard = await idle.once()
      idle.close()
      return {
        value: Math.max(...heard),
        operations: count,
        details: { 'first to hear, ms': Math.min(...heard), 'p50, ms': percentile(heard, 50) },
      }
    },
  }
}
