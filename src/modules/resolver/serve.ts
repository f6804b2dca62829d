import { BadSyntax } from '../../lib/bad-syntax.ts'
import type { DnsReason } from '../../ports/dns-resolver.ts'
import type { Clock } from '../../ports/runtime.ts'
import type { Finding } from './cache.ts'
import type { Finder } from './finder.ts'
import { reason } from './reasons.ts'
import type { Fetched } from './reply.ts'
import { followed, mostAliases, ttlOf, weakest } from './resolver.ts'
import { recordsOf } from './rr-set.ts'
import { writeMessage } from './wire/encode.ts'
import { type Message, type Rr, readMessage } from './wire/message.ts'
import { isQueryOnly, rcode, rrType } from './wire/types.ts'

interface Serving {
  readonly finder: Finder
  readonly clock: Clock
  readonly isAllowed: boolean
  readonly transport: 'udp' | 'tcp'
}

interface Answer {
  readonly rcode: number
  readonly answer?: readonly Rr[]
  readonly authority?: readonly Rr[]
  readonly authenticated?: boolean
  readonly why?: readonly DnsReason[]
}

/** What fits into one packet everywhere, and what a client without EDNS can take: RFC 1035 §4.2.1. */
const udpSize = 1232
const plainUdpSize = 512
const extendedErrorOption = 15

/** Undefined where silence is the best answer: what cannot be read, or is no question. */
export async function answerTo(bytes: Uint8Array, serving: Serving): Promise<Buffer | undefined> {
  const query = understood(bytes)
  if (!query || query.isResponse) return undefined
  return written(query, await answered(query, serving), serving.transport)
}

function understood(bytes: Uint8Array): Message | undefined {
  try {
    return readMessage(bytes)
  } catch (cause) {
    if (cause instanceof BadSyntax) return undefined
    throw cause
  }
}

async function answered(query: Message, serving: Serving): Promise<Answer> {
  const { question, edns, opcode } = query
  if (!serving.isAllowed)
    return { rcode: rcode.refused, why: [reason('prohibited', 'You may not ask this server.')] }
  if (opcode !== 0) return { rcode: rcode.notImp }
  if (edns && edns.version !== 0) return { rcode: rcode.badVers }
  if (!question) return { rcode: rcode.formErr }
  // Without recursion there is nothing here that a client could want, and much that it could spy on.
  if (!query.recursionDesired || question.class !== 1) return { rcode: rcode.refused }
  if (question.type === rrType.ANY) return { rcode: rcode.noError, answer: [hostInformation(question.name)] }
  if (isQueryOnly(question.type)) return { rcode: rcode.notImp }
  const { finder } = serving
  if (query.checkingDisabled)
    return unchecked(await finder.raw(question.name, question.type, mostAliases), query)
  return found(finder, query, question.name, question.type, serving.clock)
}

/** RFC 8482 §4.2. */
function hostInformation(name: string): Rr {
  const cpu = Buffer.from('\x07RFC8482\x00', 'latin1')
  return { name, type: rrType.HINFO, class: 1, ttl: 3600, data: cpu }
}

/** RFC 4035 §3.2.2: the client validates by itself. */
function unchecked(steps: readonly Fetched[], query: Message): Answer {
  const failure = steps.find((each) => each.kind === 'failed')
  if (failure) return { rcode: rcode.servFail, why: [failure.why] }
  const replies = steps.flatMap((each) => (each.kind === 'reply' ? [each.reply] : []))
  const signatures = query.edns?.dnssecOk === true
  return {
    rcode: replies.at(-1)?.found === 'no-name' ? rcode.nxDomain : rcode.noError,
    answer: replies.flatMap(({ set }) => (set ? recordsOf(set, set.ttl, signatures) : [])),
    authority: replies.flatMap(({ authority }) =>
      authority.flatMap((each) => recordsOf(each, each.ttl, signatures)),
    ),
  }
}

async function found(
  finder: Finder,
  query: Message,
  name: string,
  type: number,
  clock: Clock,
): Promise<Answer> {
  const way = await followed(finder, name, type)
  if (way.kind === 'failed') return { rcode: rcode.servFail, why: way.why }
  const security = weakest(way.steps)
  const why = way.steps.flatMap((step) => step.why)
  // RFC 4035 §5.5.
  if (security === 'bogus') return { rcode: rcode.servFail, why }
  const signatures = query.edns?.dnssecOk === true
  const records = (step: Finding) => (step.set ? recordsOf(step.set, ttlOf([step], clock), signatures) : [])
  return {
    rcode: way.last.found === 'no-name' ? rcode.nxDomain : rcode.noError,
    answer: way.steps.flatMap(records),
    authority: proofs(way.steps, signatures, clock),
    // RFC 6840 §5.7: for those who understand it.
    authenticated: security === 'secure' && (signatures || query.authenticated),
    why: security === 'secure' ? [] : why,
  }
}

/** SOA for those who keep negative answers; the proofs for those who check them. */
function proofs(steps: readonly Finding[], signatures: boolean, clock: Clock): Rr[] {
  return steps.flatMap((step) =>
    step.authority
      .filter(({ type }) => signatures || (type === rrType.SOA && step.set === undefined))
      .flatMap((set) => recordsOf(set, ttlOf([step], clock), signatures)),
  )
}

function written(query: Message, answer: Answer, transport: 'udp' | 'tcp'): Buffer {
  const { question, edns } = query
  const header = {
    id: query.id,
    isResponse: true,
    opcode: query.opcode,
    authoritative: false,
    truncated: false,
    recursionDesired: query.recursionDesired,
    recursionAvailable: true,
    authenticated: answer.authenticated === true,
    checkingDisabled: query.checkingDisabled,
    rcode: edns ? answer.rcode : answer.rcode & 15,
    question: question && { rawName: question.rawName, type: question.type },
    ...(edns
      ? { edns: { udpSize, dnssecOk: edns.dnssecOk, options: extendedErrors(answer.why ?? []) } }
      : {}),
  }
  const whole = writeMessage({ ...header, answer: answer.answer ?? [], authority: answer.authority ?? [] })
  const room = transport === 'tcp' ? 65_535 : roomOf(query)
  // RFC 2181 §9: half an answer is none.
  return whole.length <= room ? whole : writeMessage({ ...header, truncated: true })
}

function roomOf({ edns }: Message): number {
  return edns ? Math.min(Math.max(edns.udpSize, plainUdpSize), udpSize) : plainUdpSize
}

/** RFC 8914 §2; each code once. */
function extendedErrors(why: readonly DnsReason[]): { code: number; data: Uint8Array }[] {
  const each = new Map(why.map(({ code, text }) => [code, text]))
  return [...each].slice(0, 3).map(([code, text]) => ({
    code: extendedErrorOption,
    data: Buffer.concat([Uint8Array.of(code >> 8, code & 255), Buffer.from(text.slice(0, 120))]),
  }))
}
