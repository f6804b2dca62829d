import type { Address } from '../../../lib/address.ts'
import { percentOfScore } from '../../../lib/spam-percent.ts'
import type { AccountId, Accounts } from '../../../ports/accounts.ts'
import type { AddressResolver } from '../../../ports/addresses.ts'
import type { Backtest, BacktestQuestion, JudgedMessage } from '../../../ports/spam-history.ts'
import type { Judgement } from '../../../ports/spam-judge.ts'
import { accountsOf } from '../recipients.ts'
import { Again, type AgainParts } from './again.ts'

export interface BacktestParts extends AgainParts {
  readonly addresses: AddressResolver
  readonly accounts: Pick<Accounts, 'settings'>
}

type Moved = Backtest['changed'][number]
type Judged = Pick<Judgement, 'action' | 'score' | 'reasons'>

/**
 * Where messages would lie by another threshold for every reader, or, judged again, by today's rules. What experience and DNS said then
 * stands, and so do today's settings of people.
 */
export async function backtest(
  parts: BacktestParts,
  messages: readonly JudgedMessage[],
  { threshold, again }: Pick<BacktestQuestion, 'threshold' | 'again'>,
): Promise<Backtest> {
  const readers = new Map<AccountId, Reader>()
  const changed: Moved[] = []
  let copies = 0
  const accepted = messages.filter(({ judgement: { action } }) => action === 'accept')
  const anew = again ? new Again(parts, accepted) : undefined
  for (const message of accepted) {
    const accounts = await accountsOf(
      parts.addresses,
      message.recipients.map((address) => ({ address })),
    )
    const now = (await anew?.judge(message, accounts)) ?? message.judgement
    for (const account of accounts) {
      const reader = readers.get(account) ?? (await readerOf(parts.accounts, account))
      readers.set(account, reader)
      if (!reader) continue
      copies++
      const moved = movedFor(reader, message, now, threshold ?? reader.threshold)
      if (moved) changed.push(moved)
    }
  }
  return {
    looked: messages.length,
    copies,
    changed,
    ...(anew && { again: { ...anew.counts, refused: messages.length - accepted.length } }),
  }
}

type Reader =
  | { readonly account: AccountId; readonly address: Address; readonly threshold: number }
  | undefined

/** Undefined where no threshold decides. */
async function readerOf(accounts: BacktestParts['accounts'], account: AccountId): Promise<Reader> {
  const found = await accounts.settings(account)
  if (found.kind !== 'account' || !found.spam.enabled) return undefined
  return { account, address: found.address, threshold: found.spam.threshold }
}

function movedFor(
  { account, address, threshold: before }: NonNullable<Reader>,
  { number, id, at, from, subject, judgement, personal }: JudgedMessage,
  now: Judged,
  after: number,
): Moved | undefined {
  const score = personal.find((one) => one.account === account)?.score ?? judgement.score
  // What only this reader's experience says is the same as then.
  const percent = percentOfScore(score - judgement.score + now.score)
  const was = percentOfScore(score) > before ? 'junk' : 'mailbox'
  const filed = percent > after ? 'junk' : 'mailbox'
  const would = now.action === 'reject' ? 'refused' : filed
  if (was === would) return undefined
  const names = (of: Judged) => of.reasons.map(({ name }) => name)
  return {
    ...{ number, id, at, from, subject, reader: address, percent, to: would },
    appeared: without(names(now), names(judgement)),
    vanished: without(names(judgement), names(now)),
  }
}

const without = (some: readonly string[], others: readonly string[]): string[] =>
  some.filter((one) => !others.includes(one))
