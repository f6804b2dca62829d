import { isSameSecret } from '../lib/same-secret.ts'
import type { WebClient } from '../ports/web.ts'

/** This machine may, and who knows the token. */
export function mayReadMetrics(
  client: WebClient,
  authorization: string | undefined,
  token: string | undefined,
): boolean {
  if (client.loopback) return true
  const sent = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  return token !== undefined && token !== '' && sent !== undefined && isSameSecret(sent, token)
}
