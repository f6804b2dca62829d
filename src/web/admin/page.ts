import type { Context, Hono, MiddlewareHandler } from 'hono'
import { html } from 'hono/html'
import type { Actor, Audience } from '../site/actor.ts'
import { page } from '../site/page.ts'
import type { Env } from '../site/visit.ts'

/** One part of the administration. Its routes are asked by nobody who may not see it; whose objects they touch they look at themselves. */
export interface AdminPage {
  /** Below WEB_ADMIN: `/queue`. */
  readonly path: string
  /** The key of its name in the navigation; undefined where other pages lead there. */
  readonly nav: string | undefined
  readonly who: Audience
  readonly routes: Hono<Env>
}

/** Behind the guard of `routes.ts`. */
export function actorHere(c: Context<Env>): Actor {
  const actor = c.get('actor')
  if (!actor) throw new Error('a page of the administration without anybody who may see it')
  return actor
}

/** The whole path of a page of the administration, and of what it is about. */
export function at(c: Context<Env>, path: string, name?: string): string {
  const about = name === undefined ? '' : `/${encodeURIComponent(name).replaceAll('%40', '@')}`
  return `${c.var.frame.administration?.home ?? ''}${path}${about}`
}

/** Says that this is somebody else's. */
export function forbidden(c: Context<Env>) {
  const { frame } = c.var
  return c.html(page(frame, frame.t('forbidden.title'), html`<p>${frame.t('forbidden.text')}</p>`), 403)
}

export const globalAdminsOnly: MiddlewareHandler<Env> = async (c, next) => {
  if (c.get('actor')?.isGlobal !== true) return forbidden(c)
  await next()
  return undefined
}
