import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { startInternet, world } from '../load/internet.ts'
import { type WorldMail, writeWorldMail } from '../load/world-mail.ts'
import { readOptions } from '../measure/options.ts'
import { comparePair, type Row, type Trial } from '../measure/pairs.ts'
import { createReport } from '../measure/report.ts'
import { percentile } from '../measure/statistics.ts'
import { user } from '../server/accounts.ts'
import type { MailServer } from '../server/mail-server.ts'
import { onStage } from '../server/stage.ts'
import { post } from './rspamd.ts'

/** What a message is judged for before anything is measured: both have compiled what they do by then. */
const warmUp = 2000
const perTrial = 400
/** Threads that nobody needs have ended by then. */
const settleMs = 15_000
/** Rspamd reads how much it has learned every few seconds. */
const learntMs = 15_000

/**
 * What a full judgement costs, asked by rspamd's own protocol on both sides: SPF, DKIM, DMARC, rules, words, lists by a DNS beside.
 * With `--taught` both have learned before, the same, and have to say so.
 */
export async function compareSpeed(args: readonly string[]): Promise<void> {
  const isTaught = args.includes('--taught')
  const options = { ...readOptions(args.filter((one) => one !== '--taught')), filter: true }
  const report = createReport('judge', options.json)
  const mail = await writeWorldMail()
  const internet = await startInternet(mail.key)
  try {
    await onStage({ ...options, dns: internet.port }, async (pair) => {
      report.heading(`judge: A ${pair.a.name}, B ${pair.b.name}; messages judged per second`)
      for (const server of [pair.a, pair.b])
        report.figure(`PSS at rest, ${server.name}`, 'MiB', await atRest(server))
      const symbols = isTaught ? await teach([pair.a, pair.b], mail) : expected
      for (const connections of [1, 4]) {
        const row = judgingRow(mail, { connections, symbols })
        if (row.name.includes(options.only)) report.row(await comparePair(row, pair, options))
      }
      for (const server of [pair.a, pair.b])
        report.figure(`PSS when all is judged, ${server.name}`, 'MiB', await atRest(server))
    })
  } finally {
    await internet.close()
  }
}

async function atRest(server: MailServer): Promise<number> {
  await pause(settleMs)
  return server.processes.pssKib() / 1024
}

/** What both have to find in every message, so that the same is measured. */
const expected: readonly string[] = ['R_SPF_ALLOW', 'R_DKIM_ALLOW']

/** What they have to find from then on. */
async function teach(servers: readonly MailServer[], mail: WorldMail): Promise<readonly string[]> {
  for (const { ports } of servers) {
    for (const { afterMessageId } of mail.of('4k')) await post(ports.learning, '/learnham', afterMessageId)
    for (const { afterMessageId } of mail.of('spam')) await post(ports.learning, '/learnspam', afterMessageId)
  }
  await pause(learntMs)
  return [...expected, 'BAYES_']
}

function judgingRow(
  { mixed, sender }: WorldMail,
  { connections, symbols }: { connections: number; symbols: readonly string[] },
): Row {
  const judge = async (server: MailServer, count: number): Promise<Trial> => {
    const took: number[] = []
    const agent = new Agent({ keepAlive: true, maxSockets: connections })
    let next = 0
    const from = performance.now()
    const work = async () => {
      for (let at = next++; at < count; at = next++) {
        const began = performance.now()
        await check(server, agent, { octets: mixed[at % mixed.length] ?? Buffer.alloc(0), sender, symbols })
        took.push(performance.now() - began)
      }
    }
    await Promise.all(Array.from({ length: connections }, work))
    const value = (count * 1000) / (performance.now() - from)
    agent.destroy()
    return {
      value,
      operations: count,
      details: { 'p50 ms': percentile(took, 50), 'p99 ms': percentile(took, 99) },
    }
  }
  return {
    name: `mixed c=${connections}`,
    unit: 'msg/s',
    better: 'higher',
    warmUp: async (server) => void (await judge(server, warmUp)),
    trial: (server) => judge(server, perTrial),
  }
}

function check(
  { host, ports }: MailServer,
  agent: Agent,
  { octets, sender, symbols }: { octets: Buffer; sender: string; symbols: readonly string[] },
): Promise<void> {
  const headers = {
    'Content-Length': octets.length,
    IP: world.ip,
    Helo: world.server,
    Hostname: world.server,
    From: sender,
    Rcpt: user(1),
  }
  return new Promise((resolve, reject) => {
    const asked = request({ host, port: ports.filter, path: '/checkv2', method: 'POST', agent, headers })
    asked.once('error', reject)
    asked.once('response', (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      answer.once('end', () =>
        answer.statusCode === 200 && symbols.every((symbol) => body.includes(symbol))
          ? resolve()
          : reject(new Error(`Not judged: ${answer.statusCode} ${body}`)),
      )
    })
    asked.end(octets)
  })
}
