import type { OAuthServer } from '../../../ports/oauth.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import type { Directory } from '../directory/directory.ts'
import type { Secrets } from '../secrets.ts'
import type { SessionSettings } from '../sessions.ts'
import { createOAuthClients } from './clients.ts'
import { createOAuthDevices } from './devices.ts'
import { createOAuthGrants } from './grants.ts'
import { SigningKeys } from './keys.ts'
import { createOAuthRequests } from './request-rate.ts'
import { createTokenLook } from './token-look.ts'

interface Needs {
  readonly directory: Directory
  readonly secrets: Pick<Secrets, 'seal' | 'unseal'>
  readonly settings: SessionSettings & { readonly issuer: string }
  readonly clock: Clock
  readonly log: Log
}

/** Our own authorization server. docs/adr/041-oauth-server.md */
export function createOAuthServer({ directory, secrets, settings, clock, log }: Needs): OAuthServer {
  const keys = new SigningKeys({ directory, secrets, issuer: settings.issuer, clock })
  const needs = { directory, keys, settings, clock, log }
  return {
    clients: createOAuthClients(directory),
    grants: createOAuthGrants({ ...needs, look: createTokenLook(needs) }),
    devices: createOAuthDevices(needs),
    keys: keys.port,
    requests: createOAuthRequests(clock),
  }
}
