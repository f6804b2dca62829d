import { Hono } from 'hono'
import { html } from 'hono/html'
import type { DomainRow } from '../../ports/directory-rows.ts'
import { manages } from '../site/actor.ts'
import { table } from '../site/list.ts'
import { page } from '../site/page.ts'
import type { Env } from '../site/visit.ts'
import { actorHere, at } from './page.ts'
import type { AdminParts } from './parts.ts'

/** Domains, to those who manage them. Mailu: `/domain`. */
export function domainRoutes({ admin }: AdminParts): Hono<Env> {
  return new Hono<Env>().get('/', async (c) => {
    const { frame } = c.var
    const { t } = frame
    const actor = actorHere(c)
    const rows = (await admin.domains()).filter(({ name }) => manages(actor, name))
    const counts = new Map((await admin.counts()).map((each) => [each.domain, each]))
    const ofMost = (n: number, most: number) => (most < 0 ? String(n) : `${n} / ${most}`)
    const list = table<DomainRow>({
      caption: t('nav.domains'),
      none: t('domains.none'),
      rows,
      columns: [
        { head: t('domains.name'), cell: ({ name }) => name },
        {
          head: t('nav.users'),
          cell: ({ name, maxUsers }) =>
            html`<a href="${at(c, `/user/list/${name}`)}">${ofMost(counts.get(name)?.users ?? 0, maxUsers)}</a>`,
        },
        {
          head: t('domains.aliases'),
          cell: ({ name, maxAliases }) => ofMost(counts.get(name)?.aliases ?? 0, maxAliases),
        },
        { head: t('domains.comment'), cell: ({ comment }) => comment },
      ],
    })
    return c.html(page(frame, t('nav.domains'), list))
  })
}
