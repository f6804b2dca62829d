import { type Address, parseAddress } from '../../lib/address.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { BesideMessage } from '../../ports/mail-store.ts'
import type { SieveAction } from '../../ports/sieve.ts'
import type { Standing } from './distribution.ts'
import type { PlanFacts } from './plan-facts.ts'
import { writeRejection } from './rejection.ts'
import { spamPercent } from './rules/spam-percent.ts'

/** What rules write. */
export interface Letter {
  readonly account: AccountId
  readonly from: Address | undefined
  readonly author: Address
  readonly to: readonly Address[]
  readonly bytes: Uint8Array
  readonly once: BesideMessage['once']
  /** RFC 8580: for the owner. */
  readonly copy: { readonly mailbox: string; readonly flags: readonly string[] } | undefined
}

/** Answers and notifications of one account. */
export function lettersOf({ share, ruling, refusal }: Standing, facts: PlanFacts): readonly Letter[] {
  if (refusal !== undefined) return []
  const { account, address } = share.target
  const person = facts.snapshot.people.get(account)
  return ruling.actions.flatMap((action) => {
    if (action.kind !== 'send') return []
    const isThere = person?.mailboxes.some(({ name }) => name === action.copy?.mailbox)
    return {
      account,
      from: parseAddress(action.from),
      author: address,
      to: action.to.flatMap((text) => parseAddress(text) ?? []),
      bytes: Buffer.from(action.message),
      once: action.once && { account, key: action.once.key, until: action.once.until },
      copy: action.copy && (action.copy.create || isThere) ? action.copy : undefined,
    }
  })
}

/** The report that a rule refused the message, where it could not be said in the reply; nobody is told who gave no address. */
export function rejectionLetter(
  { share }: Standing,
  refusal: Extract<SieveAction, { kind: 'reject' }>,
  facts: PlanFacts,
): readonly Letter[] {
  const { arrival, snapshot, rules, judgement } = facts
  const { account, address } = share.target
  const { sender } = arrival
  // Whoever forges senders is not helped to write to them.
  if (sender === undefined || spamPercent(judgement, account) >= mostlySpam) return []
  const { index } = arrival.message
  const bytes = writeRejection({
    rejection: refusal,
    owner: address,
    to: sender,
    hostname: rules.hostname,
    now: snapshot.now,
    seed: `${snapshot.seed}.${account}`,
    subject: index.subject,
    messageId: index.messageId,
    header: (snapshot.bytes ?? new Uint8Array()).subarray(0, index.headerBytes),
  })
  return [
    { account, from: undefined, author: address, to: [sender], bytes, once: undefined, copy: undefined },
  ]
}

const mostlySpam = 50
