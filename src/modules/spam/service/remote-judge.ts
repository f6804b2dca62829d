import type { Address } from '../../../lib/address.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { AddressResolver, Destination, LocalDomains } from '../../../ports/addresses.ts'
import type { Arrival } from '../../../ports/intake.ts'
import type { AuthReport } from '../../../ports/mail-authentication.ts'
import type { MessageBytes, MessageRef } from '../../../ports/message.ts'
import type { Clock, Log, Meter, TryLater } from '../../../ports/runtime.ts'
import type { SenderSayings } from '../../../ports/sender-lists.ts'
import type { Judgement, SpamJudge, TaughtMessage } from '../../../ports/spam-judge.ts'
import { namesOfSender } from '../known/listed.ts'
import { accountsOf } from '../recipients.ts'
import { unweighed } from '../verdict.ts'
import { post } from './post.ts'
import { type JudgeQuestion, type LearnQuestion, paths } from './question.ts'

export interface RemoteParts {
  readonly filter: { readonly url: URL; readonly token: string | undefined }
  /** How long a sender waits for a judgement. */
  readonly judgedWithinMs?: number
  readonly addresses: AddressResolver
  readonly domains: LocalDomains
  readonly listed: SenderSayings
  readonly bytes: Pick<MessageBytes, 'read'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

const standardPatienceMs = 20_000
/** Nobody waits for lessons. */
const learnedWithinMs = 60_000
/** Where an answer did not come in time, nobody else waits for one this long. */
const spareMs = 30_000
const pieceOctets = 128 * 1024

/** Asks another Homepost. As with a judge of one's own, one that fails lets mail pass; lessons wait. */
export class RemoteJudge implements SpamJudge {
  readonly #parts: RemoteParts
  #askedFrom = 0

  constructor(parts: RemoteParts) {
    this.#parts = parts
  }

  async judge(arrival: Arrival, report: AuthReport): Promise<Judgement> {
    const { clock, log, meter } = this.#parts
    if (clock.now() < this.#askedFrom) return unweighed
    const began = performance.now()
    const answer = await this.#askAbout(arrival, report)
    meter.observeSeconds('judge_seconds', (performance.now() - began) / 1000)
    if (answer.kind === 'answer') return answer.answer as Judgement
    if (answer.late) this.#askedFrom = clock.now() + spareMs
    meter.count('judge_failures_total')
    log.warn('spam.filter-unreachable', { id: arrival.id, why: answer.why })
    return unweighed
  }

  async learn(messages: readonly TaughtMessage[]): Promise<{ kind: 'learned' } | TryLater> {
    const lessons = messages.map(({ message, ...lesson }) => ({ ...lesson, octets: message.length }))
    const question: LearnQuestion = { lessons }
    const answer = await this.#ask('learn', question, {
      octets: () => beginningOf(messages),
      size: messages.reduce((sum, { message }) => sum + message.length, 0),
      withinMs: learnedWithinMs,
    })
    if (answer.kind === 'answer') return answer.answer as { kind: 'learned' } | TryLater
    this.#parts.log.warn('spam.filter-unreachable', { why: answer.why })
    return { kind: 'later', reason: 'unreachable', text: 'The spam filter does not answer' }
  }

  async #askAbout(arrival: Arrival, report: AuthReport): ReturnType<typeof post> {
    const { message, ...envelope } = arrival
    try {
      const { destinations, accounts } = await this.#destinationsOf(arrival)
      const ours = await this.#parts.domains.list()
      const said = await this.#parts.listed.said(namesOfSender(arrival), accounts)
      const question: JudgeQuestion = { arrival: envelope, report, destinations, ours, said }
      return await this.#ask('judge', question, {
        octets: () => this.#piecesOf(message),
        size: message.size,
        withinMs: this.#parts.judgedWithinMs ?? standardPatienceMs,
      })
    } catch (cause) {
      return { kind: 'none', why: `The directory does not answer: ${String(cause)}`, late: false }
    }
  }

  #ask(
    what: keyof typeof paths,
    question: object,
    more: Pick<Parameters<typeof post>[0], 'octets' | 'size' | 'withinMs'>,
  ): ReturnType<typeof post> {
    const { url, token } = this.#parts.filter
    return post({ url: new URL(paths[what], url), token, text: JSON.stringify(question), ...more })
  }

  async #destinationsOf({
    recipients,
  }: Arrival): Promise<{ destinations: JudgeQuestion['destinations']; accounts: readonly AccountId[] }> {
    const { addresses } = this.#parts
    const found: [Address, Destination | TryLater][] = []
    const resolve = async (address: Address) => {
      const destination = await addresses.resolve(address)
      found.push([address, destination])
      return destination
    }
    const accounts = await accountsOf({ resolve }, recipients)
    return { destinations: found, accounts }
  }

  async *#piecesOf(message: MessageRef): AsyncGenerator<Uint8Array> {
    for (let from = 0; from < message.size; from += pieceOctets) {
      const to = Math.min(from + pieceOctets, message.size)
      yield await this.#parts.bytes.read(message, { from, to })
    }
  }
}

async function* beginningOf(messages: readonly TaughtMessage[]): AsyncGenerator<Uint8Array> {
  for (const { message } of messages) yield message
}
