import type { AccountId } from '../../ports/accounts.ts'
import type { AddressResolver } from '../../ports/addresses.ts'
import type { Arrival } from '../../ports/intake.ts'
import type { AuthChecks } from '../../ports/mail-authentication.ts'
import type { SenderSayings } from '../../ports/sender-lists.ts'
import type { Judgement } from '../../ports/spam-judge.ts'
import { type Alike, ofLikeness } from './known/likeness.ts'
import { type Listed, listedSender } from './known/listed.ts'
import { type Repute, reputationHits } from './known/reputation.ts'
import { keyOf, type Sender, senderOf } from './known/subjects.ts'
import type { Tokens } from './learn/tokens.ts'
import type { Looked } from './looking.ts'
import { digestOf } from './memory/lessons.ts'
import type { SpamMemory } from './memory/memory.ts'
import { accountsOf } from './recipients.ts'
import { type Hit, type Sign, weighed } from './rules/rule.ts'
import type { Found } from './verdict.ts'

/** Where mail goes, and what its readers say of its senders. */
interface Whereabouts {
  readonly addresses: AddressResolver
  readonly listed: SenderSayings
}

interface ExperienceParts {
  readonly memory: () => SpamMemory
}

/** Points of one unit of the classifier's score, and how far it goes. */
const pointsPerUnit = 4.5
const mostPoints = 14
const fewestPoints = -10
/** What the filter is sure enough of to remember it of the sender. */
const surelySpam = 8
const surelyHam = 1
const mostRecipients = 50
const mostReferences = 20

/** What people and earlier mail say of a message. */
export class Experience {
  readonly #parts: ExperienceParts

  constructor(parts: ExperienceParts) {
    this.#parts = parts
  }

  /** Who gets it alone is asked alone; among several everybody, and whoever has something of his own to say. */
  async of(
    arrival: Arrival,
    checks: AuthChecks | undefined,
    looked: Looked,
    { addresses, listed }: Whereabouts,
  ): Promise<Pick<Found, 'taught' | 'personal'>> {
    const accounts = await accountsOf(addresses, arrival.recipients)
    const sender = senderOf(arrival.message.index.from, arrival.client.ip, checks)
    const seen = {
      ...this.#seen(arrival, sender, looked),
      listed: await listedSender(arrival, sender, listed, accounts),
    }
    const [only, ...others] = accounts
    if (only === undefined || others.length === 0)
      return { taught: await this.#hits(seen, only), personal: [] }
    const common = await this.#hits(seen, undefined)
    const personal: Found['personal'][number][] = []
    for (const account of [only, ...others]) {
      const own = await this.#hits(seen, account)
      if (sum(own) !== sum(common)) personal.push({ account, taught: own })
    }
    return { taught: common, personal }
  }

  /** Without regard to who sent it. */
  async ofText({ tokens, prints }: Looked, account: AccountId | undefined): Promise<Hit[]> {
    return this.#ofText(tokens, this.#acquaintance.alike(prints), account)
  }

  /** What is remembered of whoever sent it, once it is weighed. */
  note(arrival: Arrival, checks: AuthChecks | undefined, looked: Looked, judgement: Judgement): void {
    const { subjects } = senderOf(arrival.message.index.from, arrival.client.ip, checks)
    const spam = opinionOf(judgement)
    const digest = digestOf(looked.tokens)
    const at = arrival.receivedAt
    this.#acquaintance.note([{ digest, subjects: subjects.map(({ key }) => key), spam, at }], [])
  }

  /** Our own people's mail: answers to it are wanted. */
  noteWritten({ origin, recipients, message: { index }, receivedAt: at }: Arrival): void {
    const own = index.messageId === undefined ? [] : [{ scope: 0, subject: messageKey(index.messageId), at }]
    const people =
      origin.kind === 'submitted'
        ? recipients.slice(0, mostRecipients).map(({ address }) => ({
            scope: origin.account,
            subject: personKey(address),
            at,
          }))
        : []
    this.#acquaintance.note([], [...own, ...people])
  }

  get #acquaintance() {
    return this.#parts.memory().acquaintance
  }

  /** What is the same for all who get it. */
  #seen({ message: { index } }: Arrival, sender: Sender, looked: Looked): Omit<Seen, 'listed'> {
    const answered = [...index.inReplyTo.slice(0, mostReferences), ...index.references.slice(-mostReferences)]
    return {
      sender,
      tokens: looked.tokens,
      alike: this.#acquaintance.alike(looked.prints),
      repute: this.#acquaintance.repute(sender.subjects, undefined),
      isReply: answered.some((id) => this.#acquaintance.hasWritten(undefined, messageKey(id))),
    }
  }

  async #hits({ tokens, alike, ...seen }: Seen, account: AccountId | undefined): Promise<Hit[]> {
    const { subjects, address } = seen.sender
    const own = account === undefined ? [] : this.#acquaintance.repute(subjects, account)
    const isKnown =
      account !== undefined &&
      address !== undefined &&
      this.#acquaintance.hasWritten(account, personKey(address))
    return [
      ...(await this.#ofText(tokens, alike, account)),
      ...reputationHits(subjects.map((subject, at) => ({ subject, all: seen.repute[at], own: own[at] }))),
      ...weighed([...(seen.isReply ? [{ sign: reply }] : []), ...(isKnown ? [{ sign: knownSender }] : [])]),
      ...seen.listed.hits(account),
    ]
  }

  async #ofText(tokens: Tokens, alike: readonly Alike[], account: AccountId | undefined): Promise<Hit[]> {
    return [...ofWords(await this.#parts.memory().score(tokens, account)), ...ofLikeness(alike, account)]
  }
}

interface Seen {
  readonly sender: Sender
  readonly tokens: Tokens
  readonly alike: readonly Alike[]
  /** Of the sender's subjects, in their order. */
  readonly repute: readonly (Repute | undefined)[]
  readonly isReply: boolean
  readonly listed: Listed
}

/** What is known of a sender already does not count once more; whom somebody wants, or not, is nobody else's business. */
function opinionOf({ reasons }: Judgement): boolean | undefined {
  const own = reasons.filter(({ name }) => !/_REPUTATION_|^LISTED_/.test(name))
  const score = own.reduce((sum, one) => sum + one.score, 0)
  if (score >= surelySpam) return true
  return score <= surelyHam ? false : undefined
}

const messageKey = (id: string): number => keyOf(`message ${id}`)
const personKey = (address: string): number => keyOf(`person ${address.toLowerCase()}`)
const sum = (hits: readonly { readonly weight: number }[]): number =>
  hits.reduce((total, { weight }) => total + weight, 0)

const reply: Sign = {
  symbol: 'REPLY',
  weight: -4,
  group: 'reputation',
  why: 'answers what one of us has written',
}
const knownSender: Sign = {
  symbol: 'KNOWN_SENDER',
  weight: -3,
  group: 'reputation',
  why: 'is from somebody its reader has written to',
}

function ofWords(score: number | undefined): Hit[] {
  if (score === undefined) return []
  const weight = Math.min(mostPoints, Math.max(fewestPoints, score * pointsPerUnit))
  return weight > 0
    ? [{ symbol: 'BAYES_SPAM', weight, why: 'is like what was taken for spam before' }]
    : [{ symbol: 'BAYES_HAM', weight, why: 'is like what was wanted before' }]
}
