import type { Address } from '../../lib/address.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { Arrival, RecipientOutcome, Refused } from '../../ports/intake.ts'
import type { AuthReport } from '../../ports/mail-authentication.ts'
import type { Delivery, LocalCopy } from '../../ports/mail-store.ts'
import type { Judgement } from '../../ports/spam-judge.ts'
import { type LeavingRules, leavingOf, leavingSteps } from './leaving.ts'
import { copyPrefix } from './prefix.ts'
import { refusalOf, refusals } from './refusals.ts'
import type { Expansion } from './resolve.ts'

/** All that a plan depends on: the same facts make the same plan, today and when it is replayed. */
export interface PlanFacts {
  readonly arrival: Arrival
  readonly report: AuthReport
  readonly judgement: Judgement
  readonly snapshot: {
    readonly now: number
    /** Of each recipient of the arrival, in its order. */
    readonly expansions: readonly Expansion[]
    /** Senders that are rewritten, by where the message goes (SRS). */
    readonly senders: ReadonlyMap<Address, Address | undefined>
  }
  readonly rules: LeavingRules
}

export type Plan =
  | {
      readonly kind: 'deliver'
      readonly delivery: Delivery
      /** Of each recipient of the arrival, in its order. */
      readonly outcomes: readonly RecipientOutcome[]
    }
  | Refused

/**
 * Decides what becomes of a message, and says why; changes nothing. A mailbox that several recipients lead to gets one copy.
 * One answer goes to the client for all recipients, so they are all served or none: who cannot be served was refused at RCPT.
 */
export function plan({ arrival, report, judgement, snapshot, rules }: PlanFacts): Plan {
  if (judgement.action === 'reject') return refusals.spam
  if (judgement.action === 'later') return refusals.judgedLater
  const { expansions, senders, now } = snapshot
  const refused = expansions.flatMap((expansion) => refusalOf(expansion, arrival.origin) ?? [])
  const [first] = refused
  // Known at RCPT, unless the directory has changed since. The client comes back and hears at RCPT which one it is.
  if (first) return refused.length === expansions.length ? first : refusals.changed
  const results = report.header + judgement.headers
  const leaving = { arrival, expansions, senders, results, now, rules }
  const { copies, trace } = fileCopies(arrival, expansions, filing(judgement), results, now)
  const recipients = trace.recipients.map(({ address, steps }, index) => {
    const expansion = expansions[index]
    return { address, steps: expansion ? [...steps, ...leavingSteps(expansion, leaving)] : steps }
  })
  return {
    kind: 'deliver',
    delivery: {
      id: arrival.id,
      message: arrival.message,
      copies,
      outgoing: leavingOf(leaving),
      trace: { ...trace, recipients },
    },
    outcomes: expansions.map(() => ({ kind: 'done' })),
  }
}

interface Filing {
  readonly mailbox: string
  readonly why: string
}

function filing({ action, score, reasons }: Judgement): Filing {
  if (action !== 'junk') return { mailbox: 'INBOX', why: 'filed in INBOX' }
  const named = reasons.map((reason) => `${reason.name} ${reason.score}`).join(', ')
  return { mailbox: 'Junk', why: `filed in Junk: looks like spam, score ${score} (${named})` }
}

function fileCopies(
  arrival: Arrival,
  expansions: readonly Expansion[],
  { mailbox, why }: Filing,
  results: string,
  now: number,
): Pick<Delivery, 'copies' | 'trace'> {
  const { sender, trace, receivedAt, connection, client } = arrival
  const copies = new Map<AccountId, LocalCopy>()
  const recipients = expansions.map((expansion) => {
    const steps = [...expansion.steps]
    for (const { account, address: owner } of expansion.mailboxes) {
      if (copies.has(account)) {
        steps.push(`${owner} has it already, by another recipient`)
        continue
      }
      const prefix = copyPrefix({ sender, recipient: expansion.recipient, owner, results, trace })
      copies.set(account, { account, mailbox, flags: [], prefix, receivedAt })
      steps.push(`${owner}: ${why}`)
    }
    return { address: expansion.recipient, steps }
  })
  return {
    copies: [...copies.values()],
    trace: { connection, ip: client.ip, helo: client.helo, sender: sender ?? '', at: now, recipients },
  }
}
