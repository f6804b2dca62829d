import type { Networks } from '../../../lib/networks.ts'
import type { ApiAccess } from '../../../ports/api-access.ts'
import type {
  CredentialVerifier,
  DeviceCookies,
  ScramVerifier,
  SignInLocks,
  TrustedSignIn,
} from '../../../ports/credentials.ts'
import type { OldServers } from '../../../ports/old-servers.ts'
import type { Clock, Log, Meter } from '../../../ports/runtime.ts'
import { findApiKey } from '../api-keys.ts'
import type { Directory } from '../directory/directory.ts'
import type { DistinctWindow } from '../limits/distinct-window.ts'
import type { Rate } from '../limits/moving-window.ts'
import { createTokenLook, createTokenUse } from '../oauth/token-look.ts'
import type { Secrets } from '../secrets.ts'
import type { SessionSettings } from '../sessions.ts'
import { createApiAccess } from './api-access.ts'
import { Credentials } from './credentials.ts'
import { issueDeviceCookie } from './device-cookies.ts'
import type { PasswordHasher } from './hasher.ts'
import { PasswordChecks } from './password-checks.ts'
import { createScram } from './scram.ts'
import { SignInThrottle } from './throttle.ts'
import { Tickets } from './tickets.ts'
import { TokenStamps } from './token-stamps.ts'
import { createTrusted } from './trusted.ts'

/** Rates are undefined where there is no limit. */
export interface SignInSettings {
  readonly authRatelimitIp: Rate | undefined
  readonly authRatelimitIpV4Mask: number
  readonly authRatelimitIpV6Mask: number
  readonly authRatelimitUser: Rate | undefined
  readonly authRatelimitExemption: Networks
  /** Seconds for which a place is known after a good sign-in. */
  readonly authRatelimitExemptionLength: number
  /** Passwords are for the web alone. */
  readonly authRequireTokens: boolean
  /** Calendars and address books take passwords all the same. */
  readonly webdavTakesPasswords: boolean
  /** API_TOKEN; undefined: there is none that would do. */
  readonly apiToken: string | undefined
  /** `https://mail.example.com`: our own authorization server. */
  readonly issuer: string
}

interface SignIn {
  readonly credentials: CredentialVerifier
  readonly scram: ScramVerifier
  readonly trusted: TrustedSignIn
  /** For ways in that find out elsewhere who it is. */
  readonly attempts: Credentials
  readonly devices: DeviceCookies
  readonly locks: SignInLocks
  readonly api: ApiAccess
  /** What has to survive a restart. */
  readonly windows: readonly DistinctWindow[]
  readonly stamps: TokenStamps
  readonly throttle: SignInThrottle
  readonly tickets: Tickets
}

interface SignInNeeds {
  readonly directory: Directory
  readonly hasher: PasswordHasher
  readonly secrets: Pick<Secrets, 'derive'>
  readonly settings: SignInSettings & SessionSettings
  readonly oldServers: Pick<OldServers, 'takes'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** Every way to prove who one is, and what is done against guessing. */
export function createSignIn({
  directory,
  hasher,
  secrets,
  settings,
  oldServers,
  ...ambient
}: SignInNeeds): SignIn {
  const { clock, log, meter } = ambient
  const deviceKey = once(() => secrets.derive('DEVICE_COOKIE_KEY'))
  const throttle = new SignInThrottle(throttleSettings(settings), {
    clock,
    key: once(() => secrets.derive('SIGN_IN_THROTTLE_KEY').toString('hex')),
  })
  const stamps = new TokenStamps({ directory, clock, log })
  const tickets = new Tickets(
    once(() => secrets.derive('SIGN_IN_TICKET_KEY')),
    clock,
  )
  const oauth = { directory, settings, clock, log }
  const passwords = new PasswordChecks({ directory, hasher, clock, log })
  const credentials = new Credentials({
    directory,
    hasher,
    passwords,
    throttle,
    stamps,
    useOAuthToken: createTokenUse(createTokenLook(oauth), oauth),
    issuer: settings.issuer,
    rules: { requireTokens: settings.authRequireTokens, davTakesPasswords: settings.webdavTakesPasswords },
    deviceKey,
    tickets,
    oldServers,
    clock,
    log,
    meter,
  })
  return {
    credentials: { verify: (attempt) => credentials.verify(attempt) },
    scram: createScram({
      directory,
      credentials,
      throttle,
      saltKey: once(() => secrets.derive('SCRAM_SALT_KEY')),
    }),
    trusted: createTrusted({ directory, credentials }),
    attempts: credentials,
    devices: { issue: async (address) => issueDeviceCookie(deviceKey(), address) },
    locks: {
      list: async () => throttle.locks(),
      clear: async (who) => ({ kind: throttle.unlock(who) ? 'cleared' : 'missing' }),
    },
    api: createApiAccess({
      token: settings.apiToken,
      find: findApiKey({ directory, clock, log }),
      throttle,
      log,
      meter,
    }),
    windows: throttle.windows,
    stamps,
    throttle,
    tickets,
  }
}

function throttleSettings(settings: SignInSettings) {
  return {
    perNetwork: settings.authRatelimitIp,
    networkSizes: { v4Bits: settings.authRatelimitIpV4Mask, v6Bits: settings.authRatelimitIpV6Mask },
    perAccount: settings.authRatelimitUser,
    exempt: settings.authRatelimitExemption,
    exemptSecondsAfterSuccess: settings.authRatelimitExemptionLength,
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
