import type { Address } from '../../lib/address.ts'
import { indexMessage } from '../../lib/mime/indexer.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { Arrival } from '../../ports/intake.ts'
import type { LocalCopy } from '../../ports/mail-store.ts'
import type { Decision, DeliveryGuard } from '../../ports/remembered.ts'
import type { Judgement } from '../../ports/spam-judge.ts'
import type { Content, MadeMessage, PlannedDelivery } from './content.ts'
import type { Letter } from './letters.ts'
import { plainDelivery } from './plain.ts'
import type { PlanFacts, Snapshot } from './plan-facts.ts'
import type { Expansion } from './resolve.ts'
import type { Person } from './rules/person.ts'

/** What a letter adds to the delivery that it was written in. */
export interface Posted {
  readonly made: readonly MadeMessage[]
  readonly guards: readonly DeliveryGuard[]
  readonly decisions: readonly Decision[]
}

/** Whose rules wrote what led to a letter, the first first. They do not read the answer, so that nobody writes to himself for ever. */
export type Chain = readonly AccountId[]

/** Rules that answer rules that answer rules: what they write then is only filed. */
const longestChain = 3

const nothing: Posted = { made: [], guards: [], decisions: [] }
/** Nobody judges what our own people's rules write. */
export const notJudged: Judgement = { action: 'accept', score: 0, reasons: [], headers: '' }

/** The delivery that letters are written in. */
export interface Posting {
  readonly facts: PlanFacts
  readonly chain: Chain
  /** Addresses that have to be looked up first. */
  readonly needed: Set<Address>
  /** Decides by the rules of who gets it. */
  readonly deliver: (facts: PlanFacts, chain: Chain) => Promise<PlannedDelivery>
}

/** Carries a letter to its recipients by way of their own rules. `place`: among those of the same posting. */
export async function post(letter: Letter, place: number, posting: Posting): Promise<Posted> {
  const { facts, chain, needed, deliver } = posting
  const { elsewhere, seen, now } = facts.snapshot
  const { account, once } = letter
  if (once && seen.some((one) => one.account === account && one.key === once.key)) return nothing
  for (const to of letter.to) if (!elsewhere.has(to)) needed.add(to)
  const writers = [...chain, account]
  const own = factsOf(letter, place, facts, writers)
  const plain = plainDelivery(own)
  const delivery = plain ?? (await deliver(own, writers))
  const main = mainOf(letter, delivery, now)
  // What others' rules make of it depends on its being sent: where it is not, the plan is made anew.
  const made = [plain ? { ...main, once } : main, ...delivery.made.map((one) => wholeOf(letter, one))]
  return {
    made: made.filter(({ copies, outgoing }) => copies.length + outgoing.length > 0),
    guards: [...(delivery.guards ?? []), ...(once && !plain ? [{ ...once, renews: false }] : [])],
    decisions: delivery.decisions.map((decision) => ({
      ...decision,
      steps: [`written by a rule of ${letter.author}`, ...decision.steps],
    })),
  }
}

function mainOf(
  { account, author, bytes, copy }: Letter,
  delivery: PlannedDelivery,
  now: number,
): MadeMessage {
  const own: LocalCopy[] = copy
    ? [{ account, mailbox: copy.mailbox, flags: copy.flags, prefix: '', receivedAt: now }]
    : []
  return {
    content: { kind: 'written', bytes },
    author,
    copies: [...delivery.copies, ...own],
    outgoing: delivery.outgoing ?? [],
    once: undefined,
  }
}

/** What is edited without its body shares that of the letter, which is not the one that came. */
function wholeOf({ bytes }: Letter, made: MadeMessage): MadeMessage {
  if (made.content.kind !== 'edited' || made.content.body !== undefined) return made
  const content: Content = { ...made.content, body: bytes.subarray(indexMessage(bytes).headerBytes) }
  return { ...made, content }
}

function factsOf(
  letter: Letter,
  place: number,
  { arrival, snapshot, rules }: PlanFacts,
  writers: Chain,
): PlanFacts {
  const { elsewhere, people, seed, now } = snapshot
  const expansions = letter.to.flatMap((to) => elsewhere.get(to) ?? [])
  return {
    arrival: { ...arrivalOf(letter, expansions), ...stamps(arrival), client: here(rules), receivedAt: now },
    report: { header: '' },
    judgement: notJudged,
    snapshot: {
      ...snapshot,
      seed: `${seed}.${writers.join('.')}.${place}`,
      expansions,
      // It leaves under its own sender, who is here.
      senders: new Map(),
      people: withoutRules(people, writers),
      bytes: letter.bytes,
    },
    rules: { ...rules, noticeAfterMs: undefined },
  }
}

const stamps = ({ id, connection }: Arrival) => ({ id, connection })
const here = ({ hostname }: PlanFacts['rules']) => ({ ip: '127.0.0.1', helo: hostname, tls: true })

function arrivalOf(
  { account, author, from, bytes }: Letter,
  expansions: readonly Expansion[],
): Omit<Arrival, 'id' | 'connection' | 'client' | 'receivedAt'> {
  const outside = expansions.flatMap((expansion) => expansion.outside)
  return {
    origin: { kind: 'submitted', account, login: author },
    sender: from,
    // RFC 3834 §4: nobody is told what became of it.
    recipients: expansions.map(({ recipient }) => ({
      address: recipient,
      notify: ['never'],
      originalRecipient: undefined,
    })),
    message: { kind: 'inline', size: bytes.length, index: indexMessage(bytes), bytes },
    trace: '',
    requireTls: false,
    smtpUtf8: outside.some((address) => /[^\0-\x7f]/.test(address)),
    envelopeId: undefined,
    returnContent: undefined,
  }
}

function withoutRules(people: Snapshot['people'], writers: Chain): Snapshot['people'] {
  const areAll = writers.length > longestChain
  return new Map(
    [...people].map(([account, person]) => [
      account,
      person && (areAll || writers.includes(account)) ? silenced(person) : person,
    ]),
  )
}

function silenced(person: Person): Person {
  return { ...person, serverRules: undefined, lastRule: undefined, script: { kind: 'none' } }
}
