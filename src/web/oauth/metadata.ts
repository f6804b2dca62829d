import { oauthScopes } from '../../lib/oauth-scopes.ts'
import type { WebSettings } from '../settings.ts'

export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

const ways = ['client_secret_basic', 'client_secret_post']

/** RFC 8414 §2 and OpenID Connect Discovery §3: one document at two addresses. */
export const metadata = ({ issuer }: Pick<WebSettings, 'issuer'>) => ({
  issuer,
  authorization_endpoint: `${issuer}/oauth/authorize`,
  token_endpoint: `${issuer}/oauth/token`,
  device_authorization_endpoint: `${issuer}/oauth/device_authorization`,
  revocation_endpoint: `${issuer}/oauth/revoke`,
  introspection_endpoint: `${issuer}/oauth/introspect`,
  userinfo_endpoint: `${issuer}/oauth/userinfo`,
  end_session_endpoint: `${issuer}/oauth/end_session`,
  jwks_uri: `${issuer}/oauth/jwks`,
  scopes_supported: oauthScopes,
  response_types_supported: ['code'],
  response_modes_supported: ['query'],
  grant_types_supported: ['authorization_code', 'refresh_token', deviceGrant],
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: [...ways, 'none'],
  revocation_endpoint_auth_methods_supported: [...ways, 'none'],
  introspection_endpoint_auth_methods_supported: ways,
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256', 'ES256'],
  claims_supported: [
    ...['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'nonce'],
    ...['email', 'email_verified', 'name', 'preferred_username'],
  ],
  prompt_values_supported: ['none', 'login', 'consent'],
  // RFC 9207 §3
  authorization_response_iss_parameter_supported: true,
  request_parameter_supported: false,
  request_uri_parameter_supported: false,
})
