/** Everything that somebody may let an application do, in the order in which he is told. `mail` is everything that a mail program does. */
export const oauthScopes = [
  'openid',
  'profile',
  'email',
  'mail',
  'imap',
  'pop3',
  'smtp',
  'sieve',
  'api',
  'offline_access',
] as const

export type OAuthScope = (typeof oauthScopes)[number]

/** What a mail program does, for which one word is enough. */
const mailServices: readonly string[] = ['imap', 'pop3', 'smtp', 'sieve']

/** Whether a token with these signs in there. A page in a browser is opened by none. */
export function opensService(scopes: readonly OAuthScope[], service: string): boolean {
  return (
    scopes.some((scope) => scope === service) || (scopes.includes('mail') && mailServices.includes(service))
  )
}

export const isOAuthScope = (text: string): text is OAuthScope => oauthScopes.some((scope) => scope === text)

/** Of a list with blanks (RFC 6749 §3.3), what is known here and allowed to this application. What is not is left away. */
export function scopesAsked(text: string, allowed: readonly OAuthScope[]): readonly OAuthScope[] {
  const asked = new Set(text.split(' '))
  return oauthScopes.filter((scope) => asked.has(scope) && allowed.includes(scope))
}
