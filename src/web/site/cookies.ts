import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Env } from './visit.ts'

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
