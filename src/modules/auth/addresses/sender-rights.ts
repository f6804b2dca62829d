import { type Address, domainOf } from '../../../lib/address.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Snapshot } from '../directory/snapshot.ts'
import { matchAddress } from './matching.ts'

export interface SenderRules {
  readonly recipientDelimiter: string
  /** Logins that may use any sender; lower case. */
  readonly wildcardSenders: ReadonlySet<string>
}

/**
 * Whether this account may use this envelope sender: its own address, with details and in every alternative domain; any
 * alias that leads to it in one step, catch-alls too; any of its domain where it has the right to. Somebody's forwarding to
 * it gives no right.
 */
export function maySendAs(
  snapshot: Snapshot,
  rules: SenderRules,
  account: AccountId,
  sender: Address | undefined,
): boolean {
  // The null reverse-path. RFC 5321 §4.5.5.
  if (sender === undefined) return true
  const user = snapshot.byAccount.get(account)
  if (!user) return false
  if (rules.wildcardSenders.has(user.address)) return true
  const domain = snapshot.mainDomains.get(domainOf(sender))
  if (domain === undefined) return false
  if (snapshot.spoofers.get(domain)?.has(account)) return true
  const means = (address: Address) => matchAddress(snapshot, rules.recipientDelimiter, address)
  const isOwn = (address: Address) => {
    const match = means(address)
    return match.kind === 'user' && match.user.account === account
  }
  const match = means(sender)
  return match.kind === 'alias' ? match.destinations.some(isOwn) : isOwn(sender)
}
