import { isSameSecret } from '../../../lib/same-secret.ts'
import type { WebClient } from '../../../ports/web.ts'

/** A page that made its own name lead to this machine is not this machine. */
const ownName = /^(?:localhost|\[[\da-f:]+\]|[\d.]+)$/

/**
 * This machine may, but not what a browser on it carries here for others; and who knows the token: as a bearer, or as rspamd's
 * clients send it.
 */
export function mayAsk(
  { headers, url }: Request,
  { loopback }: WebClient,
  token: string | undefined,
): boolean {
  if (loopback && headers.get('origin') === null && ownName.test(new URL(url).hostname)) return true
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  const sent = bearer ?? headers.get('password') ?? ''
  return token !== undefined && token !== '' && sent !== '' && isSameSecret(sent, token)
}
