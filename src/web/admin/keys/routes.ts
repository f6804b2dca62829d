import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { parseDomain } from '../../../lib/address.ts'
import { parseNetworks } from '../../../lib/networks.ts'
import type { ApiKeyRow, ApiKeySettings, ApiKeys } from '../../../ports/api-access.ts'
import { manages } from '../../site/actor.ts'
import { itemsIn, told } from '../../site/form.ts'
import { page } from '../../site/page.ts'
import { type Env, fieldsOf, later, savedText } from '../../site/visit.ts'
import { type AdminPage, actorHere, at } from '../page.ts'
import { type Asked, areasFor, keyForm, keyTable, mostDays, secretPage } from './views.ts'

interface KeyParts {
  readonly apiKeys: ApiKeys
}

const dayMs = 24 * 3600 * 1000

/** Keys of the API. A manager makes and sees those that reach nothing but a domain of his. */
export const keyPage = (parts: KeyParts): AdminPage => ({
  path: '/keys',
  nav: 'nav.keys',
  who: 'managers too',
  routes: keyRoutes(parts),
})

function keyRoutes({ apiKeys }: KeyParts): Hono<Env> {
  return new Hono<Env>()
    .get('/', async (c) => {
      const { frame } = c.var
      const actor = actorHere(c)
      const rows = (await apiKeys.list()).filter((key) => mayTake(c, key))
      const table = keyTable(frame, rows, at(c, '/keys'))
      const content = html`${told(savedText(c))} <p>${frame.t('keys.about')}</p> ${table} ${keyForm(frame, actor, {})}`
      return c.html(page(frame, frame.t('nav.keys'), content))
    })
    .post('/', async (c) => {
      const { frame } = c.var
      const actor = actorHere(c)
      const asked = await askedFor(c)
      const again = (text: string, status: 422 | 503 = 422) =>
        c.html(
          page(frame, frame.t('nav.keys'), html`${told(text, 'bad')} ${keyForm(frame, actor, asked)}`),
          status,
        )
      const key = keyOf(c, asked)
      if (typeof key === 'string') return again(key)
      // Whoever names a domain that is not his hears nothing of it.
      if (!mayTake(c, key)) return c.notFound()
      const added = await apiKeys.add(key, actor.user.address)
      if (added.kind === 'refused') return again(added.text)
      if (added.kind === 'later') return again(frame.t('trouble.later'), 503)
      return c.html(page(frame, key.name, secretPage(frame, added.secret, at(c, '/keys'))))
    })
    .post('/delete/:name', async (c) => {
      const key = (await apiKeys.list()).find(({ name }) => name === c.req.param('name'))
      if (!key || !mayTake(c, key)) return c.notFound()
      const done = await apiKeys.delete(key.name, actorHere(c).user.address)
      return done.kind === 'later' ? later(c) : c.redirect(at(c, '/keys?saved'), 303)
    })
}

/** Who administers everything sees all; others what is for their domains alone. */
const mayTake = (c: Context<Env>, { domain }: Pick<ApiKeyRow, 'domain'>): boolean =>
  domain === undefined ? actorHere(c).isGlobal : manages(actorHere(c), domain)

async function askedFor(c: Context<Env>): Promise<Asked> {
  const field = await fieldsOf(c)
  const texts = ['name', 'domain', 'networks', 'days'].map((name) => [name, field(name).trim()] as const)
  const scopes = areasFor(actorHere(c)).flatMap((area) => {
    const what = field(`for-${area}`)
    return what === 'read' || what === 'write' ? [`${area}:${what}` as const] : []
  })
  return { ...Object.fromEntries(texts), scopes }
}

/** What was asked for, or what is wrong with it. */
function keyOf(c: Context<Env>, asked: Asked): ApiKeySettings | string {
  const { t } = c.var.frame
  const actor = actorHere(c)
  const { name = '', domain: named = '', networks: listed = '', days = '', scopes = [] } = asked
  const domain = named === '' ? undefined : parseDomain(named)
  if (named !== '' && domain === undefined) return t('domains.no-name')
  const networks = itemsIn(listed)
  if (parseNetworks(networks).wrong.length > 0) return t('tokens.wrong-networks')
  const term = days === '' ? undefined : Number(days)
  if (term !== undefined && !(Number.isInteger(term) && term >= 1 && term <= mostDays))
    return t('tokens.wrong-days', { count: mostDays })
  const expires = term === undefined ? 'never' : Date.now() + term * dayMs
  const owner = actor.isGlobal ? undefined : actor.user.address
  return { name, scopes, networks, expires, domain, owner }
}
