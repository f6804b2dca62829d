import type { Clock } from '../../../ports/runtime.ts'
import type { Errand } from '../dnssec/chain.ts'
import type { Message } from '../wire/message.ts'
import type { Name } from '../wire/name.ts'
import { rcode, rcodeName, rrType, typeName } from '../wire/types.ts'
import type { Exchange } from './exchange.ts'
import type { Servers } from './servers.ts'
import type { Server } from './stream.ts'

interface Means {
  readonly exchange: Exchange
  readonly servers: Servers
  readonly clock: Clock
}

interface Question {
  readonly server: Server
  readonly zone: Name
  readonly name: Name
  readonly type: number
  readonly recursive: boolean
}

export type Asked =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'timeout' | 'refused' | 'no-route' }
  /** No time or no work is left for this question. */
  | { readonly kind: 'over'; readonly text: string }

/** One question to one server, within the time and the work that are left; noted in the trace. */
export async function ask(means: Means, question: Question, errand: Errand): Promise<Asked> {
  const edns = means.servers.edns(question.server)
  const first = await askOnce(means, question, edns, errand)
  if (first.kind !== 'message' || !edns) return first
  const { rcode: code, edns: spoken } = first.message
  // RFC 6891 §7.
  if (spoken || (code !== rcode.formErr && code !== rcode.notImp)) return first
  means.servers.withoutEdns(question.server)
  return askOnce(means, question, false, errand)
}

async function askOnce(means: Means, question: Question, edns: boolean, errand: Errand): Promise<Asked> {
  const { server, zone, name, type } = question
  const began = means.clock.now()
  const left = errand.work.deadlineMs - began
  if (left <= 0) return { kind: 'over', text: `There was not enough time to find ${name}.` }
  if (!errand.work.spend('queries'))
    return { kind: 'over', text: `Finding ${name} takes more questions than are allowed.` }
  const waitMs = means.servers.pick([server])?.waitMs ?? 0
  const timeoutMs = Math.min(left, waitMs)
  const exchanged = await means.exchange.ask({ ...question, edns, timeoutMs })
  const milliseconds = means.clock.now() - began
  means.servers.heard(server, exchanged, milliseconds)
  errand.trace?.asked.push({
    server: server.ip,
    zone,
    name,
    type: typeName(type),
    transport: exchanged.transport,
    said: exchanged.kind === 'message' ? saidBy(exchanged.message) : exchanged.kind,
    milliseconds,
  })
  return exchanged
}

function saidBy({ rcode: code, answer, authority }: Message): string {
  const isReferral =
    code === 0 &&
    answer.length === 0 &&
    authority.some(({ type }) => type === rrType.NS) &&
    !authority.some(({ type }) => type === rrType.SOA)
  return isReferral ? 'referral' : rcodeName(code)
}
