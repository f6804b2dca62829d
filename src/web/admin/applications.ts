import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { OAuthScope } from '../../lib/oauth-scopes.ts'
import type { OAuthClientRow, OAuthClientSettings, OAuthClients } from '../../ports/oauth.ts'
import { postButton, told } from '../site/form.ts'
import { table } from '../site/list.ts'
import { type Content, page } from '../site/page.ts'
import { type Env, later, savedText } from '../site/visit.ts'
import { afterwards, type Field, isYes, readForm, showForm, type Values, yesIf } from './form.ts'
import { actorHere, at } from './page.ts'

/** What an application may ask for, as people tick it. */
const ticked: Readonly<Record<string, readonly OAuthScope[]>> = {
  'sign-in': ['openid', 'profile', 'email'],
  mail: ['mail'],
  imap: ['imap'],
  pop3: ['pop3'],
  smtp: ['smtp'],
  sieve: ['sieve'],
  api: ['api'],
  offline: ['offline_access'],
}
const check = (name: string, label: string): Field => ({ name, label, kind: 'check' })
const scope = (name: string, label: string): Field => ({
  ...check(name, label),
  group: 'applications.scopes',
})
const fields: readonly Field[] = [
  { name: 'name', label: 'applications.name', kind: 'text', more: 'required maxlength="80"' },
  { name: 'redirects', label: 'applications.redirects', kind: 'lines', hint: 'applications.redirects-hint' },
  scope('sign-in', 'applications.sign-in'),
  scope('mail', 'oauth.mail'),
  scope('imap', 'tokens.imap'),
  scope('pop3', 'tokens.pop3'),
  scope('smtp', 'tokens.smtp'),
  scope('sieve', 'tokens.sieve'),
  scope('api', 'tokens.api'),
  scope('offline', 'applications.offline'),
  check('device', 'applications.device'),
  check('es256', 'applications.es256'),
]
const newFields = [...fields, check('confidential', 'applications.confidential')]

interface Parts {
  readonly clients: OAuthClients
  readonly issuer: string
}

/** Applications that people may let in. */
export function applicationRoutes({ clients, issuer }: Parts): Hono<Env> {
  const routes = new Hono<Env>()

  routes.get('/', async (c) => {
    const { frame } = c.var
    const { t } = frame
    const rows = table<OAuthClientRow>({
      caption: t('nav.applications'),
      none: t('applications.none'),
      rows: await clients.list(),
      columns: [
        {
          head: t('applications.name'),
          cell: ({ id, name }) => html`<a href="${at(c, '/application/edit', id)}">${name}</a>`,
        },
        { head: t('applications.id'), cell: ({ id }) => html`<code>${id}</code>` },
        { head: t('applications.scopes'), cell: ({ scopes }) => scopes.join(' ') },
        { head: t('applications.redirects'), cell: ({ redirectUris }) => redirectUris.join(' ') },
      ],
    })
    const create = html`<p class="actions"><a href="${at(c, '/application/create')}">${t('applications.create')}</a></p>`
    const where = html`<p>${t('applications.issuer')}: <code>${issuer}</code></p>`
    return c.html(page(frame, t('nav.applications'), html`${told(savedText(c))} ${create} ${rows} ${where}`))
  })

  routes.get('/create', (c) =>
    showForm(c, {
      title: c.var.frame.t('applications.create'),
      fields: newFields,
      values: { 'sign-in': 'yes', confidential: 'yes' },
    }),
  )
  routes.post('/create', async (c) => {
    const values = await readForm(c, newFields)
    const client = { ...settingsOf(values), isConfidential: isYes(values, 'confidential') }
    const added = await clients.add(client, actorHere(c).user.address)
    const form = { title: c.var.frame.t('applications.create'), fields: newFields, values }
    if (added.kind !== 'added') return afterwards(c, added, { next: '', form })
    return toldOnce(c, { id: added.id, secret: added.secret, issuer })
  })

  routes.get('/edit/:id', async (c) => {
    const client = await clients.find(c.req.param('id'))
    if (!client) return c.notFound()
    return showForm(c, { title: client.name, fields, values: valuesOf(client), after: more(c, client) })
  })
  routes.post('/edit/:id', async (c) => {
    const client = await clients.find(c.req.param('id'))
    if (!client) return c.notFound()
    const values = await readForm(c, fields)
    const outcome = await clients.set(client.id, settingsOf(values, client.scopes), actorHere(c).user.address)
    const form = { title: client.name, fields, values, after: more(c, client) }
    return afterwards(c, outcome, { next: at(c, '/application?saved'), form })
  })
  routes.post('/secret/:id', async (c) => {
    const id = c.req.param('id')
    const made = await clients.newSecret(id, actorHere(c).user.address)
    if (made.kind === 'later') return later(c)
    return made.kind === 'missing' ? c.notFound() : toldOnce(c, { id, secret: made.secret, issuer })
  })
  routes.post('/delete/:id', async (c) => {
    const done = await clients.delete(c.req.param('id'), actorHere(c).user.address)
    if (done.kind === 'later') return later(c)
    return done.kind === 'missing' ? c.notFound() : c.redirect(at(c, '/application?saved'), 303)
  })
  return routes
}

/** Of a box that stays ticked an application keeps what it had, be it only a part: it was registered elsewhere, with less. */
const kept = (wanted: readonly OAuthScope[], before: readonly OAuthScope[]) => {
  const had = wanted.filter((each) => before.includes(each))
  return had.length > 0 ? had : wanted
}

const settingsOf = (values: Values, before: readonly OAuthScope[] = []): OAuthClientSettings => ({
  name: values['name'] ?? '',
  redirectUris: (values['redirects'] ?? '').split(/\s+/).filter((uri) => uri !== ''),
  scopes: Object.entries(ticked).flatMap(([name, scopes]) =>
    isYes(values, name) ? kept(scopes, before) : [],
  ),
  device: isYes(values, 'device'),
  signing: isYes(values, 'es256') ? 'ES256' : 'RS256',
})

const valuesOf = ({ name, redirectUris, scopes, device, signing }: OAuthClientRow): Values => ({
  name,
  redirects: redirectUris.join('\n'),
  device: yesIf(device),
  es256: yesIf(signing === 'ES256'),
  ...Object.fromEntries(
    Object.entries(ticked).map(([each, wanted]) => [
      each,
      yesIf(wanted.some((scope) => scopes.includes(scope))),
    ]),
  ),
})

function more(c: Context<Env>, { id, isConfidential }: OAuthClientRow): Content {
  const { t } = c.var.frame
  const renew = isConfidential
    ? postButton(at(c, '/application/secret', id), t('applications.new-secret'), 'quiet')
    : ''
  return html`<p>${t('applications.id')}: <code>${id}</code></p>
      <div class="actions">${renew} ${postButton(at(c, '/application/delete', id), t('applications.delete'))}</div>`
}

interface Made {
  readonly id: string
  readonly secret: string | undefined
  readonly issuer: string
}

/** What the application is to be given. */
function toldOnce(c: Context<Env>, { id, secret, issuer }: Made) {
  const { frame } = c.var
  const { t } = frame
  const shown =
    secret === undefined ? '' : html`<dt>${t('applications.secret')}</dt><dd><code>${secret}</code></dd>`
  const content = html`<div class="panel">
        ${secret === undefined ? '' : html`<p>${t('applications.secret-once')}</p>`}
        <dl class="facts">
          <dt>${t('applications.issuer')}</dt><dd><code>${issuer}</code></dd>
          <dt>${t('applications.id')}</dt><dd><code>${id}</code></dd>
          ${shown}
        </dl>
        <p><a href="${at(c, '/application')}">${t('tokens.back')}</a></p>
      </div>`
  return c.html(page(frame, t('nav.applications'), content))
}
