import { type Context, Hono } from 'hono'
import { html, raw } from 'hono/html'
import { readUserTable, type TableMistake, tableHead, tableLine } from '../../../lib/user-table.ts'
import { nextTurn } from '../../../platform/next-turn.ts'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import { told } from '../../site/form.ts'
import { table } from '../../site/list.ts'
import { type Content, type Frame, page } from '../../site/page.ts'
import { type Env, later, wrongRequest } from '../../site/visit.ts'
import { actorHere, at } from '../page.ts'
import { applyTable, type LineOutcome } from './import-plan.ts'

/** Passwords are hashed slowly, and nobody waits for more of them before a page. */
const mostRows = 1_000
const mostShown = 200
const usersPerLook = 1_000

/** Many people from a table, and all of them into one. First it is shown what would become of each line. */
export function importRoutes(admin: DirectoryAdmin): Hono<Env> {
  const routes = new Hono<Env>()

  routes.get('/import', (c) => show(c, ''))
  routes.post('/import', async (c) => {
    const sent = await tableIn(c)
    if (sent === undefined) return wrongRequest(c, 400)
    const { file, isSure } = sent
    const actor = actorHere(c)
    const read = readUserTable(file, { mayAll: actor.isGlobal, mostRows })
    if (read.kind === 'unreadable') return show(c, mistakesOf(c.var.frame, [{ address: '', ...read }]), 422)
    const { rows, mistakes } = read
    if (rows.length + mistakes.length === 0) return show(c, told(c.var.frame.t('import.empty'), 'bad'), 422)
    const done = await applyTable(admin, actor, { table: rows, wrong: mistakes, dryRun: !isSure })
    if (done.kind === 'later') return later(c)
    if (done.kind === 'mistakes') return show(c, mistakesOf(c.var.frame, done.mistakes), 422)
    return isSure ? c.redirect(at(c, '/user?saved'), 303) : rehearsed(c, file, done.lines)
  })

  routes.get('/template.csv', (c) => asFile(c, 'users.csv', tableHead(actorHere(c).isGlobal)))
  routes.get('/export.csv', async (c) => asFile(c, 'users.csv', await everybody(c, admin)))
  return routes
}

function asFile(c: Context<Env>, name: string, text: string) {
  return c.body(text, 200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${name}"`,
  })
}

async function everybody(c: Context<Env>, admin: DirectoryAdmin): Promise<string> {
  const { isGlobal, domains } = actorHere(c)
  const lines = [tableHead(isGlobal)]
  for (let after = ''; ; await nextTurn()) {
    const asked = {
      domains: isGlobal ? undefined : [...domains],
      text: '',
      from: { after },
      most: usersPerLook,
    }
    const { rows, isLast } = await admin.findUsers(asked)
    for (const user of rows) lines.push(tableLine(user, isGlobal))
    after = rows.at(-1)?.address ?? ''
    if (isLast || after === '') return lines.join('')
  }
}

/** A file, or what was rehearsed just now. Undefined where it is no form. */
async function tableIn(c: Context<Env>): Promise<{ file: string; isSure: boolean } | undefined> {
  const body = await c.req.parseBody().catch(() => undefined)
  if (!body) return undefined
  const { table: sent = '', sure } = body
  if (typeof sent === 'string') return { file: sent, isSure: sure === 'yes' }
  return sent instanceof File ? { file: textOf(await sent.arrayBuffer()), isSure: false } : undefined
}

/** Spreadsheets write UTF-8, or what Windows had before it. */
function textOf(octets: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets)
  } catch {
    return new TextDecoder('windows-1252').decode(octets)
  }
}

function show(c: Context<Env>, above: Content, status: 200 | 422 = 200) {
  const { frame } = c.var
  const { t } = frame
  const columns = tableHead(actorHere(c).isGlobal).trim().replaceAll(',', ', ')
  const content = html`${above}
      <form class="panel" method="post" enctype="multipart/form-data">
        <label for="table">${t('import.file')}</label>
        <input id="table" name="table" type="file" accept=".csv,text/csv" required aria-describedby="table-hint">
        <p class="hint" id="table-hint">${t('import.hint', { count: mostRows })}</p>
        <p><code>${columns}</code></p>
        <button>${t('import.rehearse')}</button>
      </form>
      <p class="actions">
        <a href="${at(c, '/user/template.csv')}">${t('import.template')}</a>
        <a href="${at(c, '/user/export.csv')}">${t('import.export')}</a>
      </p>`
  return c.html(page(frame, t('import.title'), content), status)
}

function mistakesOf({ t }: Frame, mistakes: readonly TableMistake[]): Content {
  const list = table<TableMistake>({
    caption: t('import.mistakes'),
    none: '',
    rows: mistakes.slice(0, mostShown),
    columns: [
      { head: t('import.line'), cell: ({ line }) => line },
      { head: t('users.address'), cell: ({ address }) => address },
      { head: t('import.mistakes'), cell: ({ text }) => html`<span lang="en">${text}</span>` },
    ],
  })
  return html`${told(t('import.nothing-done', { count: mistakes.length }), 'bad')} ${list}`
}

const deeds = {
  created: 'audit.created',
  modified: 'audit.modified',
  unchanged: 'import.unchanged',
  deleted: 'audit.deleted',
} as const

function rehearsed(c: Context<Env>, file: string, lines: readonly LineOutcome[]) {
  const { frame } = c.var
  const { t } = frame
  const of = (did: LineOutcome['did']) => lines.filter((each) => each.did === did).length
  const list = table<LineOutcome>({
    caption: t('import.title'),
    none: '',
    rows: lines.slice(0, mostShown),
    columns: [
      { head: t('import.line'), cell: ({ line }) => line },
      { head: t('users.address'), cell: ({ address }) => address },
      { head: t('import.what'), cell: (outcome) => html`${t(deeds[outcome.did])} ${changesIn(outcome)}` },
    ],
  })
  const content = html`<p>${t('import.would', { added: of('created'), changed: of('modified'), same: of('unchanged') })}</p>
      <form method="post" enctype="multipart/form-data">
        <textarea name="table" hidden${raw(' aria-hidden="true"')}>
${file}</textarea>
        <input type="hidden" name="sure" value="yes">
        <p class="buttons"><button>${t('import.apply')}</button> <a href="${at(c, '/user/import')}">${t('form.cancel')}</a></p>
      </form>
      ${list}`
  return c.html(page(frame, t('import.title'), content))
}

const longestValue = 60
const shown = (value: unknown) =>
  (typeof value === 'string' ? value : JSON.stringify(value ?? '')).slice(0, longestValue)

function changesIn({ did, columns }: LineOutcome): Content {
  const each = columns.map(({ column, from, to }) =>
    did === 'created' ? `${column}: ${shown(to)}` : `${column}: ${shown(from)} → ${shown(to)}`,
  )
  return html`<span class="hint">${each.join(' · ')}</span>`
}
