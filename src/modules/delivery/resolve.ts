import type { Address } from '../../lib/address.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { AddressResolver, Destination, Hop } from '../../ports/addresses.ts'
import type { TryLater } from '../../ports/runtime.ts'

/** Where all hops of one recipient end. */
export interface Expansion {
  readonly kind: 'expansion'
  readonly recipient: Address
  /** Each account once; the way that was found first. */
  readonly mailboxes: readonly Target[]
  /** Addresses of other servers. */
  readonly outside: readonly Address[]
  /** The recipient itself is in no domain that we take mail for. */
  readonly isForeign: boolean
  /** Ends that take no mail. */
  readonly dead: readonly DeadEnd[]
  /** Explains every hop, in the order they were followed. */
  readonly steps: readonly string[]
}

interface Target {
  readonly account: AccountId
  /** The user's own address. */
  readonly address: Address
  /** `news` of `ann+news@`. */
  readonly detail: string | undefined
}

export interface DeadEnd {
  readonly address: Address
  readonly why: 'unknown' | 'disabled' | 'loop' | 'too-many'
}

/** Aliases of aliases of aliases: nobody means more than this. */
const maxAddresses = 1_000

/**
 * Follows a recipient through aliases and forwards to where they end. Every address is followed once, so that loops end;
 * at most `maxAddresses` are.
 */
export async function expandRecipient(
  addresses: AddressResolver,
  recipient: Address,
): Promise<Expansion | TryLater> {
  const walk = new Walk(recipient)
  for (let next = walk.take(); next !== undefined; next = walk.take()) {
    const destination = await addresses.resolve(next)
    if (destination.kind === 'later') return destination
    walk.arrive(next, destination)
  }
  return walk.end()
}

const ways = { alias: 'is an alias of', forward: 'forwards to', return: 'was made for bounces to' } as const

class Walk {
  readonly #recipient: Address
  readonly #ahead: Address[]
  readonly #seen: Set<Address>
  readonly #mailboxes = new Map<AccountId, Target>()
  readonly #outside: Address[] = []
  readonly #dead: DeadEnd[] = []
  readonly #steps: string[] = []
  #isForeign = false

  constructor(recipient: Address) {
    this.#recipient = recipient
    this.#ahead = [recipient]
    this.#seen = new Set(this.#ahead)
  }

  take(): Address | undefined {
    return this.#ahead.shift()
  }

  arrive(at: Address, destination: Destination): void {
    switch (destination.kind) {
      case 'hops':
        for (const hop of destination.hops) this.#follow(at, hop)
        break
      case 'foreign':
      case 'relayed':
        this.#isForeign ||= destination.kind === 'foreign' && at === this.#recipient
        this.#outside.push(at)
        this.#steps.push(`${at} is on another server`)
        break
      case 'unknown':
      case 'disabled':
        this.#dead.push({ address: at, why: destination.kind })
        this.#steps.push(`${at} is ${destination.kind === 'unknown' ? 'nobody' : 'switched off'}`)
        break
    }
  }

  #follow(from: Address, hop: Hop): void {
    if (hop.kind === 'mailbox') {
      this.#steps.push(`${from} is the mailbox of ${hop.address}`)
      const target = { account: hop.account, address: hop.address, detail: hop.detail }
      if (!this.#mailboxes.has(hop.account)) this.#mailboxes.set(hop.account, target)
      return
    }
    const { address, by } = hop
    this.#steps.push(`${from} ${ways[by]} ${address}`)
    if (this.#seen.has(address)) return
    if (this.#seen.size >= maxAddresses) {
      this.#dead.push({ address, why: 'too-many' })
      return
    }
    this.#seen.add(address)
    this.#ahead.push(address)
  }

  end(): Expansion {
    const { size } = this.#mailboxes
    const leadsNowhere = size === 0 && this.#outside.length === 0 && this.#dead.length === 0
    return {
      kind: 'expansion',
      recipient: this.#recipient,
      mailboxes: [...this.#mailboxes.values()],
      outside: this.#outside,
      isForeign: this.#isForeign,
      // Aliases of one another and nobody else.
      dead: leadsNowhere ? [{ address: this.#recipient, why: 'loop' }] : this.#dead,
      steps: this.#steps,
    }
  }
}
