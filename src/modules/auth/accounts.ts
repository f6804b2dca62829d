import type { AccountSettings, Accounts } from '../../ports/accounts.ts'
import type { MailAccounts } from '../../ports/mail-store.ts'
import { sweepDeleted } from './admin/users.ts'
import type { Directory } from './directory/directory.ts'
import type { User } from './directory/rows.ts'

const pageSize = 1_000

export function createAccounts(directory: Directory): Accounts {
  return {
    settings: async (account) => {
      const user = (await directory.snapshot()).byAccount.get(account)
      return user && accountSettings(user)
    },
    list: async (after = 0 as AccountSettings['account']) => {
      const { byAccount } = await directory.snapshot()
      return [...byAccount.values()]
        .filter(({ account }) => account > after)
        .sort((a, b) => a.account - b.account)
        .slice(0, pageSize)
        .map(accountSettings)
    },
  }
}

/** The two files cannot commit together: after a crash in between, the mail store is told again who there is. */
export async function reconcileAccounts(directory: Directory, mailAccounts: MailAccounts): Promise<void> {
  const users = [...(await directory.snapshot()).users.values()]
  for (let at = 0; at < users.length; at += pageSize) {
    const page = users.slice(at, at + pageSize)
    await Promise.all(page.map(({ account, quotaBytes }) => mailAccounts.putAccount(account, { quotaBytes })))
  }
  await sweepDeleted({ directory, mailAccounts })
}

function accountSettings({ account, address, displayedName, enabled, quotaBytes }: User): AccountSettings {
  return { account, address, displayedName, enabled, quotaBytes }
}
