import type { Address } from '../../../src/lib/address.ts'
import type { AccountSettings, Accounts } from '../../../src/ports/accounts.ts'
import { account } from '../store.ts'

/** Accounts by address, with nothing set. */
export function createFakeAccounts(people: Readonly<Record<string, number>>): Accounts {
  const all = Object.entries(people).map(([address, id]) => settingsOf(address as Address, id))
  const told = (found: AccountSettings | undefined) =>
    found ? ({ kind: 'account', ...found } as const) : ({ kind: 'unknown' } as const)
  return {
    settings: async (id) => told(all.find(({ account: each }) => each === id)),
    find: async (address) => told(all.find((each) => each.address === address)),
    list: async (after = account(0)) => all.filter(({ account: id }) => id > after),
  }
}

function settingsOf(address: Address, id: number): AccountSettings {
  return {
    account: account(id),
    address,
    displayedName: '',
    enabled: true,
    quotaBytes: 0,
    timeZone: 'UTC',
    reply: { enabled: false, subject: '', body: '', start: '1900-01-01', end: '2999-12-31' },
    spam: { enabled: true, markAsRead: true, threshold: 80 },
    detailFiling: false,
  }
}
