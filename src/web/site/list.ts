import type { Context } from 'hono'
import { html } from 'hono/html'
import type { Content, Frame } from './page.ts'
import type { Env } from './visit.ts'

export type Cell = Exclude<Content, ''> | string | number

/** `cell` tells a row's value; that of the first column names the row. */
export interface Column<Row> {
  readonly head: string
  readonly cell: (row: Row) => Cell
}

interface Table<Row> {
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  /** Said where there are no rows. */
  readonly none: string
}

/** Rows become cards where the screen is narrow. */
export function table<Row>({ caption, columns, rows, none }: Table<Row>) {
  if (rows.length === 0) return html`<p class="panel">${none}</p>`
  const heads = columns.map(({ head }) => html`<th scope="col">${head}</th>`)
  return html`<div class="panel">
        <table class="cards">
          <caption class="skip">${caption}</caption>
          <thead><tr>${heads}</tr></thead>
          <tbody>${rows.map(
            (row) => html`
            <tr>${columns.map((column, at) => cellOf(column, row, at === 0))}</tr>`,
          )}
          </tbody>
        </table>
      </div>`
}

function cellOf<Row>({ head, cell }: Column<Row>, row: Row, isFirst: boolean): Content {
  if (isFirst) return html`<th scope="row">${cell(row)}</th>`
  const content = cell(row)
  return html`<td data-head="${head}">${content === '' ? '' : html`<div>${content}</div>`}</td>`
}

/** What is special about a row; `false` is not said. */
export const badges = (said: readonly (string | false)[]) =>
  html`${said.map((text) => (text === false ? '' : html`<span class="badge">${text}</span> `))}`

export const rowsPerPage = 50

/** Which page of a list is asked for: `q` is searched for, `after` or `before` is the row next to it. */
export function asked(c: Context<Env>) {
  const { q = '', after = '', before } = c.req.query()
  return { text: q.trim(), from: before ? { before } : { after }, most: rowsPerPage }
}

export function searchForm({ t }: Frame, text: string) {
  return html`<form class="search" role="search">
        <div><label for="q">${t('list.search')}</label>
        <input id="q" name="q" type="search" value="${text}" maxlength="200"></div>
        <button class="quiet">${t('list.find')}</button>
      </form>`
}

interface Around<Row> {
  readonly rows: readonly Row[]
  readonly isFirst: boolean
  readonly isLast: boolean
  /** What `after` and `before` name. */
  readonly keyOf: (row: Row) => string | number
  readonly text: string
  /** What else was asked for. */
  readonly more?: Readonly<Record<string, string>>
}

/** To the pages before and after this one. */
export function pager<Row>({ t }: Frame, { rows, isFirst, isLast, keyOf, text, more = {} }: Around<Row>) {
  const [first, last] = [rows[0], rows.at(-1)]
  const link = (to: 'before' | 'after', row: Row, name: string) => {
    const query = new URLSearchParams({ ...(text !== '' && { q: text }), ...more, [to]: String(keyOf(row)) })
    return html`<a href="?${query.toString()}" rel="${to === 'after' ? 'next' : 'prev'}">${name}</a>`
  }
  const back = isFirst || first === undefined ? '' : link('before', first, t('list.before'))
  const on = isLast || last === undefined ? '' : link('after', last, t('list.after'))
  return back === '' && on === '' ? '' : html`<p class="actions">${back} ${on}</p>`
}
