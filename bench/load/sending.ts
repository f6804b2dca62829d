import { setTimeout as pause } from 'node:timers/promises'
import type { BenchOptions } from '../measure/options.ts'
import type { Row, Trial } from '../measure/pairs.ts'
import { percentile } from '../measure/statistics.ts'
import type { MailServer } from '../server/mail-server.ts'
import { type Kind, templates } from './corpus.ts'
import { type SmtpLoad, sendBySmtp } from './smtp-load.ts'

/** What is sent, how many senders there are at once, and how many messages each connection brings. */
export type Cell = {
  readonly kind: Kind
  readonly connections: number
  readonly messagesPerConnection: number
  readonly target?: number
}

/** To whom, and where it is seen that a message is there. */
export type Destination = Pick<SmtpLoad, 'recipients' | 'submission' | 'stranger'> & {
  /** Undefined: those of the bench without a filter. */
  readonly templates?: (kind: Kind) => SmtpLoad['templates']
  readonly port: (server: MailServer) => number
  readonly arrived: (server: MailServer) => Promise<number>
  /** How long between two looks. */
  readonly lookEveryMs: number
}

const arrivedWithinMs = 120_000

/** Messages per second from the first connection until the last one has arrived. */
export function sendingRow(cell: Cell, options: BenchOptions, destination: Destination): Row {
  const { kind, connections, messagesPerConnection, target } = cell
  const { recipients, submission, stranger, port, arrived } = destination
  const each = messagesPerConnection === 1 ? 'a connection each' : `${messagesPerConnection} per connection`
  const load = {
    connections,
    messagesPerConnection,
    recipients,
    pipelining: options.pipelining,
    templates: destination.templates?.(kind) ?? templates(kind, submission?.sender),
    ...(submission === undefined ? {} : { submission }),
    ...(stranger === undefined ? {} : { stranger }),
  }
  const send = async (server: MailServer, forMs: number): Promise<Trial> => {
    const before = await arrived(server)
    const from = performance.now()
    const sent = await sendBySmtp({ ...load, host: server.host, port: port(server), forMs })
    await allArrived(() => arrived(server), before + sent.accepted, destination.lookEveryMs)
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
    // as long as a sample: a server that has run for days has compiled what it does
    warmUp: async (server) => void (await send(server, options.seconds * 1000)),
    trial: (server) => send(server, options.seconds * 1000),
  }
}

async function allArrived(
  arrived: () => Promise<number>,
  wanted: number,
  lookEveryMs: number,
): Promise<void> {
  const giveUpAt = performance.now() + arrivedWithinMs
  for (let count = await arrived(); count !== wanted; count = await arrived()) {
    if (performance.now() > giveUpAt)
      throw new Error(`${wanted} messages were accepted, ${count} have arrived`)
    await pause(lookEveryMs)
  }
}
