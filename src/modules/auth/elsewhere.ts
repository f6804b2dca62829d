import { type Address, domainOf } from '../../lib/address.ts'
import { here, type OldServer, oldLogin, parseOldServer } from '../../lib/old-server.ts'
import { relayTargetText } from '../../lib/relay-target.ts'
import type { LoginAttempt } from '../../ports/credentials.ts'
import type { OldSignIn } from '../../ports/old-servers.ts'
import type { Way } from '../../ports/outgoing-queue.ts'
import type { User } from './directory/rows.ts'
import type { Snapshot } from './directory/snapshot.ts'

/** In place of a hash, and of a password: the first one that the old server takes becomes it. */
export const notKnownYet = '*'

/** The server that still has this user's mail; undefined where it is this one. */
export function oldServerOf(snapshot: Pick<Snapshot, 'domains'>, user: User): OldServer | undefined {
  const text = user.oldServer || snapshot.domains.get(domainOf(user.address))?.oldServer || here
  return text === here ? undefined : parseOldServer(text)
}

/** By which way mail for one of our users leaves again; undefined where it stays, or is not for one of them. */
export function wayElsewhere(snapshot: Snapshot, recipient: Address): Way | undefined {
  const user = snapshot.users.get(recipient)
  const server = user && oldServerOf(snapshot, user)
  if (!server) return undefined
  const { host, smtpPort: port } = server
  return `via:${relayTargetText({ protocol: 'smtp', host, port, byMx: false })}`
}

/** Filters, calendars and pages are here, wherever the mail is. */
export const leadsElsewhere = ({ service }: Pick<LoginAttempt, 'service'>): boolean =>
  service === 'imap' || service === 'pop3' || service === 'smtp'

export const oldSignIn = (server: OldServer, user: User, password: string): OldSignIn => ({
  server,
  login: oldLogin(server, user.address),
  password,
})
