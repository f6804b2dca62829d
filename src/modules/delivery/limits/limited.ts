import { type Address, type DomainName, domainOf } from '../../../lib/address.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { LocalDomains } from '../../../ports/addresses.ts'
import type { Accepted, Arrival, Intake } from '../../../ports/intake.ts'
import type { OutgoingNotes } from '../../../ports/outgoing-notes.ts'
import type { OutgoingQueue } from '../../../ports/outgoing-queue.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import { refusals } from '../refusals.ts'
import { Counted, type Rate } from './counted.ts'

export interface LimitParts {
  readonly intake: Intake
  readonly domains: LocalDomains
  readonly notes: Pick<OutgoingNotes, 'get' | 'put'>
  readonly queue: Pick<OutgoingQueue, 'list' | 'hold'>
  readonly clock: Clock
  readonly log: Log
  readonly rules: LimitRules
}

export interface LimitRules {
  /** Recipients on other servers after which an account's mail is held; undefined: never. */
  readonly burst: Rate | undefined
  /** Recipients on other servers that it has never written to; undefined: as many as it likes. */
  readonly newcomers: Rate | undefined
}

/** Somebody who was not written to for so long is new again. Rules know him too: `:addrbook:default`. */
const rememberedMs = 400 * 86_400_000
const page = 1000
const lookAgainMs = 60_000

/**
 * What one account may send to other servers at once, whoever has its password now: a stolen one is used for thousands of
 * messages to people that its owner has never written to.
 */
export function limitOutgoing(parts: LimitParts): Intake {
  const { intake, rules, clock } = parts
  const counted = countedBy(rules)

  async function accept(arrival: Arrival): Promise<Accepted> {
    const { origin } = arrival
    if (origin.kind !== 'submitted') return intake.accept(arrival)
    const outside = await outsideOf(parts.domains, arrival)
    const account = String(origin.account)
    const strangers = await strangersOf(parts, account, arrival)
    const areOutside = new Set(outside)
    const newcomers = strangers.filter((address) => areOutside.has(address))
    if (counted.areTooNew(account, newcomers.length, clock.now())) return refuse(parts, arrival)
    const isBraked = counted.isBurst(account, outside.length, clock.now())
    if (isBraked && counted.looksAgain(account, clock.now())) await brake(parts, origin.account)
    const accepted = await intake.accept(isBraked ? { ...arrival, isBraked } : arrival)
    if (accepted.kind === 'accepted') await remember(parts, account, strangers)
    return accepted
  }
  return { recipient: (question) => intake.recipient(question), accept }
}

function countedBy({ burst, newcomers }: LimitRules) {
  const bursts = burst && new Counted(burst)
  const strangers = newcomers && new Counted(newcomers)
  const lookedAt = new Map<string, number>()
  return {
    areTooNew(account: string, count: number, now: number): boolean {
      if (!newcomers || !strangers || count === 0) return false
      if (strangers.add(account, count, now) <= newcomers.count) return false
      // What is refused does not count.
      strangers.add(account, -count, now)
      return true
    },
    /** What comes is held as it comes; what was there before is looked for once in a while. */
    looksAgain(account: string, now: number): boolean {
      const isSoon = now < (lookedAt.get(account) ?? Number.NEGATIVE_INFINITY) + lookAgainMs
      if (!isSoon) lookedAt.set(account, now)
      return !isSoon
    },
    isBurst: (account: string, count: number, now: number): boolean =>
      burst !== undefined &&
      bursts !== undefined &&
      count > 0 &&
      bursts.add(account, count, now) > burst.count,
  }
}

async function remember(
  { notes, clock }: LimitParts,
  account: string,
  addresses: readonly Address[],
): Promise<void> {
  if (addresses.length === 0) return
  const until = clock.now() + rememberedMs
  await notes.put(
    addresses.map((address) => ({ kind: 'recipient', name: `${account} ${address}`, value: '', until })),
  )
}

async function outsideOf(domains: LocalDomains, { recipients }: Arrival): Promise<readonly Address[]> {
  const ours = new Set<DomainName>(await domains.list())
  return recipients.map(({ address }) => address).filter((address) => !ours.has(domainOf(address)))
}

async function strangersOf(
  { notes }: LimitParts,
  account: string,
  { recipients }: Arrival,
): Promise<readonly Address[]> {
  const addresses = recipients.map(({ address }) => address)
  const known = await Promise.all(addresses.map((address) => notes.get('recipient', `${account} ${address}`)))
  return addresses.filter((_, index) => known[index] === undefined)
}

function refuse({ log }: LimitParts, { id, origin, recipients }: Arrival): Accepted {
  const login = origin.kind === 'submitted' ? origin.login : ''
  log.warn('account.too-many-new-recipients', { id, login, recipients: recipients.length })
  return refusals.newcomers
}

/** Nothing of the account goes out any more until somebody has looked: `homepost queue release`. */
async function brake({ queue, log }: LimitParts, account: AccountId): Promise<void> {
  let held = 0
  for (let after: number | undefined = 0; after !== undefined; ) {
    const rows: Awaited<ReturnType<OutgoingQueue['list']>> = await queue.list(after, page)
    const ids = rows.filter((row) => row.account === account && !row.held).map(({ id }) => id)
    if (ids.length > 0) {
      const changed = await queue.hold(ids)
      held += changed.kind === 'changed' ? changed.count : 0
    }
    after = rows.at(-1)?.id
  }
  log.warn('account.braked', { account, held })
}
