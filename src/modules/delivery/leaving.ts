import { type Address, domainOf } from '../../lib/address.ts'
import type { Arrival, EnvelopeRecipient } from '../../ports/intake.ts'
import type { Leaving } from '../../ports/leaving.ts'
import type { Way } from '../../ports/outgoing-queue.ts'
import type { Expansion } from './resolve.ts'

export interface LeavingRules {
  /** How long a sender waits until he is told of a delay; undefined: he is not told. */
  readonly noticeAfterMs: number | undefined
}

export interface LeavingFacts {
  readonly arrival: Arrival
  /** Of each recipient of the arrival, in its order. */
  readonly expansions: readonly Expansion[]
  /** The sender under which it leaves, by where it goes; those that are not named leave under the one they came with. */
  readonly senders: ReadonlyMap<Address, Address | undefined>
  /** By which it leaves, where that is not the way of its domain. */
  readonly ways: ReadonlyMap<Address, Way>
  /** What the checks of arriving mail add. */
  readonly results: string
  readonly now: number
  readonly rules: LeavingRules
}

const dayMs = 86_400_000
/** RFC 5321 §4.5.4.1: four to five days. */
export const triedForMs = 5 * dayMs

/** What a message sends to other servers: an envelope for each sender that it leaves under. */
export function leavingOf(facts: LeavingFacts): readonly Leaving[] {
  const { arrival, results, rules, now } = facts
  const bySender = Map.groupBy(recipientsOf(facts), ({ address }) => senderFor(facts, address))
  const { origin, trace, smtpUtf8, requireTls, envelopeId, returnContent } = arrival
  return [...bySender].map(([sender, recipients]) => ({
    account: origin.kind === 'submitted' ? origin.account : undefined,
    sender,
    prefix: (origin.kind === 'arrived' ? results : '') + trace,
    smtpUtf8,
    requireTls,
    envelopeId,
    returnContent,
    recipients,
    notBefore: now,
    held: arrival.isBraked === true,
    expires: now + triedForMs,
    // RFC 5321 §4.5.5: nobody tells the null sender anything.
    notice: sender === undefined || rules.noticeAfterMs === undefined ? undefined : now + rules.noticeAfterMs,
  }))
}

/** Each address once, whoever leads to it. */
function recipientsOf({ arrival, expansions, ways }: LeavingFacts): readonly EnvelopeRecipient[] {
  const recipients = new Map<Address, EnvelopeRecipient>()
  expansions.forEach(({ recipient, outside, mailboxes }, index) => {
    const asked = arrival.recipients[index]
    for (const address of outside) {
      if (recipients.has(address)) continue
      // RFC 3461 §5.2.1: what a sender wants to hear of goes along, and who it was that he wrote to.
      const originalRecipient =
        asked?.originalRecipient ?? (address === recipient ? undefined : originalOf(recipient))
      const notify = mailboxes.length > 0 ? withoutSuccess(asked?.notify) : asked?.notify
      recipients.set(address, { address, notify, originalRecipient, way: ways.get(address) })
    }
  })
  return [...recipients.values()]
}

/** RFC 3461 §5.2.7: who hears that it was delivered and sent on hears of success no more. */
function withoutSuccess(notify: EnvelopeRecipient['notify']): EnvelopeRecipient['notify'] {
  const left = notify?.filter((event) => event !== 'success')
  return left?.length === 0 ? ['never'] : left
}

function senderFor({ arrival, senders }: LeavingFacts, address: Address): Address | undefined {
  return senders.has(address) ? senders.get(address) : arrival.sender
}

/** RFC 3461 §4.2, RFC 6533 §3. */
function originalOf(recipient: Address): string {
  return `${/[^\x00-\x7f]/.test(recipient) ? 'utf-8' : 'rfc822'};${recipient}`
}

/** What the trace says of one recipient. */
export function leavingSteps({ outside }: Expansion, { senders }: Pick<LeavingFacts, 'senders'>): string[] {
  return outside.map((address) => {
    const sender = senders.get(address)
    const rewritten = sender === undefined ? '' : `, its bounces to ${sender}`
    return `${address}: leaves for ${domainOf(address)}${rewritten}`
  })
}
