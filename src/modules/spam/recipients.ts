import type { Address } from '../../lib/address.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { AddressResolver } from '../../ports/addresses.ts'
import type { EnvelopeRecipient } from '../../ports/intake.ts'

/** Of a list of hundreds not everybody is asked. */
const mostAccounts = 32
const mostSteps = 100

/** Whose mailboxes a message goes to, as far as that is soon found. */
export async function accountsOf(
  addresses: AddressResolver,
  recipients: readonly Pick<EnvelopeRecipient, 'address'>[],
): Promise<AccountId[]> {
  const accounts = new Set<AccountId>()
  const asked = new Set<Address>(recipients.slice(0, mostSteps).map(({ address }) => address))
  // A set that grows while it is walked: what an alias leads to is asked for in its turn.
  for (const address of asked) {
    const found = await addresses.resolve(address)
    for (const hop of found.kind === 'hops' ? found.hops : []) {
      if (hop.kind === 'mailbox') accounts.add(hop.account)
      else if (asked.size < mostSteps) asked.add(hop.address)
    }
    if (accounts.size >= mostAccounts) break
  }
  return [...accounts].slice(0, mostAccounts)
}
