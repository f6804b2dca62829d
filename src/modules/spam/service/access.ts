import { isSameSecret } from '../../../lib/same-secret.ts'
import type { CredentialVerifier } from '../../../ports/credentials.ts'
import type { DirectoryReader } from '../../../ports/directory-reader.ts'
import type { WebClient } from '../../../ports/web.ts'

export interface AccessParts {
  /** ANTISPAM_TOKEN */
  readonly token: string | undefined
  readonly credentials: CredentialVerifier
  readonly directory: Pick<DirectoryReader, 'user'>
}

/** A page that made its own name lead to this machine is not this machine. */
const ownName = /^(?:localhost|\[[\da-f:]+\]|[\d.]+)$/

/**
 * This machine may, but not what a browser on it carries here for others; who knows the token, as a bearer or as rspamd's clients
 * send it; and administrators, by name and password.
 */
export async function mayAsk(request: Request, client: WebClient, parts: AccessParts): Promise<boolean> {
  const { headers, url } = request
  if (client.loopback && headers.get('origin') === null && ownName.test(new URL(url).hostname)) return true
  const [, scheme = '', sent = ''] = /^(\w+) +(\S+)$/.exec(headers.get('authorization') ?? '') ?? []
  if (scheme.toLowerCase() === 'basic') return isAdministrator(sent, client, parts)
  const token = scheme.toLowerCase() === 'bearer' ? sent : (headers.get('password') ?? '')
  return Boolean(parts.token) && token !== '' && isSameSecret(token, parts.token ?? '')
}

async function isAdministrator(
  basic: string,
  { ip, connectionId }: WebClient,
  { credentials, directory }: AccessParts,
): Promise<boolean> {
  const [, login = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic, 'base64').toString()) ?? []
  const verdict = await credentials.verify({ login, password, service: 'web', ip, connection: connectionId })
  // A program cannot be asked for a second factor.
  if (verdict.kind !== 'accepted' || verdict.isHalf) return false
  return (await directory.user(verdict.address))?.globalAdmin === true
}
