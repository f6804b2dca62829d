import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { csrf } from 'hono/csrf'
import { html } from 'hono/html'
import { HTTPException } from 'hono/http-exception'
import { isLanguage } from '../../lib/page-languages.ts'
import type { Accepted } from '../../ports/credentials.ts'
import type { DirectoryReader } from '../../ports/directory-reader.ts'
import type { UserRow } from '../../ports/directory-rows.ts'
import type { Onward, WebClient } from '../../ports/web.ts'
import type { Seen, WebSessions } from '../../ports/web-sessions.ts'
import type { WebSettings } from '../settings.ts'
import { languageAskedFor, textsIn } from '../texts/texts.ts'
import { type Actor, type Audience, actorOf } from './actor.ts'
import { type Frame, page } from './page.ts'

export interface Env {
  Bindings: {
    client: WebClient
    /** Of a request for a WebSocket: takes where it leads to. */
    lead?: (onward: Onward) => void
  }
  Variables: {
    frame: Frame
    user: UserRow | undefined
    /** They are sent over HTTPS alone. */
    secureCookies: boolean
    /** Of the session that this request belongs to. */
    sessionId: string | undefined
    /** Undefined where he administers nothing. */
    actor: Actor | undefined
    /** Since its owner showed who he is. */
    sessionAgeMs: number | undefined
    signedInBy: Accepted['with'] | undefined
  }
}

interface VisitParts {
  readonly sessions: WebSessions
  readonly admin: Pick<DirectoryReader, 'user' | 'managers'>
  readonly settings: WebSettings
  readonly pages: readonly {
    readonly path: string
    readonly nav: string | undefined
    readonly who: Audience
  }[]
}

const sessionCookie = 'session'
const languageCookie = 'language'
const yearSeconds = 365 * 24 * 3600

/** Finds out who asks and in which language, before any page. */
export function visits({ sessions, admin, settings, pages }: VisitParts): MiddlewareHandler<Env> {
  return async (c, next) => {
    const asked = c.req.header('accept-language') ?? ''
    c.set('secureCookies', settings.secureCookies ?? c.env.client.secure)
    const chosen = getCookie(c, languageCookie) ?? ''
    const language = isLanguage(chosen) ? chosen : languageAskedFor(asked, settings.language)
    const { siteName, brand, timeZone, fetches } = settings
    const [path, here] = [c.req.path, hereOf(c)]
    const frame = { siteName, brand, timeZone, fetches, language, t: textsIn(language), path, here }
    c.set('frame', { ...frame, address: undefined, administration: undefined })
    const key = ownCookie(c, sessionCookie)
    const found = key === undefined ? undefined : await sessions.find(key, seenOf(c))
    // Nobody is told to sign in because the directory is away.
    if (found?.kind === 'later') return later(c)
    const session = found?.kind === 'found' ? found.session : undefined
    const user = session && (await admin.user(session.address))
    c.set('user', user)
    c.set('sessionId', session?.id)
    const { actor, administration } = await administrationOf(user, { admin, settings, pages })
    c.set('actor', actor)
    c.set('frame', { ...frame, address: user?.address, timeZone: user?.timeZone || timeZone, administration })
    c.set('sessionAgeMs', session?.ageMs)
    c.set('signedInBy', session?.signedInBy)
    await next()
    // An attached application may say otherwise of what it answers.
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store')
    c.header('Vary', 'Cookie, Accept-Language', { append: true })
    return undefined
  }
}

/** What of it there is to see for whom. */
async function administrationOf(
  user: UserRow | undefined,
  { admin, settings: { adminPath: home }, pages }: Omit<VisitParts, 'sessions'>,
) {
  const actor = user && home !== undefined ? await actorOf(admin, user) : undefined
  if (!actor || home === undefined) return { actor: undefined, administration: undefined }
  const places = pages
    .filter(({ who }) => actor.isGlobal || who === 'managers too')
    .flatMap(({ path, nav }) => (nav === undefined ? [] : [[`${home}${path}`, nav] as const]))
  return { actor, administration: { home, places } }
}

function hereOf(c: Context<Env>): string {
  const { pathname, search } = new URL(c.req.url)
  return pathname + search
}

/** Says that it does not work now. */
export function later(c: Context<Env>) {
  const { frame } = c.var
  c.header('Retry-After', '60')
  c.header('Cache-Control', 'no-store')
  return c.html(page(frame, frame.t('trouble.title'), html`<p>${frame.t('trouble.later')}</p>`), 503)
}

/** What a browser, or somebody who is none, has sent wrongly. */
export function wrongRequest(c: Context<Env>, status: HTTPException['status']) {
  const { frame } = c.var
  const { t } = frame
  c.header('Cache-Control', 'no-store')
  return c.html(
    page(frame, t('wrong.title'), html`<p>${t(wrongTexts.get(status) ?? 'wrong.request')}</p>`),
    status,
  )
}

const wrongTexts: ReadonlyMap<number, string> = new Map([
  [403, 'wrong.elsewhere'],
  [413, 'wrong.too-large'],
])

/** A form that does not say how long it is comes from no browser. RFC 9110 §15.5.12 */
export const sizedForms: MiddlewareHandler<Env> = async (c, next) => {
  if (c.req.header('transfer-encoding') !== undefined) return wrongRequest(c, 411)
  await next()
  return undefined
}

/** A form of another site is not taken. Its browser says so, or sends no sign of where it stood. */
export const ownForms: MiddlewareHandler<Env> = csrf({ origin: isOwnOrigin })

// What came over HTTPS was not on a page without: others may write on that one. Some proxies name the port, 443 too.
export function isOwnOrigin(origin: string, c: Context<Env>): boolean {
  const { protocol } = URL.canParse(origin) ? new URL(origin) : { protocol: '' }
  if (protocol !== 'https:' && (protocol !== 'http:' || c.env.client.secure)) return false
  const here = `${protocol}//${c.req.header('host')}`
  return URL.canParse(here) && new URL(here).origin === origin
}

export const seenOf = (c: Context<Env>): Seen => ({
  ip: c.env.client.ip,
  browser: c.req.header('user-agent') ?? '',
})

/** `__Host-` binds it to this name and to HTTPS, where there is HTTPS. RFC 6265bis §4.1.3.2 */
const prefixOf = (c: Context<Env>) => (c.get('secureCookies') ? { prefix: 'host' as const } : {})

/** A cookie of this name alone: no neighbour's page has set it. */
export function ownCookie(c: Context<Env>, name: string): string | undefined {
  return c.get('secureCookies') ? getCookie(c, name, 'host') : getCookie(c, name)
}

export function keepCookie(c: Context<Env>, name: string, value: string, maxAge: number): void {
  const how = { path: '/', httpOnly: true, sameSite: 'Strict', maxAge } as const
  setCookie(c, name, value, { ...how, secure: c.get('secureCookies'), ...prefixOf(c) })
}

export function dropCookie(c: Context<Env>, name: string): void {
  deleteCookie(c, name, { path: '/', secure: c.get('secureCookies'), ...prefixOf(c) })
}

export const keepSession = (c: Context<Env>, key: string, lifetimeSeconds: number): void =>
  keepCookie(c, sessionCookie, key, lifetimeSeconds)

export const dropSession = (c: Context<Env>): void => dropCookie(c, sessionCookie)

export function keepLanguage(c: Context<Env>, language: string): void {
  const how = { path: '/', secure: c.get('secureCookies'), sameSite: 'Lax', maxAge: yearSeconds } as const
  setCookie(c, languageCookie, language, how)
}

/** A place of this site to go to; whatever leads elsewhere is not followed. */
export function ownPath(asked: string | undefined, otherwise: string): string {
  if (asked === undefined || !/^\/(?![/\\])[!-~]*$/.test(asked)) return otherwise
  const here = 'http://here.invalid'
  const url = URL.canParse(asked, here) ? new URL(asked, here) : undefined
  // `/.//elsewhere` has two slashes only when its dots are gone.
  if (url?.origin !== here || url.pathname.startsWith('//')) return otherwise
  return `${url.pathname}${url.search}`
}

/** What a page says that was come back to after its form was kept. */
export const savedText = (c: Context<Env>): string | undefined =>
  c.req.query('saved') === undefined ? undefined : c.var.frame.t('form.saved')

/** Texts of a form; a file, or a field that is not there, is empty. */
export async function fieldsOf(c: Context<Env>): Promise<(name: string) => string> {
  const body = await c.req.parseBody().catch((cause: unknown) => {
    throw new HTTPException(400, { message: 'This is no form.', cause })
  })
  return (name) => {
    const value = body[name]
    return typeof value === 'string' ? value : ''
  }
}
