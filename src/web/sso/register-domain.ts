import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { parseAddress, parseDomain } from '../../lib/address.ts'
import type { DomainOwner, DomainSignUp } from '../../ports/sign-up.ts'
import { input, told } from '../site/form.ts'
import { page } from '../site/page.ts'
import { type Env, fieldsOf, later } from '../site/visit.ts'
import { shortestPassword } from './password-form.ts'
import { retryAfter } from './retry-after.ts'

export interface RegisterParts {
  /** Undefined where DOMAIN_REGISTRATION is off: then there is no such page. */
  readonly domainSignUp: DomainSignUp | undefined
  readonly hostname: string
}

interface Said {
  readonly name?: string
  readonly localpart?: string
  readonly mistake?: string
  readonly status?: 200 | 422 | 429
}

const place = '/sso/domain'

/** Mailu: `/domain/signup`. Who is signed in manages it; else a manager is made in it. */
export function registerRoutes({ domainSignUp, hostname }: RegisterParts): Hono<Env> {
  const routes = new Hono<Env>()
  if (!domainSignUp) return routes

  routes.get('/', (c) => show(c, hostname, {}))
  routes.post('/', async (c) => {
    const { t } = c.var.frame
    const field = await fieldsOf(c)
    const [name, localpart] = [field('name').trim(), field('localpart').trim()]
    const wrong = (mistake: string, status: 422 | 429 = 422) =>
      show(c, hostname, { name, localpart, mistake, status })
    const domain = parseDomain(name)
    if (!domain?.includes('.')) return wrong(t('domains.no-name'))
    const owner = ownerOf(c, `${localpart}@${domain}`, field)
    if (typeof owner === 'string') return wrong(owner)
    const done = await domainSignUp.signUp({ domain, owner, ip: c.env.client.ip })
    switch (done.kind) {
      case 'made':
        return c.redirect(`${place}/done`, 303)
      case 'taken':
        return wrong(t('register.taken', { domain }))
      case 'elsewhere':
        return wrong(t('register.elsewhere', { domain, host: hostname }))
      case 'wrong-name':
        return wrong(t('sign-up.taken', { address: owner.address }))
      case 'breached':
        return wrong(t('password.breached'))
      case 'throttled':
        return wrong(t('sign-up.throttled', { count: Math.ceil(retryAfter(c, done) / 60) }), 429)
      case 'later':
        return later(c)
    }
  })

  routes.get('/done', (c) => {
    const { frame } = c.var
    const content = html`<p class="panel">${frame.t('register.done')}</p>
      <p class="actions"><a href="/sso/login">${frame.t('sign-in.link')}</a></p>`
    return c.html(page(frame, frame.t('register.title'), content))
  })
  return routes
}

/** Or what is wrong. */
function ownerOf(c: Context<Env>, written: string, field: (name: string) => string): DomainOwner | string {
  const { t } = c.var.frame
  const user = c.get('user')
  if (user) return { kind: 'user', address: user.address }
  const address = parseAddress(written)
  if (!address) return t('form.no-address', { address: written.slice(0, 100) })
  const password = field('pw')
  if (password.length < shortestPassword) return t('password.too-short', { count: shortestPassword })
  return password === field('pw2') ? { kind: 'new', address, password } : t('password.differ')
}

function show(c: Context<Env>, host: string, { name = '', localpart = '', mistake, status = 200 }: Said) {
  const { frame } = c.var
  const { t } = frame
  const password = (field: string, label: string) =>
    input({ name: field, label, type: 'password', more: 'required autocomplete="new-password"' })
  const person =
    c.get('user') === undefined
      ? html`${input({ name: 'localpart', label: t('users.localpart'), value: localpart, more: 'required autocomplete="off" autocapitalize="none" maxlength="64"' })}
        ${password('pw', t('password.new'))}
        ${password('pw2', t('password.again'))}`
      : ''
  const content = html`${told(mistake, 'bad')}
      <p>${t('register.what', { host })}</p>
      <form class="panel narrow" method="post" action="${place}">
        ${input({ name: 'name', label: t('domains.name'), value: name, more: 'required autocomplete="off" autocapitalize="none" maxlength="255"' })}
        ${person}
        <button>${t('register.title')}</button>
      </form>`
  return c.html(page({ ...frame, here: place }, t('register.title'), content), status)
}
