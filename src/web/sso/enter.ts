import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Accepted, CredentialVerifier, DeviceCookies } from '../../ports/credentials.ts'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { SecondFactors } from '../../ports/second-factors.ts'
import type { WebSessions } from '../../ports/web-sessions.ts'
import { type Env, keepSession, later, prefixOf, seenOf } from '../site/visit.ts'
import { signInPage } from './sign-in-page.ts'

export interface SignInParts {
  readonly sessions: WebSessions
  readonly credentials: CredentialVerifier
  readonly factors: SecondFactors
  readonly devices: DeviceCookies
  readonly admin: DirectoryAdmin
  /** PERMANENT_SESSION_LIFETIME. */
  readonly sessionSeconds: number
}

/** Mailu's name and place. */
export const deviceCookie = { name: 'rate_limit', path: '/sso/login', seconds: 365 * 24 * 3600 }
const half = { name: 'half-signed-in', seconds: 600 }

/** Begins the session and goes where he wanted to, or asks for the second factor first. */
export async function enter(
  c: Context<Env>,
  { sessions, devices, sessionSeconds }: SignInParts,
  { ticket = '', address, account }: Accepted,
  url: string,
) {
  const begun = await sessions.begin(ticket, seenOf(c))
  switch (begun.kind) {
    case 'later':
      return later(c)
    case 'over':
      return startOver(c, url)
    case 'second-factor':
      keepHalf(c, ticket)
      return c.redirect(`/sso/second?url=${encodeURIComponent(url)}`, 303)
    case 'begun':
      break
  }
  // Who signs in again, before something that matters, has one session afterwards.
  const [before, beforeId] = [c.get('user'), c.get('sessionId')]
  if (before && beforeId !== undefined) await sessions.end(before.account, beforeId)
  dropHalf(c)
  keepSession(c, begun.key, sessionSeconds)
  setCookie(c, deviceCookie.name, await devices.issue(address), {
    path: deviceCookie.path,
    httpOnly: true,
    secure: c.env.client.secure,
    sameSite: 'Strict',
    maxAge: deviceCookie.seconds,
  })
  const isNew = before?.account !== account
  return c.redirect(isNew && before ? '/account' : url, 303)
}

/** What was shown before does not count any more. */
export function startOver(c: Context<Env>, url: string) {
  const { frame } = c.var
  dropHalf(c)
  return c.html(signInPage(frame, { url, mistake: frame.t('sign-in.over') }), 401)
}

/** The ticket of whoever has shown his password and nothing else. */
export function halfOf(c: Context<Env>): string | undefined {
  return c.env.client.secure ? getCookie(c, half.name, 'host') : getCookie(c, half.name)
}

function keepHalf(c: Context<Env>, ticket: string): void {
  const { secure } = c.env.client
  const how = { path: '/', httpOnly: true, secure, sameSite: 'Strict', maxAge: half.seconds } as const
  setCookie(c, half.name, ticket, { ...how, ...prefixOf(c) })
}

function dropHalf(c: Context<Env>): void {
  if (halfOf(c) === undefined) return
  deleteCookie(c, half.name, { path: '/', secure: c.env.client.secure, ...prefixOf(c) })
}
