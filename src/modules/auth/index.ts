import type { Address } from '../../lib/address.ts'
import type { Networks } from '../../lib/networks.ts'
import type { SqliteWriter } from '../../platform/sqlite/writer.ts'
import type { Accounts } from '../../ports/accounts.ts'
import type { AddressResolver, LocalDomains, SenderPolicy } from '../../ports/addresses.ts'
import type { CredentialVerifier, SignInLocks } from '../../ports/credentials.ts'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { MailAccounts } from '../../ports/mail-store.ts'
import type { Clock, Log, Meter, Service } from '../../ports/runtime.ts'
import { createAccounts, reconcileAccounts } from './accounts.ts'
import { resolveAddress } from './addresses/resolve.ts'
import { maySendAs } from './addresses/sender-rights.ts'
import { createAdmin } from './admin/admin.ts'
import { SendingAllowance } from './allowance.ts'
import { Directory } from './directory/directory.ts'
import type { Rate } from './limits/moving-window.ts'
import { LimitsPersistence } from './limits/persistence.ts'
import { Credentials } from './sign-in/credentials.ts'
import { PasswordHasher } from './sign-in/hasher.ts'
import { SignInThrottle } from './sign-in/throttle.ts'

/** Rates are undefined where there is no limit. */
export interface AuthSettings {
  /** A set of characters; empty switches sub-addressing off. */
  readonly recipientDelimiter: string
  readonly postmaster: Address
  readonly defaultQuota: number
  /** Logins that may use any sender. */
  readonly wildcardSenders: readonly string[]
  readonly messageRatelimit: Rate | undefined
  readonly messageRatelimitExemption: readonly string[]
  readonly authRatelimitIp: Rate | undefined
  readonly authRatelimitIpV4Mask: number
  readonly authRatelimitIpV6Mask: number
  readonly authRatelimitUser: Rate | undefined
  readonly authRatelimitExemption: Networks
  /** Seconds for which an address is exempt after a good sign-in. */
  readonly authRatelimitExemptionLength: number
}

export interface Auth {
  readonly addresses: AddressResolver
  readonly senders: SenderPolicy
  readonly credentials: CredentialVerifier
  readonly locks: SignInLocks
  readonly accounts: Accounts
  readonly domains: LocalDomains
  readonly admin: DirectoryAdmin
  readonly service: Service
}

interface AuthNeeds {
  readonly dataDir: string
  readonly writer: SqliteWriter
  readonly mailAccounts: MailAccounts
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly settings: AuthSettings
}

/** Who is who here: addresses, rights to send, sign-in, and the directory behind them. Usable once its service has started. */
export function createAuth({ dataDir, writer, mailAccounts, clock, log, meter, settings }: AuthNeeds): Auth {
  const directory = new Directory(clock)
  const hasher = new PasswordHasher()
  const throttle = new SignInThrottle(throttleSettings(settings), clock)
  const allowance = new SendingAllowance(settings.messageRatelimit, settings.messageRatelimitExemption, clock)
  const limits = new LimitsPersistence({ windows: [...throttle.windows, ...allowance.windows], clock, log })
  const credentials = new Credentials({ directory, hasher, throttle, clock, log, meter })
  return {
    addresses: {
      resolve: async (recipient) => resolveAddress(await directory.snapshot(), settings, recipient),
    },
    senders: createSenderPolicy(directory, allowance, settings),
    credentials: { verify: (attempt) => credentials.verify(attempt) },
    locks: {
      list: async () => throttle.locks(),
      clear: async (who) => ({ kind: throttle.unlock(who) ? 'cleared' : 'missing' }),
    },
    accounts: createAccounts(directory),
    domains: { list: async () => [...(await directory.snapshot()).mainDomains.keys()] },
    admin: createAdmin({ directory, hasher, mailAccounts, defaultQuota: settings.defaultQuota }),
    service: {
      name: 'auth',
      async start() {
        await directory.open(dataDir, writer)
        await limits.start(directory.database)
        await reconcileAccounts(directory, mailAccounts)
      },
      drain: () => limits.flush(),
      async stop() {
        await limits.stop()
        await directory.close()
      },
    },
  }
}

function createSenderPolicy(
  directory: Directory,
  allowance: SendingAllowance,
  settings: AuthSettings,
): SenderPolicy {
  const rules = {
    recipientDelimiter: settings.recipientDelimiter,
    wildcardSenders: new Set(settings.wildcardSenders.map((login) => login.toLowerCase())),
  }
  return {
    maySendAs: async (account, sender) => maySendAs(await directory.snapshot(), rules, account, sender),
    async spendAllowance(account) {
      const user = (await directory.snapshot()).byAccount.get(account)
      return user ? allowance.spend(user) : { kind: 'granted' }
    },
  }
}

function throttleSettings(settings: AuthSettings) {
  return {
    perNetwork: settings.authRatelimitIp,
    networkSizes: { v4Bits: settings.authRatelimitIpV4Mask, v6Bits: settings.authRatelimitIpV6Mask },
    perAccount: settings.authRatelimitUser,
    exempt: settings.authRatelimitExemption,
    exemptSecondsAfterSuccess: settings.authRatelimitExemptionLength,
  }
}
