import type { Session } from './session.ts'

/** SASL mechanisms that this client may use now. The strongest first: some clients take the first that they know. */
export function mechanisms({ connection, services, mayAuthenticate }: Session): string[] {
  if (!mayAuthenticate) return []
  const scram = services.settings.offerScram ? ['SCRAM-SHA-256'] : []
  // RFC 5802 §6: with a connection to bind to.
  const bound = scram.length > 0 && connection.tls ? ['SCRAM-SHA-256-PLUS'] : []
  return [...bound, ...scram, 'PLAIN', 'LOGIN']
}
