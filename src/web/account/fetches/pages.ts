import type { Context } from 'hono'
import { html } from 'hono/html'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import type { FetchRow } from '../../../ports/directory-rows.ts'
import type { Fetching } from '../../../ports/fetching.ts'
import { postButton } from '../../site/form.ts'
import { type Content, page } from '../../site/page.ts'
import type { Env } from '../../site/visit.ts'
import { here } from '../settings-page.ts'
import { formOfRow } from './form.ts'
import { checkOf, formOf, home, listOf, placeOf, stateOf } from './views.ts'

export interface FetchParts {
  readonly admin: DirectoryAdmin
  readonly fetching: Fetching
}

/** The pages themselves: what is fetched for whoever is signed in, and nobody else's. */
export class FetchPages {
  readonly #parts: FetchParts

  constructor(parts: FetchParts) {
    this.#parts = parts
  }

  rows(c: Context<Env>): Promise<readonly FetchRow[]> {
    return this.#parts.admin.fetches(here(c).address)
  }

  async own(c: Context<Env>): Promise<FetchRow | undefined> {
    return (await this.rows(c)).find(({ id }) => String(id) === c.req.param('id'))
  }

  async list(c: Context<Env>, said: Content = '') {
    const { frame } = c.var
    const rows = await this.rows(c)
    const tallies = await this.#parts.fetching.tallies(rows.map(({ id }) => id))
    const add = html`<p class="actions"><a href="${home}/new">${frame.t('fetches.new')}</a></p>`
    const content = html`${said} <p>${frame.t('fetches.about')}</p> ${listOf(frame, rows, tallies)} ${add}`
    return c.html(page(frame, frame.t('nav.fetches'), content))
  }

  async one(c: Context<Env>, row: FetchRow, said: Content = '', values = formOfRow(row)) {
    const { frame } = c.var
    const { t } = frame
    const place = `${home}/${row.id}`
    const tally = (await this.#parts.fetching.tallies([row.id])).get(row.id)
    const buttons = html`<div class="buttons">
        ${postButton(`${place}/run`, t('fetches.run'), 'quiet')}
        ${postButton(`${place}/check`, t('fetches.check'), 'quiet')}
        ${row.enabled ? postButton(`${place}/pause`, t('fetches.pause'), 'quiet') : postButton(`${place}/resume`, t('fetches.resume'), 'quiet')}
        ${postButton(`${place}/delete`, t('fetches.delete'))}
      </div>`
    const content = html`${said} <div class="panel">${stateOf(frame, row, tally)}</div> ${formOf(frame, place, values, false)} ${buttons}
      <p><a href="${home}">${t('tokens.back')}</a></p>`
    return c.html(page(frame, row.comment || placeOf(row), content))
  }

  /** Goes there and looks. */
  async checked(c: Context<Env>, row: FetchRow) {
    const found = await this.#parts.fetching.check(row.id)
    return found.kind === 'missing' ? c.notFound() : this.one(c, row, checkOf(c.var.frame, found))
  }
}
