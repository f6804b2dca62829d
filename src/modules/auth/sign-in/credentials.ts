import { type Address, domainOf, localPartOf, parseAddress } from '../../../lib/address.ts'
import { opensService } from '../../../lib/oauth-scopes.ts'
import type { OldServer } from '../../../lib/old-server.ts'
import type {
  Accepted,
  CredentialVerifier,
  LoginAttempt,
  LoginVerdict,
  Refused,
  Throttled,
} from '../../../ports/credentials.ts'
import type { OldServers } from '../../../ports/old-servers.ts'
import type { Clock, Log, Meter } from '../../../ports/runtime.ts'
import type { Directory } from '../directory/directory.ts'
import type { Token, User } from '../directory/rows.ts'
import type { Snapshot } from '../directory/snapshot.ts'
import { orLater } from '../directory/trouble.ts'
import { leadsElsewhere, notKnownYet, oldServerOf, oldSignIn } from '../elsewhere.ts'
import type { Found, UseToken } from '../oauth/token-look.ts'
import { deviceOf } from './device-cookies.ts'
import type { PasswordHasher } from './hasher.ts'
import type { PasswordChecks } from './password-checks.ts'
import type { Locked, Origin, SignInThrottle } from './throttle.ts'
import type { Tickets } from './tickets.ts'
import type { TokenStamps } from './token-stamps.ts'
import { findOldToken, findToken, isCurrent, isTokenShaped, tokenHash, tokenProblem } from './tokens.ts'

const busyRetrySeconds = 5
/** Names that no address can be are cut for the log and for counting. */
const maxLoginLength = 254

/** Which secrets open which doors. */
interface SignInRules {
  /** AUTH_REQUIRE_TOKENS: passwords are for the web alone. */
  readonly requireTokens: boolean
  /** Mailu's exception from that. */
  readonly davTakesPasswords: boolean
}

interface Parts {
  readonly directory: Directory
  readonly hasher: PasswordHasher
  readonly passwords: PasswordChecks
  readonly throttle: SignInThrottle
  readonly stamps: TokenStamps
  readonly useOAuthToken: UseToken
  /** Of our own authorization server: bearers are told where tokens are to be had. */
  readonly issuer: string
  readonly rules: SignInRules
  readonly deviceKey: () => Buffer
  readonly tickets: Tickets
  readonly oldServers: Pick<OldServers, 'takes'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** An attempt, and what is known about it before its secret is looked at. */
export interface Attempt {
  readonly attempt: Omit<LoginAttempt, 'password'>
  readonly user: User | undefined
  /** A second factor is on. */
  readonly isGuarded: boolean
  /** Where the user's mail is, if not here. */
  readonly oldServer: OldServer | undefined
  readonly origin: Origin
}

/**
 * Says who somebody is. What differs between refusals (no such name, wrong password, switched off) is in the log alone;
 * outside they read and cost the same.
 */
export class Credentials implements CredentialVerifier {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async verify(attempt: LoginAttempt): Promise<LoginVerdict> {
    const verdict = await orLater(() => this.#decide(attempt))
    this.count(attempt, verdict)
    return verdict.kind === 'refused' && attempt.bearer ? { ...verdict, issuer: this.#parts.issuer } : verdict
  }

  /** Mailu: `check_credentials`. */
  async #decide(attempt: LoginAttempt): Promise<LoginVerdict> {
    const { throttle, directory } = this.#parts
    const found = attempt.bearer
      ? await this.#parts.useOAuthToken(attempt.password, attempt.ip)
      : ({ kind: 'none' } as const)
    if (found.kind !== 'none') return this.#decideOAuth(attempt, found)
    if (attempt.login === '') {
      throttle.strike(attempt.ip)
      return this.told({ attempt }, 'unknown')
    }
    const snapshot = await directory.snapshot()
    const known = this.known(snapshot, attempt)
    const tokens = tokensFor(snapshot, known.user, attempt)
    // Before any lock: 128 bits are never guessed, and so no number of guesses by others keeps their owner out.
    const token = findToken(tokens, attempt.password)
    if (token) return this.#decideToken(known, attempt, token)
    const locked = throttle.lockOn(known.origin)
    if (locked) return this.throttled(attempt, locked)
    const oldToken = await findOldToken(tokens, attempt.password, this.#parts.hasher)
    if (oldToken === 'busy') return this.#busy(attempt)
    if (oldToken) return this.#decideToken(known, attempt, oldToken)
    if (attempt.bearer) return this.refused(known, known.user ? 'wrong-secret' : 'unknown', attempt.password)
    return this.#decidePassword(known, attempt)
  }

  /** 256 bits are no guess, and programs show one that has ended until they have the next: nothing of it is counted. */
  async #decideOAuth(
    attempt: LoginAttempt,
    found: Exclude<Found, { kind: 'none' }>,
  ): Promise<Accepted | Refused> {
    if (found.kind === 'ended') return this.told({ attempt }, 'token-expired')
    const { account, address, client, scopes, kind } = found.facts
    // RFC 7628 §3.1: the name may be left out, for the token has it.
    const named = attempt.login === '' ? { ...attempt, login: address } : attempt
    const known = this.known(await this.#parts.directory.snapshot(), named)
    const { user } = known
    if (user?.account !== account || kind !== 'access') return this.told(known, 'wrong-secret')
    const problem = doorProblem(user, named) ?? secretlessProblem(known)
    if (problem) return this.told(known, problem)
    if (!opensService(scopes, named.service)) return this.told(known, 'token-service')
    return this.accepted(known, user, { with: 'token', client })
  }

  async #decideToken(known: Attempt, attempt: LoginAttempt, token: Token): Promise<Accepted | Refused> {
    const { stamps, clock } = this.#parts
    const { user } = known
    if (!user) return this.refused(known, 'unknown', attempt.password)
    const problem =
      doorProblem(user, attempt) ?? tokenProblem(token, attempt, clock.now()) ?? secretlessProblem(known)
    if (problem) return this.refused(known, problem, attempt.password)
    stamps.note(token.id, { by: attempt.ip, client: attempt.client ?? attempt.service })
    if (!isCurrent(token)) await this.#upgrade(token, attempt.password)
    return this.accepted(known, user, { with: 'token', tokenId: token.id })
  }

  async #decidePassword(known: Attempt, attempt: LoginAttempt): Promise<LoginVerdict> {
    const { passwords, throttle, oldServers } = this.#parts
    const { user, origin, oldServer } = known
    const there = user && oldServer && oldSignIn(oldServer, user, attempt.password)
    const checked = await passwords.check(user, origin.login, {
      given: attempt.password,
      who: throttle.isKnown(origin) ? 'known' : 'stranger',
      ask: there && user.passwordHash === notKnownYet ? () => oldServers.takes(there) : undefined,
    })
    if (checked === 'busy') return this.#busy(attempt)
    if (typeof checked === 'object') return checked
    if (!user) return this.refused(known, 'unknown', attempt.password)
    const problem = checked === 'right' ? this.passwordProblem(known, user) : ('wrong-secret' as const)
    if (problem) return this.refused(known, problem, attempt.password)
    const accepted = this.accepted(known, user, { with: 'password' })
    return there && leadsElsewhere(attempt) ? { ...accepted, elsewhere: there } : accepted
  }

  /** Why the right password does not open this door; undefined where it does. */
  passwordProblem({ attempt, isGuarded, oldServer }: Attempt, user: User): Refused['reason'] | undefined {
    const { requireTokens, davTakesPasswords } = this.#parts.rules
    const problem = doorProblem(user, attempt)
    // What the old server is opened with is for it to say: asking for more here would keep nobody out there.
    if (problem || attempt.service === 'web' || (oldServer && leadsElsewhere(attempt))) return problem
    if (user.mustChangePassword) return 'password-change-needed'
    // A mail program cannot be asked for a second factor.
    if (isGuarded) return 'token-needed-beside-second-factor'
    return requireTokens && !(attempt.service === 'dav' && davTakesPasswords) ? 'token-needed' : undefined
  }

  known(snapshot: Snapshot, attempt: Omit<LoginAttempt, 'password'>): Attempt {
    const { login, ip, device = '' } = attempt
    const address = loginAddress(snapshot, login)
    const user = address && snapshot.users.get(address)
    const origin: Origin = {
      login: address ?? countedName(login),
      ip,
      device: user && deviceOf(this.#parts.deviceKey(), device, user.address),
    }
    return {
      attempt,
      user,
      isGuarded: user !== undefined && snapshot.guarded.has(user.account),
      oldServer: user && oldServerOf(snapshot, user),
      origin,
    }
  }

  accepted({ attempt, isGuarded, origin }: Attempt, user: User, { provedAt, ...how }: How): Accepted {
    const { account, address } = user
    const { throttle, log, tickets } = this.#parts
    const isFirstStep = how.with === 'password' || how.with === 'provider'
    const isHalf = attempt.service === 'web' && isGuarded && isFirstStep
    // Whoever has shown half of it is not known here yet.
    if (!isHalf) throttle.succeeded(origin)
    log.info(isHalf ? 'sign-in.half' : 'sign-in.accepted', { ...logFields(attempt), account, ...how })
    const accepted = { kind: 'accepted', account, address, with: how.with } as const
    if (attempt.service !== 'web') return accepted
    const proven = { shown: isFirstStep ? 'password' : 'all', by: how.with } as const
    return {
      ...accepted,
      ticket: tickets.issue(user, { ...proven, ...(provedAt !== undefined && { provedAt }) }),
      isHalf,
    }
  }

  /** Every refusal is a guess, whatever was wrong: who counts his own would learn what is right. */
  refused({ attempt, origin }: Attempt, reason: Refused['reason'], guess: string): Refused {
    this.#parts.throttle.failed(origin, guess)
    return this.told({ attempt }, reason)
  }

  throttled(attempt: Omit<LoginAttempt, 'password'>, { by, retryAfterSeconds }: LockedOrBusy): Throttled {
    this.#parts.log.warn('sign-in.throttled', { ...logFields(attempt), by, retryAfterSeconds })
    return { kind: 'throttled', retryAfterSeconds }
  }

  count({ service }: Pick<LoginAttempt, 'service'>, { kind }: LoginVerdict): void {
    this.#parts.meter.count('sign_ins_total', { service, outcome: kind })
  }

  #busy(attempt: LoginAttempt): Throttled {
    return this.throttled(attempt, { by: 'load', retryAfterSeconds: busyRetrySeconds })
  }

  /** Without counting it as a guess. */
  told({ attempt }: Pick<Attempt, 'attempt'>, reason: Refused['reason']): Refused {
    this.#parts.log.warn('sign-in.refused', { ...logFields(attempt), reason })
    return { kind: 'refused', reason }
  }

  async #upgrade(token: Token, secret: string): Promise<void> {
    const { directory, log } = this.#parts
    try {
      await directory.writeFor(token.account, (rows) =>
        rows.replaceTokenHash(token.id, token.passwordHash, tokenHash(secret)),
      )
    } catch (error) {
      // The sign-in stands; the next one tries again.
      log.error('sign-in.token-not-upgraded', error, { tokenId: token.id })
    }
  }
}

interface How {
  readonly with: Accepted['with']
  readonly tokenId?: number
  /** The application that has the token. */
  readonly client?: string
  /** Where it was not now. */
  readonly provedAt?: number
}

type LockedOrBusy = Omit<Locked, 'by'> & { readonly by: Locked['by'] | 'load' }

/** The web knows passwords alone: a token is for programs, and must not lead to a page where tokens are made. */
function tokensFor(
  snapshot: Snapshot,
  user: User | undefined,
  { service, password }: LoginAttempt,
): readonly Token[] {
  if (!user || service === 'web' || !isTokenShaped(password)) return []
  return snapshot.tokens.get(user.account) ?? []
}

/** Mailu's matrix: who may not read by IMAP may still send, and look at his filters and calendars. */
function doorProblem(user: User, { service }: Pick<LoginAttempt, 'service'>): Refused['reason'] | undefined {
  if (!user.enabled) return 'disabled'
  const isOff = (service === 'imap' && !user.enableImap) || (service === 'pop3' && !user.enablePop)
  return isOff ? 'protocol-off' : undefined
}

/** The old server is signed in to with a password, so whoever shows something else here cannot be led there. */
export function secretlessProblem({ attempt, oldServer }: Attempt): Refused['reason'] | undefined {
  return oldServer && leadsElsewhere(attempt) ? 'password-needed-elsewhere' : undefined
}

function logFields({ login, service, ip, connection }: Omit<LoginAttempt, 'password'>) {
  return { login: login.slice(0, maxLoginLength), service, ip, connection }
}

/** A name that no address can be, as it is counted and written down. Databases differ in NUL, half characters and blanks at the end. */
function countedName(login: string): string {
  const line = login.toLowerCase().replaceAll(/\p{Cc}/gu, ' ')
  return line.slice(0, maxLoginLength).toWellFormed().trim()
}

/** The address that a login means: with an alternative domain, the user's own. */
function loginAddress(snapshot: Snapshot, login: string): Address | undefined {
  const address = parseAddress(login.trim())
  if (!address) return undefined
  const main = snapshot.mainDomains.get(domainOf(address))
  return main === undefined ? address : (`${localPartOf(address)}@${main}` as Address)
}
