import { createHmac, timingSafeEqual } from 'node:crypto'
import { parseAddress } from '../../../lib/address.ts'
import type { CredentialVerifier, LoginAttempt, LoginVerdict } from '../../../ports/credentials.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import type { SessionPasswords } from '../../../ports/web-sessions.ts'
import type { Directory } from '../directory/directory.ts'
import { eq } from '../directory/drizzle.ts'
import type { User } from '../directory/rows.ts'
import { sessions } from '../directory/schema.ts'
import { orLater } from '../directory/trouble.ts'
import { leadsElsewhere, oldServerOf } from '../elsewhere.ts'
import { isOver, type SessionSettings } from '../sessions.ts'

interface Needs {
  readonly directory: Directory
  readonly credentials: CredentialVerifier
  readonly key: () => Buffer
  readonly settings: SessionSettings
  readonly clock: Clock
  readonly log: Log
}

interface Owner {
  readonly user: User
  readonly isElsewhere: boolean
}

/** Mailu’s form of it. */
const form = /^token-[\w-]{43}$/

/**
 * Nothing is stored: the password of a session is made from its id with a key of this server, and is good while that session is.
 */
export function createSessionPasswords(needs: Needs): {
  readonly sessionPasswords: SessionPasswords
  readonly attached: CredentialVerifier
} {
  const { directory, credentials, key, settings, clock, log } = needs
  const passwordOf = (id: string) =>
    `token-${createHmac('sha256', key()).update(`session ${id}`).digest('base64url')}`

  async function ownerOf(attempt: LoginAttempt): Promise<Owner | undefined> {
    const { login, password } = attempt
    const address = form.test(password) ? parseAddress(login) : undefined
    const snapshot = await directory.snapshot()
    const user = address && snapshot.users.get(address)
    if (!user?.enabled) return undefined
    const isElsewhere = leadsElsewhere(attempt) && oldServerOf(snapshot, user) !== undefined
    const rows = await directory.database.db.select().from(sessions).where(eq(sessions.account, user.account))
    const given = Buffer.from(password)
    const now = clock.now()
    return rows.some((row) => {
      const own = Buffer.from(passwordOf(row.id))
      return !isOver(row, now, settings) && own.length === given.length && timingSafeEqual(own, given)
    })
      ? { user, isElsewhere }
      : undefined
  }

  async function verify(attempt: LoginAttempt): Promise<LoginVerdict> {
    const owner = await orLater(async () => (await ownerOf(attempt)) ?? ({ kind: 'missing' } as const))
    if ('user' in owner) {
      const { account, address } = owner.user
      const { service, ip, connection } = attempt
      if (owner.isElsewhere) {
        const reason = 'password-needed-elsewhere'
        log.warn('sign-in.refused', { login: address, service, ip, connection, reason })
        return { kind: 'refused', reason }
      }
      log.info('sign-in.accepted', { login: address, service, ip, connection, account, with: 'session' })
      return { kind: 'accepted', account, address, with: 'token' }
    }
    // These ports are without TLS: a password is never looked at here, an app token is.
    return owner.kind === 'later' ? owner : credentials.verify({ ...attempt, bearer: true })
  }
  return { sessionPasswords: { of: passwordOf }, attached: { verify } }
}
