import type { Address } from '../../lib/address.ts'
import { percentOfScore } from '../../lib/spam-percent.ts'
import type { AccountId, Accounts } from '../../ports/accounts.ts'
import type { AddressResolver } from '../../ports/addresses.ts'
import type { Backtest, JudgedMessage } from '../../ports/spam-history.ts'
import { accountsOf } from './recipients.ts'

export interface BacktestParts {
  readonly addresses: AddressResolver
  readonly accounts: Pick<Accounts, 'settings'>
}

type Moved = Backtest['changed'][number]

/** Where messages would lie if every reader's threshold were another: by the scores they had then, and today's settings. */
export async function backtest(
  { addresses, accounts }: BacktestParts,
  messages: readonly JudgedMessage[],
  threshold: number,
): Promise<Backtest> {
  const readers = new Map<AccountId, Reader>()
  const changed: Moved[] = []
  let copies = 0
  for (const message of messages.filter(({ judgement: { action } }) => action === 'accept')) {
    const recipients = message.recipients.map((address) => ({ address }))
    for (const account of await accountsOf(addresses, recipients)) {
      const reader = readers.get(account) ?? (await readerOf(accounts, account))
      readers.set(account, reader)
      if (!reader) continue
      copies++
      const moved = movedFor(reader, message, threshold)
      if (moved) changed.push(moved)
    }
  }
  return { looked: messages.length, copies, changed }
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
  after: number,
): Moved | undefined {
  const percent = percentOfScore(personal.find((one) => one.account === account)?.score ?? judgement.score)
  const [was, would] = [percent > before, percent > after]
  return was === would
    ? undefined
    : { number, id, at, from, subject, reader: address, percent, toJunk: would }
}
