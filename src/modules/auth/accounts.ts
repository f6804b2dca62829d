import type { AccountSettings, Accounts } from '../../ports/accounts.ts'
import type { MailAccounts } from '../../ports/mail-accounts.ts'
import { sweepDeleted } from './admin/writer.ts'
import type { Directory } from './directory/directory.ts'
import type { User } from './directory/rows.ts'
import { orLater } from './directory/trouble.ts'

const pageSize = 1_000

export function createAccounts(directory: Directory, timeZone: string): Accounts {
  const told = (user: User | undefined) =>
    user ? ({ kind: 'account', ...accountSettings(user, timeZone) } as const) : ({ kind: 'unknown' } as const)
  return {
    settings: (account) => orLater(async () => told((await directory.snapshot()).byAccount.get(account))),
    find: (address) => orLater(async () => told((await directory.snapshot()).users.get(address))),
    list: async (after) => {
      const { accounts } = await directory.snapshot()
      return accounts
        .filter(({ account, enabled }) => enabled && account > (after ?? 0))
        .slice(0, pageSize)
        .map((user) => accountSettings(user, timeZone))
    },
  }
}

/** The two files cannot commit together: after a crash in between, the mail store is told again who there is. */
export async function reconcileAccounts(directory: Directory, mailAccounts: MailAccounts): Promise<void> {
  const { accounts } = await directory.snapshot()
  for (let at = 0; at < accounts.length; at += pageSize) {
    const page = accounts.slice(at, at + pageSize)
    await Promise.all(page.map(({ account, quotaBytes }) => mailAccounts.putAccount(account, { quotaBytes })))
  }
  await sweepDeleted({ directory, mailAccounts })
}

function accountSettings(user: User, timeZone: string): AccountSettings {
  return {
    account: user.account,
    address: user.address,
    displayedName: user.displayedName,
    enabled: user.enabled,
    quotaBytes: user.quotaBytes,
    timeZone: user.timeZone === '' ? timeZone : user.timeZone,
    reply: {
      enabled: user.replyEnabled,
      subject: user.replySubject,
      body: user.replyBody,
      start: user.replyStart,
      end: user.replyEnd,
    },
    spam: { enabled: user.spamEnabled, markAsRead: user.spamMarkAsRead, threshold: user.spamThreshold },
    detailFiling: user.detailFiling,
  }
}
