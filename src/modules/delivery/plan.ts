import type { AccountId } from '../../ports/accounts.ts'
import type { Arrival, RecipientOutcome, Refused } from '../../ports/intake.ts'
import type { LocalCopy } from '../../ports/mail-store.ts'
import type { Decision, DeliveryGuard, RememberedKey } from '../../ports/remembered.ts'
import type { SieveEngine } from '../../ports/sieve.ts'
import type { Judgement } from '../../ports/spam-judge.ts'
import { filingOf, onceGuards } from './collected.ts'
import type { Content, MadeMessage, PlannedDelivery } from './content.ts'
import { Distribution, type Needs, type Standing } from './distribution.ts'
import { leavingOf, leavingSteps } from './leaving.ts'
import { type Letter, lettersOf, rejectionLetter } from './letters.ts'
import { plainDelivery } from './plain.ts'
import type { PlanFacts } from './plan-facts.ts'
import { type Chain, type Posted, post } from './posting.ts'
import { refusalOf, refusals } from './refusals.ts'
import { fitsReply, refusalBy } from './rejection.ts'
import { sayJudgement } from './rules/explain.ts'
import { judgedFor } from './rules/spam-percent.ts'
import { sentOn } from './sent-on.ts'

/** By the rules of all whom it was for, where there are decisions: nothing is kept of it but these. */
export type TurnedAway = Refused & { readonly decisions?: readonly Decision[] }

export type Plan =
  | {
      readonly kind: 'deliver'
      readonly delivery: PlannedDelivery
      /** Of each recipient of the arrival, in its order. */
      readonly outcomes: readonly RecipientOutcome[]
    }
  | TurnedAway
  /** The snapshot does not say enough: once it does, the plan is made anew. */
  | { readonly kind: 'needs'; readonly needs: Needs }

/**
 * Decides what becomes of a message, and says why; changes nothing. A mailbox that several recipients lead to gets one copy.
 * One answer goes to the client for all recipients, so they are all served or none: who cannot be served was refused at RCPT.
 */
export async function plan(facts: PlanFacts, engine: Pick<SieveEngine, 'evaluate'>): Promise<Plan> {
  const { arrival, judgement, snapshot } = facts
  if (judgement.action === 'reject') return judged(judgement) ?? refusals.spam
  if (judgement.action === 'later') return judged(judgement) ?? refusals.judgedLater
  const { expansions } = snapshot
  const refused = expansions.flatMap((expansion) => refusalOf(expansion, arrival.origin) ?? [])
  const [first] = refused
  // Known at RCPT, unless the directory has changed since. The client comes back and hears at RCPT which one it is.
  if (first) return refused.length === expansions.length ? first : refusals.changed
  const plain = plainDelivery(facts)
  if (plain) return { kind: 'deliver', delivery: plain, outcomes: expansions.map(() => done) }
  return distribute(facts, engine)
}

/** The whole of it: everybody's rules have their say. */
export async function distribute(facts: PlanFacts, engine: Pick<SieveEngine, 'evaluate'>): Promise<Plan> {
  const distribution = new Distribution(facts, engine)
  await distribution.run()
  const { needs } = distribution
  const standings = [...distribution.standings.values()]
  const replies = repliesOf(facts, distribution)
  const reported = standings.filter(({ share }) => !replies.silent.has(share.target.account))
  const letters = [
    ...standings.flatMap((standing) => lettersOf(standing, facts)),
    ...reported.flatMap((standing) =>
      standing.refusal ? rejectionLetter(standing, standing.refusal, facts) : [],
    ),
  ]
  const posted = await postAll(letters, { facts, engine, needs, chain: [] })
  if (needs.accounts.size + needs.addresses.size > 0 || needs.bytes !== 'nothing')
    return { kind: 'needs', needs }
  if (replies.whole) {
    const decisions = standings.flatMap((standing) => decisionOf(standing, facts.judgement))
    return { ...replies.whole, decisions }
  }
  return { kind: 'deliver', delivery: deliveryOf(facts, distribution, posted), outcomes: replies.outcomes }
}

interface Writing {
  readonly facts: PlanFacts
  readonly engine: Pick<SieveEngine, 'evaluate'>
  readonly needs: Needs
  readonly chain: Chain
}

async function postAll(
  letters: readonly Letter[],
  { facts, engine, needs, chain }: Writing,
): Promise<Posted> {
  const posting = {
    facts,
    chain,
    needed: needs.addresses,
    deliver: (own: PlanFacts, writers: Chain) =>
      distributeLetter({ facts: own, engine, needs, chain: writers }),
  }
  const posted: Posted[] = []
  for (const [place, letter] of letters.entries()) posted.push(await post(letter, place, posting))
  return {
    made: posted.flatMap(({ made }) => made),
    guards: posted.flatMap(({ guards }) => guards),
    decisions: posted.flatMap(({ decisions }) => decisions),
  }
}

/** A letter is nobody's mail but its recipients': who refuses it by a rule does so without a word. */
async function distributeLetter(writing: Writing): Promise<PlannedDelivery> {
  const { facts, engine, needs } = writing
  const distribution = new Distribution(facts, engine)
  await distribution.run()
  for (const account of distribution.needs.accounts) needs.accounts.add(account)
  for (const address of distribution.needs.addresses) needs.addresses.add(address)
  const letters = [...distribution.standings.values()].flatMap((standing) => lettersOf(standing, facts))
  return deliveryOf(facts, distribution, await postAll(letters, writing))
}

const judged = ({ refusal }: Judgement): Refused | undefined => refusal && { kind: 'refused', ...refusal }

const done: RecipientOutcome = { kind: 'done' }

interface Replies {
  readonly outcomes: readonly RecipientOutcome[]
  /** All that was addressed here is refused, in one reply. */
  readonly whole: Refused | undefined
  /** Whose refusal is said in a reply. */
  readonly silent: ReadonlySet<AccountId>
}

/** Which refusals of rules the client hears itself: where it gets a reply for each recipient, or all refuse. RFC 5429 §2.1.1 */
function repliesOf({ arrival, snapshot }: PlanFacts, { standings }: Distribution): Replies {
  const sole = snapshot.expansions.map(({ recipient, mailboxes, outside }) => {
    const [only, ...others] = mailboxes
    const standing = only && others.length + outside.length === 0 ? standings.get(only.account) : undefined
    if (!only || !standing?.refusal || !fitsReply(standing.refusal)) return undefined
    return { account: only.account, refused: refusalBy(recipient, standing.refusal) }
  })
  const refusing = sole.filter((one) => one !== undefined)
  const allRefuse = refusing.length === sole.length
  if (!arrival.repliesEach && !allRefuse)
    return { outcomes: sole.map(() => done), whole: undefined, silent: new Set() }
  return {
    outcomes: sole.map((one) => one?.refused ?? done),
    whole: arrival.repliesEach ? undefined : refusing[0]?.refused,
    silent: new Set(refusing.map(({ account }) => account)),
  }
}

function deliveryOf(facts: PlanFacts, { standings, notes }: Distribution, letters: Posted): PlannedDelivery {
  const { arrival, judgement, snapshot } = facts
  const { id, message, connection, client, sender } = arrival
  const all = [...standings.values()]
  const results = facts.report.header + judgement.headers
  const { now, expansions, senders, ways } = snapshot
  const leaving = { arrival, expansions, senders, ways, results, now, rules: facts.rules }
  const direct = leavingOf(leaving)
  const passed = sentOn(facts, all, new Set(expansions.flatMap(({ outside }) => outside)))
  const filed = filedBy(all, arrival)
  const recipients = expansions.map((expansion, via) => ({
    address: expansion.recipient,
    steps: [
      ...expansion.steps,
      ...(notes[via] ?? []),
      ...all.filter(({ share }) => share.via === via).flatMap(said),
      ...leavingSteps(expansion, leaving),
    ],
  }))
  return {
    id,
    message,
    copies: filed.copies,
    outgoing: [...direct, ...passed.outgoing],
    made: [...filed.made, ...passed.made, ...letters.made],
    guards: [
      ...onceGuards(arrival),
      ...all.flatMap((standing) => guardsOf(standing, snapshot.seen)),
      ...letters.guards,
    ],
    decisions: [...all.flatMap((standing) => decisionOf(standing, judgement)), ...letters.decisions],
    trace: { connection, ip: client.ip, helo: client.helo, sender: sender ?? '', at: now, recipients },
  }
}

function filedBy(
  standings: readonly Standing[],
  arrival: Arrival,
): { copies: readonly LocalCopy[]; made: readonly MadeMessage[] } {
  const copies: LocalCopy[] = []
  const made = new Map<Content, LocalCopy[]>()
  for (const { share, filed } of standings) {
    const { account } = share.target
    const { receivedAt } = filingOf(arrival, account)
    for (const { mailbox, flags, content, prefix } of filed) {
      const copy = { account, mailbox, flags, prefix, receivedAt }
      if (content.kind === 'arrival') copies.push(copy)
      else made.set(content, [...(made.get(content) ?? []), copy])
    }
  }
  const others = [...made].map(([content, of]) => ({
    content,
    copies: of,
    outgoing: [],
    once: undefined,
    author: undefined,
  }))
  return { copies, made: others }
}

/** What was seen already, and is to be remembered longer, is no surprise. RFC 7352 §3.3 */
function guardsOf({ share, ruling }: Standing, seen: readonly RememberedKey[]): DeliveryGuard[] {
  const { account } = share.target
  return ruling.guards.map(({ key, until }) => {
    const renews = seen.some((one) => one.account === account && one.key === key)
    return { account, key, until, renews }
  })
}

/** Kept where somebody had a say: what goes into the INBOX of a person without rules needs no words. */
function decisionOf({ share, ruling, gifts, steps }: Standing, judgement: Judgement): Decision[] {
  if (ruling.steps.length + gifts.length === 0) return []
  const judged = ruling.isPutAway ? [sayJudgement(judgedFor(judgement, share.target.account))] : []
  return [{ account: share.target.account, recipient: share.recipient, steps: [...judged, ...steps] }]
}

function said({ share, steps }: Standing): string[] {
  return steps.map((step) => `${share.target.address}: ${step}`)
}
