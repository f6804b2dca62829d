import type { Address } from '../../lib/address.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { AddressResolver, Destination, Hop } from '../../ports/addresses.ts'
import type { TryLater } from '../../ports/runtime.ts'

/** Where all hops of one recipient end. */
export interface Expansion extends Ends {
  readonly kind: 'expansion'
  readonly recipient: Address
  /** The recipient itself is in no domain that we take mail for. */
  readonly isForeign: boolean
  /** Of the mailboxes that are reached, and of those that these reach: who has his mail sent on. */
  readonly forwards: readonly Forward[]
}

/** Where aliases lead to. */
export interface Ends {
  /** Each account once; the way that was found first. */
  readonly mailboxes: readonly Target[]
  /** Addresses of other servers. */
  readonly outside: readonly Address[]
  /** Ends that take no mail. */
  readonly dead: readonly DeadEnd[]
  /** Explains every hop, in the order they were followed. */
  readonly steps: readonly string[]
}

export interface Target {
  readonly account: AccountId
  /** The user's own address. */
  readonly address: Address
  /** `news` of `ann+news@`. */
  readonly detail: string | undefined
}

/** What a mailbox's owner has sent on, and where that ends. */
export interface Forward {
  readonly account: AccountId
  readonly keeps: boolean
  readonly ends: Ends
}

export interface DeadEnd {
  readonly address: Address
  readonly why: 'unknown' | 'disabled' | 'loop' | 'too-many'
}

/** Aliases of aliases of aliases: nobody means more than this. */
const maxAddresses = 1_000

/**
 * Follows a recipient through aliases to where they end, and what owners of mailboxes send on to where that ends. Every address
 * is followed once on each way, so that loops end; at most `maxAddresses` are.
 */
export async function expandRecipient(
  addresses: AddressResolver,
  recipient: Address,
): Promise<Expansion | TryLater> {
  const budget = { left: maxAddresses - 1 }
  const first = new Walk([recipient], budget)
  const trouble = await follow(addresses, first)
  if (trouble) return trouble
  const ends = first.end(recipient)
  const forwards: Forward[] = []
  const ahead = [...first.forwarding]
  for (const { account, to, keeps } of ahead) {
    if (forwards.some((known) => known.account === account)) continue
    const walk = new Walk(to, budget)
    const later = await follow(addresses, walk)
    if (later) return later
    forwards.push({ account, keeps, ends: walk.end(undefined) })
    ahead.push(...walk.forwarding)
  }
  return { kind: 'expansion', recipient, isForeign: first.isForeign, ...ends, forwards }
}

/** Everybody who gets the message where nothing speaks against it: who forwards passes it on, and keeps it if he wants to. */
export function followForwards({
  mailboxes,
  outside,
  forwards,
}: Expansion): Pick<Ends, 'mailboxes' | 'outside'> {
  const kept = new Map<AccountId, Target>()
  const leaving = new Set(outside)
  const seen = new Set<AccountId>()
  const ahead = [...mailboxes]
  for (const target of ahead) {
    if (seen.has(target.account)) continue
    seen.add(target.account)
    const forward = forwards.find(({ account }) => account === target.account)
    if (forward === undefined || forward.keeps || isNowhere(forward.ends)) kept.set(target.account, target)
    if (forward === undefined) continue
    ahead.push(...forward.ends.mailboxes)
    for (const address of forward.ends.outside) leaving.add(address)
  }
  // They forward to one another, and none keeps it.
  const [first] = mailboxes
  if (kept.size + leaving.size === 0 && first) kept.set(first.account, first)
  return { mailboxes: [...kept.values()], outside: [...leaving] }
}

function isNowhere({ mailboxes, outside }: Ends): boolean {
  return mailboxes.length + outside.length === 0
}

async function follow(addresses: AddressResolver, walk: Walk): Promise<TryLater | undefined> {
  for (let next = walk.take(); next !== undefined; next = walk.take()) {
    const destination = await addresses.resolve(next)
    if (destination.kind === 'later') return destination
    walk.arrive(next, destination)
  }
  return undefined
}

const ways = { alias: 'is an alias of', return: 'was made for bounces to' } as const

class Walk {
  readonly forwarding: {
    readonly account: AccountId
    readonly to: readonly Address[]
    readonly keeps: boolean
  }[] = []
  isForeign = false
  readonly #start: readonly Address[]
  readonly #ahead: Address[]
  readonly #seen: Set<Address>
  readonly #budget: { left: number }
  readonly #mailboxes = new Map<AccountId, Target>()
  readonly #outside: Address[] = []
  readonly #dead: DeadEnd[] = []
  readonly #steps: string[] = []

  constructor(start: readonly Address[], budget: { left: number }) {
    this.#start = start
    this.#ahead = [...start]
    this.#seen = new Set(start)
    this.#budget = budget
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
        this.isForeign ||= destination.kind === 'foreign' && this.#start.includes(at)
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
      const { account, address, detail, forward } = hop
      if (this.#mailboxes.has(account)) return
      this.#mailboxes.set(account, { account, address, detail })
      if (forward) this.forwarding.push({ account, ...forward })
      return
    }
    const { address, by } = hop
    this.#steps.push(`${from} ${ways[by]} ${address}`)
    if (this.#seen.has(address)) return
    if (this.#budget.left === 0) {
      this.#dead.push({ address, why: 'too-many' })
      return
    }
    this.#budget.left--
    this.#seen.add(address)
    this.#ahead.push(address)
  }

  /** `recipient` is named where nothing but its own circle was found. */
  end(recipient: Address | undefined): Ends {
    const { size } = this.#mailboxes
    const leadsNowhere = size === 0 && this.#outside.length === 0 && this.#dead.length === 0
    return {
      mailboxes: [...this.#mailboxes.values()],
      outside: this.#outside,
      // Aliases of one another and nobody else.
      dead: leadsNowhere && recipient !== undefined ? [{ address: recipient, why: 'loop' }] : this.#dead,
      steps: this.#steps,
    }
  }
}
