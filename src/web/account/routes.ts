import { Hono, type MiddlewareHandler } from 'hono'
import { html } from 'hono/html'
import type { DocumentSigner } from '../../ports/document-signer.ts'
import type { OAuthServer } from '../../ports/oauth.ts'
import { senderRoutes } from '../senders.ts'
import type { WebSettings } from '../settings.ts'
import { page } from '../site/page.ts'
import { qr } from '../site/qr.ts'
import { type Env, later } from '../site/visit.ts'
import { changePassword } from '../sso/change-password.ts'
import type { SignInParts } from '../sso/enter.ts'
import { linkList } from '../sso/link-list.ts'
import { passwordForm } from '../sso/password-form.ts'
import { accessTable } from '../start-page.ts'
import { aliasRoutes } from './aliases.ts'
import { applicationRoutes } from './applications.ts'
import { exportRoutes } from './export/routes.ts'
import { factorRoutes } from './factors.ts'
import { fetchRoutes } from './fetches/routes.ts'
import { filterRoutes } from './filters/routes.ts'
import { mailRoutes } from './mail/routes.ts'
import { forwardPage, replyPage, spamPageWith } from './mail-pages.ts'
import type { AccountMail } from './mail-parts.ts'
import { personPage } from './person-page.ts'
import { sessionRoutes } from './sessions.ts'
import { here, settingsPage } from './settings-page.ts'
import { tokenRoutes } from './tokens.ts'

interface AccountParts extends SignInParts {
  readonly settings: WebSettings
  readonly mail: AccountMail
  readonly signer: Pick<DocumentSigner, 'canSign'>
  readonly oauth: OAuthServer
}

/** What everybody sees to himself. */
export function accountRoutes(parts: AccountParts): Hono<Env> {
  const { admin, settings, mail, signer } = parts
  const routes = new Hono<Env>()
  routes.use(signedIn)

  routes.get('/', async (c) => {
    const { frame } = c.var
    const { t } = frame
    const user = here(c)
    const state = (on: boolean) => t(on ? 'account.on' : 'account.off')
    const content = html`<ul class="panel list">
        <li><a href="/account/forward">${t('nav.forward')}</a> <span>${state(user.forwardEnabled)}</span></li>
        <li><a href="/account/reply">${t('nav.reply')}</a> <span>${state(user.replyEnabled)}</span></li>
        <li><a href="/account/spam">${t('nav.spam')}</a> <span>${state(user.spamEnabled)}</span></li>
      </ul>
      <h2>${t('start.set-up')}</h2>
      <div class="panel">
        <p>${t('account.apple')} <a href="/apple.mobileconfig?email=${encodeURIComponent(user.address)}">${t('account.profile')}</a></p>
        ${(await signer.canSign()) ? '' : html`<p class="hint">${t('account.unsigned')}</p>`}
        ${await qr(profileAt(settings, user.address), t('account.qr'))}
        <p class="hint">${t('account.qr')}</p>
        ${accessTable(frame, settings)}
        <p>${t('start.user-name')} <code>${user.address}</code></p>
      </div>`
    return c.html(page(frame, user.displayedName || user.address, content))
  })

  routes.route('/forward', settingsPage(admin, forwardPage))
  routes.route('/reply', settingsPage(admin, replyPage))
  routes.route('/spam', settingsPage(admin, spamPageWith(mail.history)))
  routes.route(
    '/senders',
    senderRoutes({
      admin,
      lists: mail.senders,
      owner: (c) => here(c).account,
      home: () => '/account/senders',
      about: 'senders.what',
    }),
  )
  routes.route('/settings', settingsPage(admin, personPage))
  routes.route('/aliases', aliasRoutes({ admin, aliasTries: settings.aliasTries }))
  routes.route('/export', exportRoutes({ ...mail, admin }))
  routes.route('/mail', mailRoutes(mail))
  if (mail.fetching) routes.route('/fetches', fetchRoutes({ admin, fetching: mail.fetching }))
  routes.route('/filters', filterRoutes({ ...mail, admin }))
  routes.route('/tokens', tokenRoutes(admin, settings.apiPath !== undefined))
  routes.route('/factors', factorRoutes(parts))
  routes.route('/sessions', sessionRoutes(parts, { admin, grants: parts.oauth.grants }))
  routes.route('/applications', applicationRoutes(parts.oauth.grants))

  routes.get('/password', async (c) => {
    const { frame } = c.var
    const links = await linkList(frame, parts, { account: here(c).account, at: '/account/links' })
    const content = html`${passwordForm(frame, '/account/password')} ${links}`
    return c.html(page(frame, frame.t('nav.password'), content))
  })
  routes.post('/links/:id/remove', async (c) => {
    const { account, address } = here(c)
    const removed = await parts.external.unlink(account, c.req.param('id'), address)
    if (removed.kind === 'later') return later(c)
    return removed.kind === 'missing' ? c.notFound() : c.redirect('/account/password', 303)
  })
  routes.post('/password', async (c) => {
    const title = c.var.frame.t('nav.password')
    const [user, path, next] = [here(c), '/account/password', '/account/sessions']
    return changePassword(c, parts, { user, title, path, next })
  })
  return routes
}

/** Where a camera finds the profile of an account. */
function profileAt({ origin }: WebSettings, address: string): string {
  return new URL(`/apple.mobileconfig?email=${encodeURIComponent(address)}`, origin).href
}

/** Others sign in first, and whoever has to change his password does so. */
export const signedIn: MiddlewareHandler<Env> = async (c, next) => {
  const user = c.get('user')
  const { pathname, search } = new URL(c.req.url)
  if (!user) return c.redirect(`/sso/login?url=${encodeURIComponent(pathname + search)}`, 303)
  if (user.mustChangePassword) return c.redirect('/sso/pw_change', 303)
  await next()
  return undefined
}
