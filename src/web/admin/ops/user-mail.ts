import { Hono } from 'hono'
import { html } from 'hono/html'
import { rulesOf, traceList } from '../../account/mail/routes.ts'
import { asked, pager, rowsPerPage, searchForm } from '../../site/list.ts'
import { page } from '../../site/page.ts'
import type { Env } from '../../site/visit.ts'
import { managedUser } from '../managed.ts'
import type { OpsParts } from './parts.ts'

/** Where somebody's mail is: what was sent to him and by him, refused ones too. */
export function userMailRoutes({
  traces,
  rules,
  admin,
}: Pick<OpsParts, 'traces' | 'rules' | 'admin'>): Hono<Env> {
  return new Hono<Env>().get('/:address', async (c) => {
    const user = await managedUser(c, admin)
    if (!user) return c.notFound()
    const { frame } = c.var
    const { text, from } = asked(c)
    const before = 'after' in from ? Number(from.after) : 0
    const found = await traces.list(user.account, {
      atMost: rowsPerPage + 1,
      containing: text,
      ...(Number.isSafeInteger(before) && before > 0 && { before }),
    })
    const rows = found.slice(0, rowsPerPage)
    const why = await rulesOf({ store: rules }, user.account, rows)
    const around = pager(frame, {
      rows,
      isFirst: true,
      isLast: found.length <= rowsPerPage,
      keyOf: ({ number }) => number,
      text,
    })
    const content = html`${searchForm(frame, text)}
      ${traceList({ ...frame, address: user.address }, rows, why) || html`<p class="panel">${frame.t('list.nothing-found')}</p>`}
      ${around}`
    return c.html(page(frame, frame.t('user-mail.title', { address: user.address }), content))
  })
}
