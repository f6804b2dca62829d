import type { Address } from '../../../lib/address.ts'
import type { MessageIndex } from '../../../lib/mime/message-index.ts'
import type { Arrival } from '../../../ports/intake.ts'
import type { SieveFacts, SieveSettings } from '../../../ports/sieve.ts'
import type { Person } from './person.ts'

/** A message as rules see it: what came, or what rules made of it. */
export interface SeenMessage {
  readonly index: MessageIndex
  /** From its first octet; its header at least. */
  readonly bytes: Uint8Array
}

export interface FactsOfOne {
  readonly arrival: Arrival
  readonly person: Person
  /** The address that led to him, as it was written. */
  readonly recipient: Address
  readonly message: SeenMessage
  /** Trace headers of his copy: rules read them too. */
  readonly prefix: string
  readonly percent: number | undefined
  readonly now: number
  readonly seed: string
  readonly seen: readonly string[]
  readonly settings: SieveSettings
  readonly hostname: string
}

/** All that one person's rules may know about one message. */
export function factsFor(facts: FactsOfOne): SieveFacts {
  const { arrival, person, recipient, now, seen, settings, percent } = facts
  const { address, displayedName, timeZone, account } = person.settings
  const { origin, sender } = arrival
  return {
    message: behind(facts.prefix, facts.message),
    envelope: {
      from: sender ?? '',
      to: recipient,
      auth: origin.kind === 'submitted' ? origin.login : undefined,
      parameters: parametersOf(arrival, recipient),
    },
    owner: { address, displayedName, addresses: [...new Set([address, recipient])], timeZone },
    now,
    seed: `${facts.seed}\0${account}`,
    environment: {
      domain: address.slice(address.lastIndexOf('@') + 1),
      host: facts.hostname,
      location: 'MDA',
      name: 'Homepost',
      phase: 'during',
      'remote-host': arrival.client.helo,
      'remote-ip': arrival.client.ip,
    },
    mailboxes: person.mailboxes,
    lists: person.lists,
    spam: { spamPercent: percent, virus: 0 },
    seen,
    flags: [],
    settings,
  }
}

/** RFC 6009 §3. */
function parametersOf(arrival: Arrival, recipient: Address): Record<string, string> {
  const asked = arrival.recipients.find(({ address }) => address === recipient)
  const parameters: Record<string, string | undefined> = {
    notify: asked?.notify?.join(',').toUpperCase(),
    orcpt: asked?.originalRecipient,
    ret: arrival.returnContent === 'headers' ? 'HDRS' : arrival.returnContent?.toUpperCase(),
    envid: arrival.envelopeId,
  }
  return Object.fromEntries(
    Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

/** The message with its trace headers: what lies in the mailbox. */
function behind(prefix: string, { index, bytes }: SeenMessage): SeenMessage {
  const shift = Buffer.byteLength(prefix)
  if (shift === 0) return { index, bytes }
  const parts = index.parts.map((part) => ({
    ...part,
    headerStart: part.parent === -1 ? 0 : part.headerStart + shift,
    bodyStart: part.bodyStart + shift,
    bodyEnd: part.bodyEnd + shift,
  }))
  return {
    index: { ...index, size: index.size + shift, headerBytes: index.headerBytes + shift, parts },
    bytes: Buffer.concat([Buffer.from(prefix), bytes]),
  }
}
