import { type ListedName, listedNamesOf } from '../../../lib/listed-name.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Arrival } from '../../../ports/intake.ts'
import type { SenderSayings } from '../../../ports/sender-lists.ts'
import type { Hit } from '../rules/rule.ts'
import type { Sender } from './subjects.ts'

/** What people have said of whoever sent a message. */
export interface Listed {
  /** As the owner of a copy has it, or the administrator. */
  hits(account: AccountId | undefined): Hit[]
}

/** More than everything else together. */
const decisive = 50

/**
 * One's own word counts before the administrator's, and the more particular name before the other. Wanted is only a From that is proven:
 * anybody can write a name. A sender who is unwanted for everybody is refused, where nobody who gets the message wants him.
 */
export async function listedSender(
  arrival: Pick<Arrival, 'sender' | 'message'>,
  proven: Pick<Sender, 'address'>,
  sayings: SenderSayings,
  accounts: readonly AccountId[],
): Promise<Listed> {
  const author = authorNames(arrival)
  const names = namesOfSender(arrival)
  const said = names.length === 0 ? [] : await sayings.said(names, accounts)
  const counts = (name: ListedName, wanted: boolean) =>
    !wanted || (proven.address !== undefined && author.includes(name))
  const by = (owner: AccountId | undefined) =>
    said
      .filter((one) => one.owner === owner && counts(one.sender, one.wanted))
      .toSorted((one, other) => names.indexOf(one.sender) - names.indexOf(other.sender))[0]
  const everybody = by(undefined)
  const isRefused = everybody?.wanted === false && !accounts.some((account) => by(account)?.wanted)
  return {
    hits(account) {
      const own = account === undefined ? undefined : by(account)
      const word = own ?? everybody
      if (!word) return []
      const hit = word.wanted ? wanted(word.sender) : unwanted(word.sender)
      return [isRefused ? { ...hit, forces: refusal } : hit]
    },
  }
}

/** Of From and of the envelope, the most particular first. */
export function namesOfSender(arrival: Pick<Arrival, 'sender' | 'message'>): ListedName[] {
  const { sender } = arrival
  return [...new Set([...authorNames(arrival), ...(sender === undefined ? [] : listedNamesOf(sender))])]
}

const authorNames = ({ message: { index } }: Pick<Arrival, 'message'>): ListedName[] =>
  index.from ? listedNamesOf(`${index.from.local}@${index.from.domain}`) : []

const wanted = (name: string): Hit => ({
  symbol: 'LISTED_WANTED',
  weight: -decisive,
  why: 'is from a sender whose mail is always wanted',
  parameters: [name],
})
const unwanted = (name: string): Hit => ({
  symbol: 'LISTED_UNWANTED',
  weight: decisive,
  why: 'is from a sender whose mail is never wanted',
  parameters: [name],
})
const refusal = { action: 'reject', text: 'Mail from this sender is not accepted here' } as const
