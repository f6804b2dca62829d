import type { Context, MiddlewareHandler } from 'hono'
import type { Env } from '../site/visit.ts'

/** What guards an account, or all of them, is for whoever has just signed in, not for whoever finds a browser open. */
const freshMs = 15 * 60_000

/** Others sign in again, and come back to that place. */
export const freshly =
  (place: (c: Context<Env>) => string): MiddlewareHandler<Env> =>
  async (c, next) => {
    if ((c.get('sessionAgeMs') ?? freshMs) < freshMs) return next()
    return c.redirect(`/sso/login?again&url=${encodeURIComponent(place(c))}`, 303)
  }
