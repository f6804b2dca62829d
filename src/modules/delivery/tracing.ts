import { randomUUID } from 'node:crypto'
import type { Address } from '../../lib/address.ts'
import type { AddressResolver } from '../../ports/addresses.ts'
import type { Accepted, Arrival, Intake, RecipientOutcome, RecipientQuestion } from '../../ports/intake.ts'
import type { MailTraces, Trace } from '../../ports/mail-traces.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import { expandRecipient } from './resolve.ts'

export interface TracedParts {
  readonly intake: Intake
  readonly addresses: AddressResolver
  readonly traces: Pick<MailTraces, 'keep'>
  readonly clock: Clock
  readonly log: Log
}

/** Of one message; whoever writes to more finds the first of them. */
const mostRecipients = 100
const longestText = 200
const longestDetail = 500
/** What waits to be written; beyond it traces have gaps, and mail does not wait. */
const mostWaiting = 2_000
const tracesPerWrite = 200

/** Answers as the intake behind it, and notes afterwards what it answered. */
export function tracedIntake({ intake, ...parts }: TracedParts): Intake {
  const desk = new TraceDesk(parts)
  return {
    async recipient(question) {
      const answer = await intake.recipient(question)
      if (answer.kind === 'refused') desk.add(turnedAway(question, answer, parts.clock.now()))
      return answer
    },
    async accept(arrival) {
      const accepted = await intake.accept(arrival)
      desk.add(seen(arrival, accepted))
      return accepted
    },
  }
}

/** What is told of a message, before it is known who is to hear of it. */
interface Seen extends Pick<Trace, 'arrival' | 'at' | 'author' | 'subject'> {
  readonly sender: Address | undefined
  readonly submittedBy: Extract<Arrival['origin'], { kind: 'submitted' }> | undefined
  /** It waits for its hour, whoever it is for. */
  readonly isHeld: boolean
  readonly recipients: readonly { readonly address: Address; readonly outcome: RecipientOutcome }[]
}

function seen(arrival: Arrival, accepted: Accepted): Seen {
  const { id, receivedAt, sender, recipients, origin, message, notBefore = 0 } = arrival
  return {
    arrival: id,
    at: receivedAt,
    sender,
    author: message.index.fromText.slice(0, longestText),
    subject: message.index.subject.slice(0, longestText),
    submittedBy: origin.kind === 'submitted' ? origin : undefined,
    isHeld: notBefore > receivedAt,
    recipients: recipients.slice(0, mostRecipients).map(({ address }, index) => ({
      address,
      outcome: (accepted.kind === 'accepted' ? accepted.outcomes[index] : accepted) ?? { kind: 'done' },
    })),
  }
}

function turnedAway(
  { recipient: address, sender, origin }: RecipientQuestion,
  outcome: RecipientOutcome,
  at: number,
): Seen {
  return {
    arrival: randomUUID(),
    at,
    sender,
    author: '',
    subject: '',
    submittedBy: origin.kind === 'submitted' ? origin : undefined,
    isHeld: false,
    recipients: [{ address, outcome }],
  }
}

/** Written behind the reply. */
class TraceDesk {
  readonly #parts: Omit<TracedParts, 'intake'>
  #waiting: Seen[] = []
  #isWriting = false

  constructor(parts: Omit<TracedParts, 'intake'>) {
    this.#parts = parts
  }

  add(one: Seen): void {
    if (this.#waiting.length >= mostWaiting) return
    this.#waiting.push(one)
    if (!this.#isWriting) void this.#write()
  }

  async #write(): Promise<void> {
    const { traces, log } = this.#parts
    this.#isWriting = true
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, tracesPerWrite)
      try {
        const found: Trace[] = []
        for (const one of some) found.push(...(await this.#tracesOf(one)))
        const kept = found.length > 0 ? await traces.keep(found) : undefined
        if (kept?.kind === 'later') log.warn('trace.lost', { count: found.length, text: kept.text })
      } catch (cause) {
        log.error('trace.failed', cause, {})
      }
    }
    this.#isWriting = false
  }

  /** One for each person who is to hear of it: whoever sent it, and the owners of the mailboxes it was for. */
  async #tracesOf(one: Seen): Promise<readonly Trace[]> {
    const { sender = '', author, subject, arrival, at, submittedBy, isHeld } = one
    const shared = { arrival, at, author, subject }
    const found: Trace[] = []
    for (const { address, outcome } of one.recipients) {
      const expansion = await expandRecipient(this.#parts.addresses, address)
      if (expansion.kind === 'later') continue
      const told = toldOf(outcome)
      if (submittedBy) {
        const waits = told.outcome === 'delivered' && (isHeld || expansion.isForeign)
        const outgoing = { way: 'out', own: submittedBy.login, other: address } as const
        found.push({
          ...shared,
          ...outgoing,
          ...told,
          account: submittedBy.account,
          ...(waits && { outcome: 'waiting' }),
        })
      }
      if (submittedBy && (isHeld || told.outcome !== 'delivered')) continue
      for (const { account } of expansion.mailboxes)
        found.push({ ...shared, ...told, way: 'in', account, own: address, other: sender })
    }
    return found
  }
}

function toldOf(outcome: RecipientOutcome): Pick<Trace, 'outcome' | 'detail'> {
  switch (outcome.kind) {
    case 'done':
      return { outcome: 'delivered', detail: '' }
    case 'refused': {
      const detail = `${outcome.code} ${outcome.status} ${outcome.text}`.slice(0, longestDetail)
      return { outcome: outcome.code < 500 ? 'later' : 'refused', detail }
    }
    case 'later':
      return { outcome: 'later', detail: outcome.text.slice(0, longestDetail) }
  }
}
