import { randomUUID } from 'node:crypto'
import type { Address } from '../../lib/address.ts'
import type { AddressResolver } from '../../ports/addresses.ts'
import type { Accepted, Arrival, Intake, RecipientOutcome, TurnedAway } from '../../ports/intake.ts'
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
      const { recipient, ...rest } = question
      if (answer.kind === 'refused')
        desk.addUnread({ ...rest, id: randomUUID(), recipients: [recipient], refused: answer })
      return answer
    },
    async turnedAway(message) {
      desk.addUnread(message)
    },
    async accept(arrival) {
      const accepted = await intake.accept(arrival)
      desk.add(seen(arrival, accepted))
      return accepted
    },
  }
}

/** What is told of a message, before it is known who is to hear of it. */
interface Seen extends Pick<Trace, 'arrival' | 'at' | 'author' | 'subject' | 'messageId'> {
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
    messageId: (message.index.messageId ?? '').slice(0, longestText),
    submittedBy: origin.kind === 'submitted' ? origin : undefined,
    isHeld: notBefore > receivedAt,
    recipients: recipients.slice(0, mostRecipients).map(({ address }, index) => ({
      address,
      outcome: (accepted.kind === 'accepted' ? accepted.outcomes[index] : accepted) ?? { kind: 'done' },
    })),
  }
}

const unreadPerHour = 20
const mostCounted = 10_000
const hourMs = 3_600_000

/** How often in this hour. */
class HourlyCount {
  #hour = 0
  readonly #counts = new Map<string, number>()

  /** False once it was enough, of this one or of too many. */
  counts(name: string, at: number): boolean {
    const hour = Math.floor(at / hourMs)
    if (hour !== this.#hour) this.#counts.clear()
    this.#hour = hour
    const count = (this.#counts.get(name) ?? 0) + 1
    if (count > unreadPerHour || (count === 1 && this.#counts.size >= mostCounted)) return false
    this.#counts.set(name, count)
    return true
  }
}

/** Written behind the reply. */
class TraceDesk {
  readonly #parts: Omit<TracedParts, 'intake'>
  #waiting: Seen[] = []
  #isWriting = false
  readonly #unread = new HourlyCount()

  constructor(parts: Omit<TracedParts, 'intake'>) {
    this.#parts = parts
  }

  /** Anybody can have mail refused; what was accepted must not be pushed out by it. */
  addUnread({ id, origin, sender, recipients, refused }: TurnedAway): void {
    const at = this.#parts.clock.now()
    const noted = recipients
      .slice(0, mostRecipients)
      .filter((address) => origin.kind === 'submitted' || this.#unread.counts(address, at))
    if (noted.length === 0) return
    this.add({
      ...{ arrival: id, at, sender, author: '', subject: '', isHeld: false },
      submittedBy: origin.kind === 'submitted' ? origin : undefined,
      recipients: noted.map((address) => ({ address, outcome: refused })),
    })
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
    const { sender = '', author, subject, messageId = '', arrival, at, submittedBy, isHeld } = one
    const shared = { arrival, at, author, subject, messageId }
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
