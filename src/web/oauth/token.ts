import { isOAuthScope } from '../../lib/oauth-scopes.ts'
import type { OAuthServer } from '../../ports/oauth.ts'
import { away, issued, refused } from './answers.ts'
import type { Asking } from './client.ts'
import { deviceGrant } from './metadata.ts'

/** RFC 6749 §3.2: tokens for a code, for a refresh token, or for a code that somebody has typed. */
export async function tokenAnswer(oauth: OAuthServer, asking: Asking): Promise<Response> {
  switch (asking.form['grant_type']) {
    case 'authorization_code':
      return forCode(oauth, asking)
    case 'refresh_token':
      return forRefreshToken(oauth, asking)
    case deviceGrant:
      return forDevice(oauth, asking)
    case undefined:
      return refused('invalid_request', 'Say grant_type.')
    default:
      return refused('unsupported_grant_type')
  }
}

/** RFC 7636 §4.1. */
const verifierForm = /^[A-Za-z0-9\-._~]{43,128}$/

async function forCode({ grants }: OAuthServer, { client, form, ip }: Asking): Promise<Response> {
  const { code, redirect_uri: redirectUri, code_verifier: verifier = '' } = form
  if (code === undefined || redirectUri === undefined || !verifierForm.test(verifier))
    return refused('invalid_request', 'Say code, redirect_uri and code_verifier.')
  const outcome = await grants.redeem({ client: client.id, code, redirectUri, verifier, ip })
  switch (outcome.kind) {
    case 'issued':
      return issued(outcome)
    case 'later':
      return away(outcome)
    case 'invalid':
      return refused('invalid_grant')
  }
}

async function forRefreshToken({ grants }: OAuthServer, { client, form, ip }: Asking): Promise<Response> {
  const { refresh_token: token, scope } = form
  if (token === undefined) return refused('invalid_request', 'Say refresh_token.')
  const names = scope?.split(' ') ?? []
  const scopes = names.filter(isOAuthScope)
  if (scopes.length < names.length) return refused('invalid_scope')
  const outcome = await grants.refresh({
    client: client.id,
    token,
    ip,
    ...(scope !== undefined && { scopes }),
  })
  switch (outcome.kind) {
    case 'issued':
      return issued(outcome)
    case 'later':
      return away(outcome)
    case 'invalid':
      return refused('invalid_grant')
    case 'wrong-scope':
      return refused('invalid_scope')
  }
}

/** RFC 8628 §3.5. */
const deviceErrors = {
  pending: 'authorization_pending',
  'slow-down': 'slow_down',
  denied: 'access_denied',
  expired: 'expired_token',
  invalid: 'invalid_grant',
} as const

async function forDevice({ devices }: OAuthServer, { client, form, ip }: Asking): Promise<Response> {
  const { device_code: deviceCode } = form
  if (deviceCode === undefined) return refused('invalid_request', 'Say device_code.')
  if (!client.device) return refused('unauthorized_client')
  const outcome = await devices.poll({ client: client.id, deviceCode, ip })
  if (outcome.kind === 'issued') return issued(outcome)
  return outcome.kind === 'later' ? away(outcome) : refused(deviceErrors[outcome.kind])
}
