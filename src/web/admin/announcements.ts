import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { parseDomain } from '../../lib/address.ts'
import type { Announcement, Announcements } from '../../ports/announcements.ts'
import type { DirectoryReader } from '../../ports/directory-reader.ts'
import { postButton } from '../site/form.ts'
import { table } from '../site/list.ts'
import { moment } from '../site/moment.ts'
import { type Content, type Frame, page } from '../site/page.ts'
import { type Env, later } from '../site/visit.ts'
import { localeOf } from '../texts/texts.ts'
import { type Field, type Form, readForm, showForm, showMistakes, type Values } from './form.ts'
import { actorHere, at } from './page.ts'

interface Parts {
  readonly admin: Pick<DirectoryReader, 'domains'>
  readonly announcements: Announcements
}

const longestSubject = 255
const longestBody = 50_000
/** While one is on its way, the page is asked for again. */
const refreshSeconds = 3

/** A letter to everybody. Mailu: `/announcement`; unlike there, it is sent while nobody waits, and to one domain as well. */
export function announcementRoutes({ admin, announcements }: Parts): Hono<Env> {
  const routes = new Hono<Env>()

  routes.get('/', async (c) => {
    const { frame } = c.var
    const { t } = frame
    const rows = await announcements.list()
    if (rows.some(({ state }) => state === 'running')) c.header('Refresh', String(refreshSeconds))
    const create = html`<p class="actions"><a href="${at(c, '/announcement/create')}">${t('announcements.new')}</a></p>`
    return c.html(page(frame, t('nav.announcements'), html`${create} ${listOf(c, frame, rows)}`))
  })

  routes.get('/create', async (c) => showForm(c, await formOf(c, {})))
  routes.post('/create', async (c) => {
    const { t } = c.var.frame
    const form = await formOf(c, {})
    const values = await readForm(c, form.fields)
    const { subject = '', body = '', domain: asked = '' } = values
    const domain = asked === '' ? undefined : parseDomain(asked)
    const isOurs = asked === '' || (await admin.domains()).some(({ name }) => name === domain)
    const mistakes = {
      ...(!isOneLine(subject) && { subject: t('announcements.no-subject', { count: longestSubject }) }),
      ...(!isText(body) && { body: t('announcements.no-body', { count: longestBody }) }),
      ...(!isOurs && { domain: t('domains.no-name') }),
    }
    if (Object.keys(mistakes).length > 0) return showMistakes(c, { ...form, values }, mistakes)
    const done = await announcements.announce({ subject, body, domain }, actorHere(c).user.address)
    return done.kind === 'later' ? later(c) : c.redirect(at(c, '/announcement'), 303)
  })

  routes.post('/stop/:id{[0-9]{1,15}}', async (c) => {
    const done = await announcements.stop(Number(c.req.param('id')), actorHere(c).user.address)
    return done.kind === 'later' ? later(c) : c.redirect(at(c, '/announcement'), 303)
  })

  async function formOf(c: Context<Env>, values: Values): Promise<Form> {
    const { t } = c.var.frame
    const names = (await admin.domains()).map(({ name }) => [name, name] as const)
    const whom: Field = {
      name: 'domain',
      label: 'announcements.to',
      kind: 'choice',
      choices: () => [['', t('announcements.all')], ...names],
    }
    const fields = [whom, ...texts]
    return { title: t('announcements.new'), fields, values, button: 'announcements.send' }
  }
  return routes
}

const texts: readonly Field[] = [
  { name: 'subject', label: 'history.subject', kind: 'text', more: `required maxlength="${longestSubject}"` },
  { name: 'body', label: 'announcements.body', kind: 'lines', more: `required maxlength="${longestBody}"` },
]

const isOneLine = (text: string) => text !== '' && text.length <= longestSubject && !/\p{Cc}/u.test(text)
const isText = (text: string) => text !== '' && text.length <= longestBody && !text.includes('\0')

const states: Readonly<Record<Announcement['state'], string>> = {
  running: 'announcements.running',
  done: 'announcements.done',
  stopped: 'announcements.stopped',
}

function listOf(c: Context<Env>, frame: Frame, rows: readonly Announcement[]): Content {
  const { t } = frame
  return table<Announcement>({
    caption: t('nav.announcements'),
    none: t('announcements.none'),
    rows,
    columns: [
      {
        head: t('history.subject'),
        cell: ({ subject, createdAt, actor }) =>
          html`${subject}<br><span class="hint">${moment(frame, createdAt)} · ${actor}</span>`,
      },
      { head: t('announcements.to'), cell: ({ domain }) => domain ?? t('announcements.all') },
      { head: t('users.state'), cell: (row) => progressOf(frame, row) },
      {
        head: t('announcements.stop'),
        cell: ({ id, state }) =>
          state === 'running'
            ? postButton(at(c, '/announcement/stop', String(id)), t('announcements.stop'))
            : '',
      },
    ],
  })
}

function progressOf({ t, language }: Frame, { state, sent, skipped, recipients }: Announcement): Content {
  const text = t('announcements.sent', {
    sent: sent.toLocaleString(localeOf(language)),
    count: recipients,
  })
  const bar =
    state === 'running'
      ? html`<progress value="${sent + skipped}" max="${Math.max(1, recipients)}" aria-label="${text}"></progress><br>`
      : ''
  const left =
    skipped > 0 ? html`<br><span class="hint">${t('announcements.skipped', { count: skipped })}</span>` : ''
  return html`${bar}${t(states[state])} · ${text}${left}`
}
