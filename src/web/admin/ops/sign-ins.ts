import { Hono } from 'hono'
import { html } from 'hono/html'
import type { SignInLock } from '../../../ports/credentials.ts'
import { told } from '../../site/form.ts'
import { table } from '../../site/list.ts'
import { page } from '../../site/page.ts'
import { type Env, fieldsOf } from '../../site/visit.ts'
import { actorHere, at } from '../page.ts'
import { span } from './facts.ts'
import type { OpsParts } from './parts.ts'

/** Far more are locked out only while somebody attacks from everywhere. */
const mostShown = 500

/** Who is locked out by wrong passwords. */
export function signInRoutes({ locks, admin }: Pick<OpsParts, 'locks' | 'admin'>): Hono<Env> {
  return new Hono<Env>()
    .get('/', async (c) => {
      const { frame } = c.var
      const { t } = frame
      const all = await locks.list()
      const home = at(c, '/sign-ins')
      const content = html`${told(c.req.query('cleared') === undefined ? undefined : t('locks.cleared'))}
      <p>${t('locks.about')}</p>
      ${table<SignInLock>({
        caption: t('locks.title'),
        none: t('locks.none'),
        rows: all.slice(0, mostShown),
        columns: [
          { head: t('locks.who'), cell: ({ who }) => who.slice(0, 320) },
          {
            head: t('locks.kind'),
            cell: ({ kind }) => t(kind === 'login' ? 'locks.login' : 'locks.network'),
          },
          { head: t('locks.from'), cell: ({ from }) => from ?? '' },
          { head: t('locks.left'), cell: ({ retryAfterSeconds }) => span(frame, retryAfterSeconds * 1000) },
          {
            head: t('locks.end'),
            cell: ({ who }) =>
              html`<form method="post" action="${home}"><input type="hidden" name="who" value="${who}"><button class="quiet">${t('locks.clear')}</button></form>`,
          },
        ],
      })}
      ${all.length > mostShown ? html`<p class="hint">${t('locks.more', { count: all.length - mostShown })}</p>` : ''}`
      return c.html(page(frame, t('locks.title'), content))
    })
    .post('/', async (c) => {
      const who = (await fieldsOf(c))('who')
      const cleared = await locks.clear(who)
      if (cleared.kind === 'cleared')
        await admin.record(
          { on: 'sign-in', key: who.slice(0, 320), did: 'deleted', columns: [] },
          actorHere(c).user.address,
        )
      return c.redirect(`${at(c, '/sign-ins')}?cleared`, 303)
    })
}
