import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type ListedName, parseListedName } from '../lib/listed-name.ts'
import type { AccountId } from '../ports/accounts.ts'
import type { DirectoryAdmin } from '../ports/directory-admin.ts'
import type { ListedSender, SenderLists } from '../ports/sender-lists.ts'
import { here } from './account/settings-page.ts'
import { input, select, told } from './site/form.ts'
import { type Content, type Frame, page } from './site/page.ts'
import { type Env, fieldsOf, later, savedText } from './site/visit.ts'

interface SenderPage {
  readonly admin: Pick<DirectoryAdmin, 'record'>
  readonly lists: SenderLists
  /** Whose list it is; undefined: everybody's. */
  readonly owner: (c: Context<Env>) => AccountId | undefined
  /** Where the page is. */
  readonly home: (c: Context<Env>) => string
  /** The key of what it says first. */
  readonly about: 'senders.what' | 'senders.what-for-all'
}

/** Senders who are always or never wanted: one's own, and those of the administrator. */
export function senderRoutes({ admin, lists, owner, home, about }: SenderPage): Hono<Env> {
  const show = async (c: Context<Env>, asked: Asked = {}) => {
    const { frame } = c.var
    const { t } = frame
    const rows = await lists.list(owner(c))
    const content = html`${told(asked.mistake, 'bad')} ${told(asked.mistake === undefined ? savedText(c) : undefined)}
      <p>${t(about)}</p>
      ${rows.length === 0 ? '' : html`<ul class="panel list">${rows.map((row) => item(frame, home(c), row))}</ul>`}
      ${form(frame, home(c), asked)}`
    return c.html(page(frame, t('nav.senders'), content), asked.mistake === undefined ? 200 : 422)
  }
  const saved = async (
    c: Context<Env>,
    sender: ListedName,
    did: 'modified' | 'deleted',
    wanted?: boolean,
  ) => {
    const { address } = here(c)
    const key = owner(c) === undefined ? sender : `${sender} of ${address}`
    const columns = wanted === undefined ? [] : [{ column: 'wanted', from: undefined, to: wanted }]
    await admin.record({ on: 'sender', key, did, columns }, address)
    return c.redirect(`${home(c)}?saved`, 303)
  }
  return new Hono<Env>()
    .get('/', (c) => show(c))
    .post('/', async (c) => {
      const { t } = c.var.frame
      const field = await fieldsOf(c)
      const asked = { sender: field('sender').trim(), wanted: field('wanted') === 'yes' }
      const sender = parseListedName(asked.sender)
      if (!sender) return show(c, { ...asked, mistake: t('senders.none-such') })
      const done = await lists.put(owner(c), sender, asked.wanted)
      if (done.kind === 'later') return later(c)
      if (done.kind === 'full') return show(c, { ...asked, mistake: t('senders.full', { count: done.most }) })
      return saved(c, sender, 'modified', asked.wanted)
    })
    .post('/delete', async (c) => {
      const sender = parseListedName((await fieldsOf(c))('sender'))
      if (!sender) return c.notFound()
      const done = await lists.remove(owner(c), sender)
      if (done.kind === 'later') return later(c)
      return done.kind === 'missing' ? c.notFound() : saved(c, sender, 'deleted')
    })
}

interface Asked {
  readonly mistake?: string
  readonly sender?: string
  readonly wanted?: boolean
}

const item = ({ t }: Frame, home: string, { sender, wanted }: ListedSender): Content => html`
        <li>
          <div><strong>${sender}</strong>
            <p class="hint">${t(wanted ? 'senders.wanted' : 'senders.unwanted')}</p></div>
          <form method="post" action="${home}/delete">
            <input type="hidden" name="sender" value="${sender}">
            <button class="bad" aria-label="${t('senders.delete')}: ${sender}">${t('senders.delete')}</button>
          </form>
        </li>`

const form = ({ t }: Frame, home: string, { sender = '', wanted = false }: Asked) =>
  html`<h2>${t('senders.new')}</h2>
      <form class="panel" method="post" action="${home}">
        ${input({ name: 'sender', label: t('senders.sender'), value: sender, hint: t('senders.sender-hint'), more: 'required maxlength="320"' })}
        ${select({
          name: 'wanted',
          label: t('senders.is'),
          value: wanted ? 'yes' : 'no',
          choices: [
            ['no', t('senders.unwanted')],
            ['yes', t('senders.wanted')],
          ],
        })}
        <button>${t('form.save')}</button>
      </form>`
