import type { Session } from './session.ts'
import { isSwitchedOff } from './switched-off.ts'

/** SASL mechanisms that this client may use now. The strongest first: some clients take the first that they know. */
export function mechanisms(session: Session): string[] {
  const { connection, services, mayAuthenticate } = session
  if (!mayAuthenticate) return []
  const scram = services.settings.offerScram ? ['SCRAM-SHA-256'] : []
  // RFC 5802 §6: with a connection to bind to.
  const bound = scram.length > 0 && connection.tls ? ['SCRAM-SHA-256-PLUS'] : []
  const offered = [...bound, ...scram, 'PLAIN', 'LOGIN', 'OAUTHBEARER', 'XOAUTH2']
  return offered.filter((name) => !isSwitchedOff(session, `AUTH=${name}`))
}
