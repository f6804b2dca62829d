import type { Context } from 'hono'
import { setCookie } from 'hono/cookie'
import { html } from 'hono/html'
import type { BreachedPasswords } from '../../ports/breached-passwords.ts'
import type { Accepted, CredentialVerifier, DeviceCookies } from '../../ports/credentials.ts'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { ExternalSignIn } from '../../ports/external-sign-in.ts'
import type { Passkeys } from '../../ports/passkeys.ts'
import type { SecondFactors } from '../../ports/second-factors.ts'
import type { WebSessions } from '../../ports/web-sessions.ts'
import type { Content } from '../site/page.ts'
import { dropCookie, type Env, keepCookie, keepSession, later, ownCookie, seenOf } from '../site/visit.ts'
import { elsewhereButton } from './elsewhere-button.ts'
import { passkeyForm, passkeySite } from './passkey-form.ts'
import { type Asked, signInPage } from './sign-in-page.ts'

export interface SignInParts {
  readonly sessions: WebSessions
  readonly credentials: CredentialVerifier
  readonly factors: SecondFactors
  readonly passkeys: Passkeys
  readonly external: ExternalSignIn
  /** OIDC_BUTTON_NAME. */
  readonly providerName: string | undefined
  /** `https://mail.example.org` */
  readonly origin: string
  readonly breached: BreachedPasswords
  /** HOSTNAMES' first: what passkeys are bound to. */
  readonly hostname: string
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
  parts: SignInParts,
  { ticket = '', address, account }: Accepted,
  url: string,
) {
  const { sessions, devices, sessionSeconds } = parts
  const begun = await sessions.begin(ticket, seenOf(c))
  switch (begun.kind) {
    case 'later':
      return later(c)
    case 'over':
      return startOver(c, parts, url)
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
    secure: c.get('secureCookies'),
    sameSite: 'Strict',
    maxAge: deviceCookie.seconds,
  })
  const isNew = before?.account !== account
  return c.redirect(isNew && before ? '/account' : url, 303)
}

/** What was shown before does not count any more. */
export async function startOver(c: Context<Env>, parts: SignInParts, url: string) {
  dropHalf(c)
  return c.html(await signInAt(c, parts, { url, mistake: c.var.frame.t('sign-in.over') }), 401)
}

/** The page that everything starts at. */
export const signInAt = async (c: Context<Env>, parts: SignInParts, asked: Asked) => {
  const what = html`<p>${c.var.frame.t('passkey.use-what')}</p>`
  const others = html`${elsewhereButton(c.var.frame, parts, asked)} ${await passkeyButton(c, parts, asked.url, what)}`
  return signInPage(c.var.frame, asked, others)
}

/** Nothing where there can be no passkeys. */
export async function passkeyButton(
  c: Context<Env>,
  { passkeys, hostname }: Pick<SignInParts, 'passkeys' | 'hostname'>,
  url: string,
  what: Content = '',
): Promise<Content> {
  const site = passkeySite(c, hostname)
  if (!site) return ''
  return passkeyForm(c.var.frame, {
    action: '/sso/passkey',
    options: await passkeys.request(site),
    button: c.var.frame.t('passkey.use'),
    fields: html`${what}<input type="hidden" name="url" value="${url}">`,
  })
}

/** The ticket of whoever has shown his password and nothing else. */
export const halfOf = (c: Context<Env>): string | undefined => ownCookie(c, half.name)

const keepHalf = (c: Context<Env>, ticket: string): void => keepCookie(c, half.name, ticket, half.seconds)

function dropHalf(c: Context<Env>): void {
  if (halfOf(c) !== undefined) dropCookie(c, half.name)
}
