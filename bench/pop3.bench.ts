import { fillInbox } from './load/mailbox.ts'
import { openPop3, type Pop3Connection } from './load/pop3-connection.ts'
import { readOptions } from './measure/options.ts'
import { comparePair, type Row, type Trial } from './measure/pairs.ts'
import { createReport } from './measure/report.ts'
import { bigMailboxOwner, password } from './server/accounts.ts'
import type { MailServer } from './server/mail-server.ts'
import { onStage } from './server/stage.ts'

/** Fetching a big mailbox by POP3, beside Dovecot. */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  const report = createReport('pop3', options.json)
  await onStage(options, async (pair) => {
    await Promise.all([pair.a, pair.b].map((server) => fillInbox(server, bigMailboxOwner, options.messages)))
    // a profile of its own for what is timed
    if (options.profile !== undefined) await Promise.all([pair.a.restart(), pair.b.restart()])
    report.heading(`pop3: A ${pair.a.name}, B ${pair.b.name}; a maildrop of ${options.messages} messages`)
    for (const row of rows(options.messages)) {
      if (row.name.includes(options.only)) report.row(await comparePair(row, pair, options))
    }
  })
}

const rows = (messages: number): readonly Row[] => [
  polling(messages),
  retrieving(messages, { name: 'RETR of all, one after the other', atOnce: 1 }),
  retrieving(messages, { name: 'RETR of all, ten at once', atOnce: 10 }),
  tops(messages),
]

const open = (server: MailServer): Promise<Pop3Connection> => openPop3(server, bigMailboxOwner, password)

/** What a program does every few minutes. */
function polling(messages: number): Row {
  const times = 5
  const poll = async (server: MailServer): Promise<string> => {
    const connection = await open(server)
    await connection.say('STAT')
    const unique = await connection.ask('UIDL')
    await connection.list('LIST')
    await connection.say('QUIT')
    connection.close()
    return unique
  }
  return {
    name: 'sign-in, STAT, UIDL, LIST, QUIT',
    unit: 'ms',
    better: 'lower',
    async warmUp(server) {
      // the form that clients of a Mailu have stored
      const found = (await poll(server)).match(/^\d+ [\da-f]{16}\r$/gm)?.length
      if (found !== messages) throw new Error(`${server.name} told ${found} unique ids of ${messages}`)
    },
    async trial(server) {
      const from = performance.now()
      for (let time = 0; time < times; time++) await poll(server)
      return { value: (performance.now() - from) / times, operations: times }
    },
  }
}

function retrieving(messages: number, { name, atOnce }: { name: string; atOnce: number }): Row {
  const retrieveAll = async (server: MailServer): Promise<Trial> => {
    const connection = await open(server)
    let next = 1
    let octets = 0
    const from = performance.now()
    const goOn = async (): Promise<void> => {
      while (next <= messages) {
        const answer = await connection.list(`RETR ${next++}`)
        octets += answer
      }
    }
    await Promise.all(Array.from({ length: atOnce }, goOn))
    const seconds = (performance.now() - from) / 1000
    // without QUIT nothing is marked as seen, and each round is like the one before
    connection.close()
    if (octets < messages * 2000) throw new Error(`${server.name} sent only ${octets} octets`)
    return { value: messages / seconds, operations: messages, details: { 'MB/s': octets / 1e6 / seconds } }
  }
  return {
    name,
    unit: 'msg/s',
    better: 'higher',
    target: 1,
    warmUp: async (server) => void (await retrieveAll(server)),
    trial: retrieveAll,
  }
}

/** Programs that show subjects before they fetch. */
function tops(messages: number): Row {
  const count = Math.min(messages, 2000)
  return {
    name: 'TOP n 0',
    unit: 'msg/s',
    better: 'higher',
    async trial(server) {
      const connection = await open(server)
      const from = performance.now()
      for (let number = 1; number <= count; number++) await connection.list(`TOP ${number} 0`)
      const seconds = (performance.now() - from) / 1000
      connection.close()
      return { value: count / seconds, operations: count }
    },
  }
}
