import { join } from 'node:path'
import type { Address, DomainName } from '../../lib/address.ts'
import type { SqliteWriter } from '../../platform/sqlite/writer.ts'
import type { Accounts } from '../../ports/accounts.ts'
import type { AddressResolver, LocalDomains, SenderPolicy } from '../../ports/addresses.ts'
import type { Announcements, LettersDue } from '../../ports/announcements.ts'
import type { ApiAccess, ApiKeys } from '../../ports/api-access.ts'
import type { BreachedPasswords } from '../../ports/breached-passwords.ts'
import type {
  CredentialVerifier,
  DeviceCookies,
  ScramVerifier,
  SignInLocks,
  StoredHashes,
  TrustedSignIn,
} from '../../ports/credentials.ts'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { DirectorySecrets } from '../../ports/directory-reader.ts'
import type { DkimKeys } from '../../ports/dkim-keys.ts'
import type { ExternalSignIn } from '../../ports/external-sign-in.ts'
import type { FetchList } from '../../ports/fetch-list.ts'
import type { MailAccounts } from '../../ports/mail-accounts.ts'
import type { OAuthServer } from '../../ports/oauth.ts'
import type { OldServers } from '../../ports/old-servers.ts'
import type { Passkeys } from '../../ports/passkeys.ts'
import type { RelayRoutes, ReturnPaths } from '../../ports/routes.ts'
import type { Clock, Log, Meter, Service } from '../../ports/runtime.ts'
import type { SecondFactors } from '../../ports/second-factors.ts'
import type { DomainSignUp, SignUp } from '../../ports/sign-up.ts'
import type { SessionPasswords, WebSessions } from '../../ports/web-sessions.ts'
import { createAccounts, reconcileAccounts } from './accounts.ts'
import { createLookups } from './addresses/lookups.ts'
import { createDirectoryLists } from './admin/lists.ts'
import { createDirectoryReader, createDirectorySecrets } from './admin/reader.ts'
import { createDirectoryWriter, type WriterNeeds } from './admin/writer.ts'
import { SendingAllowance } from './allowance.ts'
import { createApiKeys } from './api-keys.ts'
import { createBreachedPasswords } from './breached-passwords.ts'
import { Departures } from './departures.ts'
import { type OpenServer, openDirectoryFile, openDirectoryServer } from './directory/database.ts'
import { Directory } from './directory/directory.ts'
import { whenThere } from './directory/trouble.ts'
import { createDkimKeys } from './dkim-keys.ts'
import { type DomainSignUpNeeds, domainSignUp } from './domain-sign-up.ts'
import { createExternalSignIn, type ExternalSettings } from './external/external-sign-in.ts'
import { createFactors } from './factors/factors.ts'
import { createFetchList } from './fetch-list.ts'
import { createLetters } from './letters/due.ts'
import type { Rate } from './limits/moving-window.ts'
import { LimitsPersistence } from './limits/persistence.ts'
import { createOAuthServer } from './oauth/oauth.ts'
import { Secrets } from './secrets.ts'
import { createWebSessions, type SessionSettings } from './sessions.ts'
import { PasswordHasher } from './sign-in/hasher.ts'
import { readStoredHash } from './sign-in/schemes/stored-hash.ts'
import { createSessionPasswords } from './sign-in/session-passwords.ts'
import { createSignIn, type SignInSettings } from './sign-in/sign-in.ts'
import { createSignUp } from './sign-up.ts'

/** Rates are undefined where there is no limit. */
export interface AuthSettings extends SignInSettings, SessionSettings {
  /** SECRET_KEY; undefined: one in the data folder. */
  readonly secretKey: string | undefined
  /** BREACHED_PASSWORDS_URL. */
  readonly breachedPasswordsUrl: string | undefined
  /** OIDC_*; undefined: nobody is signed in elsewhere. */
  readonly external: ExternalSettings | undefined
  /** SITENAME. */
  readonly siteName: string
  /** Where bounces to forwarded mail come to. */
  readonly domain: DomainName
  /** A set of characters; empty switches sub-addressing off. */
  readonly recipientDelimiter: string
  readonly postmaster: Address
  readonly defaultQuota: number
  readonly defaultSpamThreshold: number
  /** Of whoever has chosen none. */
  readonly timeZone: string
  readonly dkimSelector: string
  /** Undefined: in the data folder. */
  readonly dkimPath: string | undefined
  /** Logins that may use any sender. */
  readonly wildcardSenders: readonly string[]
  readonly messageRatelimit: Rate | undefined
  readonly messageRatelimitExemption: readonly string[]
  /** WELCOME: everybody new gets a letter. */
  readonly welcomes: boolean
}

export interface Auth {
  readonly addresses: AddressResolver
  readonly senders: SenderPolicy
  readonly relays: RelayRoutes
  readonly returnPaths: ReturnPaths
  readonly domains: LocalDomains
  readonly credentials: CredentialVerifier
  readonly scram: ScramVerifier
  readonly trusted: TrustedSignIn
  readonly devices: DeviceCookies
  readonly locks: SignInLocks
  readonly api: ApiAccess
  readonly apiKeys: ApiKeys
  readonly sessions: WebSessions
  readonly breached: BreachedPasswords
  readonly signUp: SignUp
  readonly factors: SecondFactors
  readonly sessionPasswords: SessionPasswords
  /** Who uses the ports for applications attached to our pages: session passwords and app tokens, no passwords. */
  readonly attached: CredentialVerifier
  readonly passkeys: Passkeys
  readonly external: ExternalSignIn
  readonly oauth: OAuthServer
  readonly hashes: StoredHashes
  readonly accounts: Accounts
  readonly fetches: FetchList
  readonly dkimKeys: DkimKeys
  readonly admin: DirectoryAdmin
  readonly secrets: DirectorySecrets
  /** Some people's mail is on another server still, which they are led to after signing in. */
  readonly isAnybodyElsewhere: () => boolean
  readonly announcements: Announcements
  readonly lettersDue: LettersDue
  readonly service: Service
}

interface AuthNeeds {
  readonly dataDir: string
  readonly writer: SqliteWriter
  /** Where the directory is not in the data folder. */
  readonly openServer: OpenServer | undefined
  readonly mailAccounts: MailAccounts
  readonly oldServers: Pick<OldServers, 'takes'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly settings: AuthSettings
}

/** It asks DNS, which the rest of the directory does without. */
export function createDomainSignUp(needs: DomainSignUpNeeds): DomainSignUp {
  return domainSignUp(needs)
}

const storedHashes: StoredHashes = {
  usable: async (hashes) => hashes.map((hash) => readStoredHash(hash).kind !== 'unusable'),
}

/** Who is who here: addresses, rights to send, sign-in, and the directory behind them. Usable once its service has started. */
export function createAuth({
  dataDir,
  writer,
  openServer,
  mailAccounts,
  oldServers,
  settings,
  ...ambient
}: AuthNeeds): Auth {
  const { clock, log } = ambient
  const directory = new Directory(clock)
  const hasher = new PasswordHasher()
  const secrets = new Secrets(dataDir, settings.secretKey)
  const allowance = new SendingAllowance(settings.messageRatelimit, settings.messageRatelimitExemption, clock)
  const signIn = createSignIn({ directory, hasher, secrets, settings, oldServers, ...ambient })
  const limits = new LimitsPersistence({ windows: [...signIn.windows, allowance], clock, log })
  const dkimKeys = createDkimKeys({
    path: settings.dkimPath ?? join(dataDir, 'dkim', '{domain}.{selector}.key'),
    selector: settings.dkimSelector,
    directory,
    clock,
  })
  const standard = { quotaBytes: settings.defaultQuota, spamThreshold: settings.defaultSpamThreshold }
  const letters = createLetters(directory)
  const welcome = settings.welcomes ? () => letters.wake() : undefined
  const admin = createDirectoryAdmin({
    directory,
    hasher,
    secrets,
    mailAccounts,
    dkimKeys,
    standard,
    welcome,
  })
  const departures = new Departures({ directory, writer: admin, clock, log })
  return {
    ...createLookups({ directory, allowance, secrets, settings, clock }),
    credentials: signIn.credentials,
    scram: signIn.scram,
    trusted: signIn.trusted,
    devices: signIn.devices,
    locks: signIn.locks,
    api: signIn.api,
    apiKeys: createApiKeys({ directory, clock, log }),
    ...createWebSignIn({ directory, secrets, signIn, settings, writer: admin, clock, log }),
    hashes: storedHashes,
    accounts: createAccounts(directory, settings.timeZone),
    fetches: createFetchList(directory, secrets, clock),
    dkimKeys,
    admin,
    ...{ announcements: letters, lettersDue: letters },
    secrets: createDirectorySecrets(directory, secrets),
    isAnybodyElsewhere: () => directory.lastSnapshot?.isAnybodyElsewhere ?? false,
    service: {
      name: 'auth',
      async start() {
        await secrets.open()
        const open = () => (openServer ? openDirectoryServer(openServer) : openDirectoryFile(dataDir, writer))
        directory.open(await whenThere(open, ambient))
        await limits.start(directory.database)
        signIn.stamps.start()
        await reconcileAccounts(directory, mailAccounts)
        departures.start()
      },
      async drain() {
        await limits.flush()
        await signIn.stamps.flush()
      },
      async stop() {
        await departures.stop()
        await limits.stop()
        await signIn.stamps.stop()
        await directory.close()
      },
    },
  }
}

interface WebNeeds {
  readonly directory: Directory
  readonly secrets: Secrets
  readonly signIn: ReturnType<typeof createSignIn>
  readonly settings: AuthSettings
  readonly writer: DirectoryAdmin
  readonly clock: Clock
  readonly log: Log
}

/** What a browser signs in with, and what comes of it. */
function createWebSignIn({ directory, secrets, signIn, settings, writer, clock, log }: WebNeeds) {
  const { tickets, credentials, attempts } = signIn
  const key = () => secrets.derive('WEBMAIL_TEMP_TOKEN_KEY')
  const breached = createBreachedPasswords({ url: settings.breachedPasswordsUrl, log })
  return {
    sessions: createWebSessions({ directory, tickets, settings, clock, log }),
    oauth: createOAuthServer({ directory, secrets, settings, clock, log }),
    breached,
    signUp: createSignUp({
      ...{ directory, admin: writer, breached, recipientDelimiter: settings.recipientDelimiter, clock, log },
      networkSizes: { v4Bits: settings.authRatelimitIpV4Mask, v6Bits: settings.authRatelimitIpV6Mask },
    }),
    ...createFactors({ directory, secrets, signIn, siteName: settings.siteName, clock, log }),
    external: createExternalSignIn({
      ...{ settings: settings.external, directory, credentials: attempts, secrets, writer, clock, log },
    }),
    ...createSessionPasswords({ directory, credentials, key, settings, clock, log }),
  }
}

const createDirectoryAdmin = (needs: WriterNeeds): DirectoryAdmin => ({
  ...createDirectoryReader(needs.directory),
  ...createDirectoryLists(needs.directory),
  ...createDirectoryWriter(needs),
})
