import type { Address } from '../../lib/address.ts'
import { nextTurn } from '../../platform/next-turn.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { AddressResolver } from '../../ports/addresses.ts'
import type { Arrival } from '../../ports/intake.ts'
import type { MessageBytes } from '../../ports/message.ts'
import type { Way } from '../../ports/outgoing-queue.ts'
import type { RememberedKey } from '../../ports/remembered.ts'
import type { ReturnPaths } from '../../ports/routes.ts'
import type { Clock, TryLater } from '../../ports/runtime.ts'
import type { Judgement } from '../../ports/spam-judge.ts'
import type { Needs } from './distribution.ts'
import type { Snapshot } from './plan-facts.ts'
import { type Expansion, expandRecipient } from './resolve.ts'
import { isPlain, type People, type Person } from './rules/person.ts'
import { spamPercent } from './rules/spam-percent.ts'

export interface SnapshotParts {
  readonly addresses: AddressResolver
  readonly returnPaths: ReturnPaths
  readonly bytes: Pick<MessageBytes, 'read'>
  readonly people: Pick<People, 'person'>
  readonly clock: Clock
}

/** An alias may lead to a thousand. */
const peoplePerTurn = 32

type Taken = { readonly kind: 'taken'; readonly snapshot: Snapshot } | TryLater

/** What has been looked up so far. */
interface Gathered {
  readonly senders: Map<Address, Address | undefined>
  readonly ways: Map<Address, Way>
  readonly people: Map<AccountId, Person | undefined>
}

/** Reads the world as far as one message's plan depends on it. */
export class Snapshots {
  readonly #parts: SnapshotParts

  constructor(parts: SnapshotParts) {
    this.#parts = parts
  }

  async take(arrival: Arrival, judgement: Judgement): Promise<Taken> {
    const { addresses, clock } = this.#parts
    const expanded = await Promise.all(
      arrival.recipients.map(({ address }) => expandRecipient(addresses, address)),
    )
    const expansions = expanded.filter((expansion) => expansion.kind === 'expansion')
    const later = expanded.find((expansion) => expansion.kind === 'later')
    if (later) return later
    const gathered: Gathered = { senders: new Map(), ways: new Map(), people: new Map() }
    const trouble = await this.#gather(gathered, arrival, expansions, judgement)
    if (trouble) return trouble
    const asked = isAsked(gathered.people, expansions)
    const bytes = asked ? await this.#read(arrival, asked) : undefined
    const snapshot = {
      now: clock.now(),
      seed: arrival.id,
      expansions,
      ...gathered,
      elsewhere: new Map(),
      bytes,
      seen: [],
    }
    return { kind: 'taken', snapshot }
  }

  /** With what a plan found missing. */
  async extend(snapshot: Snapshot, needs: Needs, arrival: Arrival, judgement: Judgement): Promise<Taken> {
    const elsewhere = new Map(snapshot.elsewhere)
    for (const address of needs.addresses) {
      const expansion = await expandRecipient(this.#parts.addresses, address)
      if (expansion.kind === 'later') return expansion
      elsewhere.set(address, expansion)
    }
    const gathered = {
      senders: new Map(snapshot.senders),
      ways: new Map(snapshot.ways),
      people: new Map(snapshot.people),
    }
    for (const account of needs.accounts) {
      const trouble = await this.#person(gathered, account, judgement)
      if (trouble) return trouble
    }
    const trouble = await this.#gather(gathered, arrival, [...elsewhere.values()], judgement)
    if (trouble) return trouble
    const bytes = needs.bytes === 'nothing' ? snapshot.bytes : await this.#read(arrival, needs.bytes)
    return { kind: 'taken', snapshot: { ...snapshot, ...gathered, elsewhere, bytes } }
  }

  /** Who gets it, and under which sender it leaves: bounces of a foreign sender's message come back here first. */
  async #gather(
    gathered: Gathered,
    { sender }: Arrival,
    expansions: readonly Expansion[],
    judgement: Judgement,
  ): Promise<TryLater | undefined> {
    const ends = expansions.flatMap((expansion) => [expansion, ...expansion.forwards.map((one) => one.ends)])
    for (const { account } of ends.flatMap(({ mailboxes }) => mailboxes)) {
      const trouble = await this.#person(gathered, account, judgement)
      if (trouble) return trouble
    }
    for (const address of ends.flatMap(({ outside }) => outside)) {
      const path = await this.#parts.returnPaths.leaving(sender, address)
      if (path.kind === 'later') return path
      if (path.sender !== sender) gathered.senders.set(address, path.sender)
      if (path.way !== undefined) gathered.ways.set(address, path.way)
    }
    return undefined
  }

  async #person(
    { people }: Gathered,
    account: AccountId,
    judgement: Judgement,
  ): Promise<TryLater | undefined> {
    if (people.has(account)) return undefined
    const person = await this.#parts.people.person(account, spamPercent(judgement, account))
    if (person !== undefined && 'kind' in person) return person
    people.set(account, person)
    if (people.size % peoplePerTurn === 0) await nextTurn()
    return undefined
  }

  async #read({ message }: Arrival, what: 'header' | 'whole'): Promise<Uint8Array> {
    if (message.kind === 'inline') return message.bytes
    const to = what === 'whole' ? message.size : message.index.headerBytes
    return this.#parts.bytes.read(message, { from: 0, to })
  }
}

/** What of the message somebody's rules read. */
function isAsked(
  people: ReadonlyMap<AccountId, Person | undefined>,
  expansions: readonly Expansion[],
): 'header' | 'whole' | undefined {
  const all = [...people.values()].filter((person) => person !== undefined)
  if (all.some(({ script }) => script.kind === 'script' && script.script.needsBody)) return 'whole'
  const reads = all.some((person) => !isPlain(person))
  return reads || expansions.some(({ forwards }) => forwards.length > 0) ? 'header' : undefined
}

/** What a plan that met them is made with next. */
export function havingSeen(snapshot: Snapshot, keys: readonly RememberedKey[]): Snapshot {
  return { ...snapshot, seen: [...snapshot.seen, ...keys] }
}
