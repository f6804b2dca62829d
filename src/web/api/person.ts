import type { ApiAccess } from '../../ports/api-access.ts'
import type { CredentialVerifier } from '../../ports/credentials.ts'
import type { DirectoryReader } from '../../ports/directory-reader.ts'
import type { UserRow } from '../../ports/directory-rows.ts'
import { away, message, tooMany } from './answer.ts'

interface Parts {
  readonly access: ApiAccess
  readonly credentials: CredentialVerifier
  readonly admin: Pick<DirectoryReader, 'user'>
}

interface From {
  readonly ip: string
  readonly connection: string
  readonly client: string
}

/** Mailu: `user_token_authorization`. `Authentication: ann@example.org:APP-PASSWORD`, each perhaps percent-encoded. */
export async function personAsking(
  sent: string | undefined,
  { access, credentials, admin }: Parts,
  from: From,
): Promise<UserRow | Response> {
  if (!sent) return message(401, 'A valid Authentication header is mandatory')
  const colon = sent.indexOf(':')
  if (colon < 0) {
    const counted = await access.verify({ token: '', ...from })
    if (counted.kind === 'throttled') return tooMany(counted.retryAfterSeconds)
    return message(401, 'Invalid credentials format (expected email:token)')
  }
  const [login, password] = [decoded(sent.slice(0, colon)), decoded(sent.slice(colon + 1))]
  const verdict = await credentials.verify({ login, password, bearer: true, service: 'api', ...from })
  switch (verdict.kind) {
    case 'accepted':
      return (await admin.user(verdict.address)) ?? message(403, 'Invalid credentials')
    case 'refused':
      return message(403, 'Invalid credentials')
    case 'throttled':
      return tooMany(verdict.retryAfterSeconds)
    case 'later':
      return away(verdict.text)
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
