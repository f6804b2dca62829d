import type { Issued } from '../../ports/oauth.ts'
import type { TryLater } from '../../ports/runtime.ts'

const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' } as const

export const json = (value: unknown, more: Readonly<Record<string, string>> = {}, status = 200): Response =>
  new Response(JSON.stringify(value), { status, headers: { ...headers, ...more } })

/** RFC 6749 §5.2. */
export const refused = (error: string, text?: string, status = 400): Response =>
  json({ error, ...(text !== undefined && { error_description: text }) }, {}, status)

/** RFC 6749 §5.2: who showed his secret in the header is told the way it is shown. */
export const unknownClient = (): Response =>
  json(
    {
      error: 'invalid_client',
      error_description: 'This application is not known, or its secret is not right.',
    },
    { 'WWW-Authenticate': 'Basic realm="oauth"' },
    401,
  )

export const away = ({ text }: TryLater): Response =>
  json({ error: 'temporarily_unavailable', error_description: text }, { 'Retry-After': '60' }, 503)

export const tooMany = (seconds: number): Response =>
  json(
    { error: 'slow_down', error_description: 'Too many requests from this address.' },
    { 'Retry-After': String(seconds) },
    429,
  )

/** RFC 6750 §3. */
export const wrongToken = (error: 'invalid_token' | 'insufficient_scope', status: 401 | 403): Response =>
  json({ error }, { 'WWW-Authenticate': `Bearer error="${error}"` }, status)

/** RFC 6749 §5.1, OpenID Connect Core §3.1.3.3. */
export const issued = ({ accessToken, expiresInSeconds, refreshToken, idToken, scopes }: Issued): Response =>
  json({
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresInSeconds,
    scope: scopes.join(' '),
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    ...(idToken !== undefined && { id_token: idToken }),
  })
