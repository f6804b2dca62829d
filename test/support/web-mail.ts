import { createRuleTrials } from '../../src/modules/delivery/index.ts'
import { createSieve, createSieveScripts } from '../../src/modules/sieve/index.ts'
import type { Accounts } from '../../src/ports/accounts.ts'
import type { AccountMail } from '../../src/web/account/mail-parts.ts'
import type { TestStore } from './store.ts'

const limits = { scripts: 5, scriptBytes: 20_000, bytes: 40_000 }

/** What the pages about somebody's mail work with, on a real store. */
export function webMail(mail: TestStore, accounts: Accounts, history?: AccountMail['history']): AccountMail {
  const { store, notes, queue, traces, senders, clock } = mail
  const scripts = createSieveScripts({ store: mail.scripts, limits })
  const rules = { hostname: 'mail.example.test', recipientDelimiter: '+' }
  const trials = createRuleTrials({ accounts, scripts, engine: createSieve(), store, notes, clock, rules })
  return { scripts, trials, history, senders, fetching: undefined, traces, queue, store }
}
