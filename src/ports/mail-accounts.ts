import type { AccountId } from './accounts.ts'

/** The accounts as the mail store knows them: whose mail it holds, and how much each may keep. */
export interface MailAccounts {
  /** Makes it known, or changes it. */
  putAccount(account: AccountId, settings: { quotaBytes: number }): Promise<void>
  /** Its mail is swept in the background; the id never comes back. */
  removeAccount(account: AccountId): Promise<void>
}
