import type { OAuthScope } from '../../lib/oauth-scopes.ts'

/** The keys of what each lets an application do. */
export const scopeTexts = {
  openid: 'oauth.openid',
  profile: 'oauth.profile',
  email: 'oauth.email',
  offline_access: 'oauth.offline',
  mail: 'oauth.mail',
  imap: 'tokens.imap',
  pop3: 'tokens.pop3',
  smtp: 'tokens.smtp',
  sieve: 'tokens.sieve',
  api: 'tokens.api',
} as const satisfies Record<OAuthScope, string>
