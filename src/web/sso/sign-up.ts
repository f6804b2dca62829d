import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type DomainName, parseAddress } from '../../lib/address.ts'
import type { SignUp } from '../../ports/sign-up.ts'
import { input, select, told } from '../site/form.ts'
import { page } from '../site/page.ts'
import { type Env, fieldsOf, later } from '../site/visit.ts'
import { shortestPassword } from './password-form.ts'
import { retryAfter } from './retry-after.ts'

export interface SignUpParts {
  readonly signUp: SignUp
}

interface Said {
  readonly name?: string
  readonly domain?: string
  readonly mistake?: string
  readonly status?: 200 | 422 | 429
}

/** Where a domain lets everybody in. Mailu: `/user/signup`. Without such a domain there is no such page. */
export function signUpRoutes({ signUp }: SignUpParts): Hono<Env> {
  const routes = new Hono<Env>()

  routes.get('/', async (c) => {
    const domains = await signUp.domains()
    return domains.length === 0 ? c.notFound() : show(c, domains, { domain: c.req.query('domain') ?? '' })
  })

  routes.post('/', async (c) => {
    const domains = await signUp.domains()
    if (domains.length === 0) return c.notFound()
    const { t } = c.var.frame
    const field = await fieldsOf(c)
    const [name, domain, password] = [field('name').trim(), field('domain'), field('pw')]
    const wrong = (mistake: string, status: 422 | 429 = 422) =>
      show(c, domains, { name, domain, mistake, status })
    const address = parseAddress(`${name}@${domain}`)
    if (!address) return wrong(t('form.no-address', { address: `${name}@${domain}`.slice(0, 100) }))
    if (password.length < shortestPassword) return wrong(t('password.too-short', { count: shortestPassword }))
    if (password !== field('pw2')) return wrong(t('password.differ'))
    const done = await signUp.signUp({ address, password, ip: c.env.client.ip })
    switch (done.kind) {
      case 'made':
        return c.redirect(`/sso/signup/done?address=${encodeURIComponent(address)}`, 303)
      case 'taken':
        return wrong(t('sign-up.taken', { address }))
      case 'closed':
        return wrong(t('sign-up.closed'))
      case 'breached':
        return wrong(t('password.breached'))
      case 'refused':
        return wrong(done.text)
      case 'throttled':
        return wrong(t('sign-up.throttled', { count: Math.ceil(retryAfter(c, done) / 60) }), 429)
      case 'later':
        return later(c)
    }
  })

  routes.get('/done', (c) => {
    const { frame } = c.var
    const address = parseAddress(c.req.query('address') ?? '') ?? ''
    const content = html`<p class="panel">${frame.t('sign-up.done', { address })}</p>
      <p class="actions"><a href="/sso/login">${frame.t('sign-in.link')}</a></p>`
    return c.html(page(frame, frame.t('sign-up.title'), content))
  })
  return routes
}

function show(
  c: Context<Env>,
  domains: readonly DomainName[],
  { name = '', domain = '', mistake, status = 200 }: Said,
) {
  const { frame } = c.var
  const { t } = frame
  const password = (field: string, label: string) =>
    input({ name: field, label, type: 'password', more: 'required autocomplete="new-password"' })
  const content = html`${told(mistake, 'bad')}
      <form class="panel narrow" method="post" action="/sso/signup">
        ${input({ name: 'name', label: t('users.localpart'), value: name, more: 'required autocomplete="off" autocapitalize="none" maxlength="64"' })}
        ${select({ name: 'domain', label: t('domains.name'), value: domain, choices: domains.map((each) => [each, each]) })}
        ${password('pw', t('password.new'))}
        ${password('pw2', t('password.again'))}
        <button>${t('sign-up.button')}</button>
      </form>`
  return c.html(page({ ...frame, here: '/sso/signup' }, t('sign-up.title'), content), status)
}
