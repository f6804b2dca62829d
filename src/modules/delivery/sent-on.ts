import type { Address } from '../../lib/address.ts'
import type { EnvelopeRecipient } from '../../ports/intake.ts'
import type { Leaving } from '../../ports/leaving.ts'
import type { MadeMessage } from './content.ts'
import type { Gift, Standing } from './distribution.ts'
import { triedForMs } from './leaving.ts'
import type { PlanFacts } from './plan-facts.ts'

interface SentOn {
  /** Envelopes of the message as it came. */
  readonly outgoing: readonly Leaving[]
  /** Of what rules made of it. */
  readonly made: readonly MadeMessage[]
}

/** What owners of mailboxes send on to other servers. An address gets the message as it came once, whoever sends it on. */
export function sentOn(
  facts: PlanFacts,
  standings: readonly Standing[],
  direct: ReadonlySet<Address>,
): SentOn {
  const outgoing: Leaving[] = []
  const made: MadeMessage[] = []
  const reached = new Set(direct)
  for (const gift of standings.flatMap(({ gifts }) => gifts)) {
    const isAsItCame = gift.content.kind === 'arrival'
    const addresses = gift.ends.outside.filter((address) => !(isAsItCame && reached.has(address)))
    if (addresses.length === 0) continue
    const envelopes = envelopesOf(facts, gift, addresses)
    if (isAsItCame) {
      for (const address of addresses) reached.add(address)
      outgoing.push(...envelopes)
    } else {
      made.push({
        content: gift.content,
        copies: [],
        outgoing: envelopes,
        once: undefined,
        author: undefined,
      })
    }
  }
  return { outgoing, made }
}

/** One for each sender that it leaves under: bounces of a foreign sender's message come back here first (SRS). */
function envelopesOf(facts: PlanFacts, gift: Gift, addresses: readonly Address[]): Leaving[] {
  const { arrival, snapshot } = facts
  const { senders, ways, now } = snapshot
  const bySender = Map.groupBy(addresses, (address) =>
    senders.has(address) ? senders.get(address) : arrival.sender,
  )
  return [...bySender].map(([sender, to]) => ({
    account: undefined,
    sender,
    prefix: gift.prefix,
    smtpUtf8: arrival.smtpUtf8,
    requireTls: arrival.requireTls,
    envelopeId: arrival.envelopeId,
    returnContent: returnOf(gift) ?? arrival.returnContent,
    recipients: to.map(
      (address): EnvelopeRecipient => ({
        address,
        way: ways.get(address),
        ...notices(facts, gift),
      }),
    ),
    notBefore: now,
    expires: expiry(gift, now),
    // Who sent the message knows nothing of where its recipient has it sent on to.
    notice: undefined,
  }))
}

function notices({ arrival }: PlanFacts, { action, named }: Gift): Omit<EnvelopeRecipient, 'address'> {
  // RFC 6009 §5: what the rule says; RFC 3461 §5.2.1: where there is none, what the sender said.
  const said = action?.notify?.toLowerCase().split(',') as EnvelopeRecipient['notify']
  const asked = arrival.recipients.find(({ address }) => address === named)
  return { notify: said ?? asked?.notify, originalRecipient: asked?.originalRecipient }
}

function returnOf({ action }: Gift): Leaving['returnContent'] {
  if (action?.ret === undefined) return undefined
  return action.ret === 'FULL' ? 'full' : 'headers'
}

/** RFC 6009 §6: a time to be there by is a time to give up at. */
function expiry({ action }: Gift, now: number): number {
  const latest = now + triedForMs
  return action?.deliverBy?.mode === 'return' ? Math.min(latest, Math.max(now, action.deliverBy.at)) : latest
}
