import { createHash, timingSafeEqual } from 'node:crypto'
import type { WebClient } from '../ports/web.ts'

/** This machine may, and who knows the token. */
export function mayReadMetrics(
  client: WebClient,
  authorization: string | undefined,
  token: string | undefined,
): boolean {
  if (client.loopback) return true
  const sent = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  return token !== undefined && token !== '' && sent !== undefined && sameSecret(sent, token)
}

/** Takes the same time wherever the two differ. */
function sameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
