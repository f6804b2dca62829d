import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { domainOf, parseAddress } from '../../../lib/address.ts'
import { networkOf } from '../../../lib/network-of.ts'
import { isSameSecret } from '../../../lib/same-secret.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { DirectoryWriter } from '../../../ports/directory-writer.ts'
import type { ExternalAnswer, ExternalSignIn } from '../../../ports/external-sign-in.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import type { Directory } from '../directory/directory.ts'
import { and, eq } from '../directory/drizzle.ts'
import { sessions } from '../directory/schema.ts'
import { orLater } from '../directory/trouble.ts'
import { without } from '../directory/without.ts'
import { MovingWindow } from '../limits/moving-window.ts'
import type { Secrets } from '../secrets.ts'
import type { Credentials } from '../sign-in/credentials.ts'
import { link, linkedAccount, linksOf, noteUse, unlink } from './links.ts'
import { type Checks, type Identity, Provider, type ProviderSettings } from './provider.ts'

/** OIDC_*. */
export interface ExternalSettings extends ProviderSettings {
  /** OIDC_TRUST_EMAIL: addresses count that it does not call verified. */
  readonly trustsEmail: boolean
  /** OIDC_CREATE: whoever is not there yet gets an account. */
  readonly creates: boolean
}

interface Needs {
  readonly settings: ExternalSettings | undefined
  readonly directory: Directory
  readonly credentials: Credentials
  readonly secrets: Secrets
  readonly writer: Pick<DirectoryWriter, 'add'>
  readonly clock: Clock
  readonly log: Log
}

interface Kept extends Checks {
  readonly url: string
  readonly until: number
}

const goodMs = 10 * 60_000
const longestUrl = 1_000
const longestName = 100
/** Sign-ins that were finished; none is finished twice. */
const remembered = 20_000
/** Wrong answers from one network. */
const guesses = { count: 20, seconds: 3_600 }
const networkSizes = { v4Bits: 24, v6Bits: 48 }

/** Keeps nothing of browsers that are away: what they come back with is sealed, and says itself until when it is good. */
export function createExternalSignIn(needs: Needs): ExternalSignIn {
  const { settings, directory, secrets, clock, log } = needs
  const provider = settings && new Provider(settings, clock)
  const failed = (cause: unknown) => {
    log.warn('sign-in.provider-failed', { reason: reasonOf(cause) })
    return { kind: 'failed' } as const
  }

  return {
    begin: async ({ url, again }) => {
      if (!provider) return { kind: 'failed' }
      const random = () => randomBytes(32).toString('base64url')
      const checks: Checks = { state: random(), nonce: random(), verifier: random(), again }
      const kept: Kept = {
        ...checks,
        url: url.length > longestUrl ? '/account' : url,
        until: clock.now() + goodMs,
      }
      try {
        const location = await provider.signInUrl(checks)
        return { kind: 'begun', location, kept: secrets.seal(purpose + JSON.stringify(kept)) }
      } catch (cause) {
        return failed(cause)
      }
    },

    finish: createFinish(needs, provider, failed),

    signOutUrl: async (returnTo) => {
      try {
        return await provider?.signOutUrl(returnTo)
      } catch (cause) {
        failed(cause)
        return undefined
      }
    },

    signedOut: (token) =>
      orLater(async () => {
        const person = await provider?.signedOut(token).catch(failed)
        if (!person || 'kind' in person) return { kind: 'refused' } as const
        const account = await linkedAccount(directory, person)
        if (account !== undefined) await endSessions(directory, account)
        return { kind: 'ended' } as const
      }),

    links: async (account) => (await linksOf(directory, account)).map((row) => without(row, 'account')),

    unlink: (account, id, actor) =>
      orLater(async () => {
        const removed = await unlink(directory, { account, id, actor })
        // Whoever came by it is out: it is removed because he is somebody else.
        if (removed) await endSessions(directory, account)
        return { kind: removed ? 'removed' : 'missing' } as const
      }),
  }
}

/** Sealed texts for other purposes are not taken. */
const purpose = 'external sign-in '

function createFinish(
  { settings, secrets, clock, log, ...needs }: Needs,
  provider: Provider | undefined,
  failed: (cause: unknown) => { readonly kind: 'failed' },
): ExternalSignIn['finish'] {
  const finished = new LRUCache<string, true>({ max: remembered })
  const wrong = new MovingWindow('external', guesses)

  const begunWith = ({ kept: sealed, query }: ExternalAnswer): Kept | undefined => {
    const text = secrets.unseal(sealed)
    if (text?.startsWith(purpose) !== true) return undefined
    const kept = JSON.parse(text.slice(purpose.length)) as Kept
    const state = new URLSearchParams(query).get('state') ?? ''
    const isBegun = isSameSecret(kept.state, state) && kept.until > clock.now() && !finished.has(state)
    return isBegun ? kept : undefined
  }

  return async (answer) => {
    const kept = begunWith(answer)
    if (!provider || !settings || !kept) return { kind: 'over' }
    const network = networkOf(answer.ip, networkSizes)
    const retryAfterSeconds = wrong.secondsToRoom(network, 1, clock.now())
    if (retryAfterSeconds > 0) return { kind: 'throttled', retryAfterSeconds }
    finished.set(kept.state, true)
    try {
      const told = await provider.identity(answer.query, kept)
      switch (told.kind) {
        case 'declined':
          log.info('sign-in.declined', { reason: told.reason.slice(0, 100), connection: answer.connection })
          return { kind: 'declined' }
        case 'wrong-code':
          wrong.spend(network, 1, clock.now())
          return { kind: 'over' }
        case 'identity':
          break
      }
      const verdict = await orLater(() => signIn({ ...needs, settings }, told, answer))
      return verdict.kind === 'accepted' ? { ...verdict, url: kept.url } : verdict
    } catch (cause) {
      return failed(cause)
    }
  }
}

type Found = Pick<Needs, 'directory' | 'credentials' | 'writer'> & { readonly settings: ExternalSettings }

/** Whoever was here before is found by what he is there, whatever address he has there now. */
async function signIn(needs: Found, person: Identity, { ip, connection }: ExternalAnswer) {
  const { directory, credentials } = needs
  const { issuer, subject, provedAt } = person
  const attempt = (login: string) => ({ login, service: 'web', ip, connection }) as const
  const account = await linkedAccount(directory, { issuer, subject })
  const linked = account === undefined ? undefined : (await directory.snapshot()).byAccount.get(account)
  const login = account === undefined ? countedEmail(needs, person) : linked?.address
  const refused = (reason: 'unknown' | 'disabled') => ({
    ...credentials.told({ attempt: attempt(login ?? '') }, reason),
    // Whose account is deleted soon is not told another reason.
    login: login ?? (account === undefined ? undefined : (person.email ?? subject)),
  })
  if (login === undefined) return refused('unknown')
  if (account === undefined) {
    const problem = await createWhereMissing(needs, login, person)
    if (problem !== undefined) return { kind: 'not-made', text: problem } as const
  }
  const known = credentials.known(await directory.snapshot(), attempt(login))
  const { user } = known
  if (!user) return refused('unknown')
  if (!user.enabled) return refused('disabled')
  if (account !== undefined) await noteUse(directory, { issuer, subject })
  else if (!(await link(directory, user.account, { issuer, subject })))
    return { kind: 'other-person', login: user.address } as const
  return credentials.accepted(known, user, { with: 'provider', provedAt })
}

/** An address that somebody has only claimed is nobody's. */
function countedEmail({ settings }: Found, { email, isVerified }: Identity): string | undefined {
  return email !== undefined && (isVerified || settings.trustsEmail) ? parseAddress(email.trim()) : undefined
}

/** Why there is no account, in words. Another name of a domain has no users of its own. */
async function createWhereMissing(
  { settings, directory, writer }: Found,
  login: string,
  { name }: Identity,
): Promise<string | undefined> {
  const address = settings.creates ? parseAddress(login) : undefined
  const { users, domains } = await directory.snapshot()
  if (!address || users.has(address) || !domains.has(domainOf(address))) return undefined
  const displayedName = name
    .replaceAll(/\p{Cc}/gu, ' ')
    .toWellFormed()
    .trim()
    .slice(0, longestName)
  const password = randomBytes(24).toString('base64url')
  const added = await writer.add('user', { address, password, displayedName }, 'provider')
  if (added.kind === 'later') return added.text
  // Two at once: one of them was first.
  return added.kind === 'refused' && added.reason !== 'exists' ? added.text : undefined
}

const endSessions = (directory: Directory, account: AccountId) =>
  directory.writeQuietly(async ({ db }) => {
    const begunThere = and(eq(sessions.account, account), eq(sessions.signedInBy, 'provider'))
    await db.delete(sessions).where(begunThere)
  })

/** The packages tell what was wrong in the cause of what they throw. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
