import type { AccountId } from '../../ports/accounts.ts'
import type { Arrival } from '../../ports/intake.ts'
import type { DeliveryGuard, RememberedKey } from '../../ports/remembered.ts'

/** Where an account's copy goes if nobody's rule says otherwise. */
export function filingOf(
  { collected, receivedAt }: Arrival,
  account: AccountId,
): { readonly mailbox: string; readonly flags: readonly string[]; readonly receivedAt: number } {
  if (collected?.account === account) return collected
  return { mailbox: 'INBOX', flags: [], receivedAt }
}

/** What was fetched is taken in once, however often it is brought. */
export function onceGuards({ collected }: Arrival): readonly DeliveryGuard[] {
  if (!collected) return []
  const { account, keys, until } = collected
  return keys.map((key) => ({ account, key, until, renews: false }))
}

export function wasTakenIn({ collected }: Arrival, known: readonly RememberedKey[]): boolean {
  return known.some(({ account, key }) => account === collected?.account && collected.keys.includes(key))
}
