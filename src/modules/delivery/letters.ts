import { type Address, parseAddress } from '../../lib/address.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { Leaving } from '../../ports/leaving.ts'
import type { BesideMessage, LocalCopy } from '../../ports/mail-store.ts'
import type { SieveAction } from '../../ports/sieve.ts'
import type { MadeMessage } from './content.ts'
import type { Standing } from './distribution.ts'
import { triedForMs } from './leaving.ts'
import type { PlanFacts } from './plan-facts.ts'
import { copyPrefix } from './prefix.ts'
import { writeRejection } from './rejection.ts'
import { followForwards } from './resolve.ts'
import { spamPercent } from './rules/spam-percent.ts'

/** What rules write. */
interface Letter {
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

/** Where a letter goes; undefined where its addresses have to be looked up first. */
export function post(letter: Letter, facts: PlanFacts, needed: Set<Address>): MadeMessage {
  const { snapshot } = facts
  const { now } = snapshot
  const { account, copy } = letter
  const copies = new Map<AccountId, LocalCopy>()
  const outside = new Set<Address>()
  for (const to of letter.to) {
    const expansion = snapshot.elsewhere.get(to)
    if (expansion === undefined) {
      needed.add(to)
      continue
    }
    const ends = followForwards(expansion)
    for (const address of ends.outside) outside.add(address)
    for (const { account: owner, address } of ends.mailboxes) {
      const prefix = copyPrefix({
        sender: letter.from,
        recipient: to,
        owner: address,
        results: '',
        trace: '',
      })
      copies.set(owner, { account: owner, mailbox: 'INBOX', flags: [], prefix, receivedAt: now })
    }
  }
  const own = copy ? [{ account, mailbox: copy.mailbox, flags: copy.flags, prefix: '', receivedAt: now }] : []
  return {
    content: { kind: 'written', bytes: letter.bytes },
    author: letter.author,
    copies: [...copies.values(), ...own],
    outgoing: outside.size > 0 ? [leaving(letter, [...outside], now)] : [],
    once: letter.once,
  }
}

/** RFC 3834 §4: nobody is told what became of it. */
function leaving({ account, from }: Letter, to: readonly Address[], now: number): Leaving {
  return {
    account,
    sender: from,
    prefix: '',
    smtpUtf8: to.some((address) => /[^\0-\x7f]/.test(address)),
    requireTls: false,
    envelopeId: undefined,
    returnContent: undefined,
    recipients: to.map((address) => ({ address, notify: ['never'], originalRecipient: undefined })),
    notBefore: now,
    expires: now + triedForMs,
    notice: undefined,
  }
}
