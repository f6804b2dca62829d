import { html } from 'hono/html'
import type { MailAccess, WebSettings } from './settings.ts'
import { type Frame, page } from './site/page.ts'

/** Says what this is, and what to type into a mail program. */
export function startPage(
  frame: Frame,
  settings: Pick<WebSettings, 'hostname' | 'mailAccess'> & {
    readonly takesPeople: boolean
    readonly takesDomains: boolean
  },
) {
  const { t } = frame
  return page(
    frame,
    t('start.title', { server: settings.hostname }),
    html`<p>${t('start.what')}</p>
      <h2>${t('start.set-up')}</h2>
      <div class="panel">
        <p>${t('start.by-itself')} <a href="/apple.mobileconfig">${t('account.profile')}</a></p>
        <p>${t('start.by-hand')}</p>
        ${accessTable(frame, settings)}
        <p>${t('start.user-name')} <code>name@example.org</code></p>
        <p>${t('start.certificate')}</p>
      </div>
      <h2>${t('start.no-account')}</h2>
      <p>${settings.takesPeople ? html`<a href="/sso/signup">${t('sign-up.title')}</a>` : t('start.ask')}</p>
      ${settings.takesDomains ? html`<p><a href="/sso/domain">${t('register.title')}</a></p>` : ''}`,
  )
}

const purposes = {
  receiving: 'access.receiving',
  'receiving by POP3': 'access.pop3',
  sending: 'access.sending',
  filters: 'access.filters',
} as const

export function accessTable(
  { t }: Frame,
  { hostname, mailAccess }: Pick<WebSettings, 'hostname' | 'mailAccess'>,
) {
  return html`<p>${t('access.server')}: <code>${hostname}</code></p>
        <div class="wide" role="region" aria-label="${t('access.caption')}" tabindex="0">
          <table>
            <caption>${t('access.caption')}</caption>
            <thead>
              <tr><th scope="col">${t('access.for')}</th><th scope="col">${t('access.port')}</th><th scope="col">${t('access.security')}</th></tr>
            </thead>
            <tbody>${mailAccess.map((row) => accessRow(t(purposes[row.purpose]), row, t('access.none')))}
            </tbody>
          </table>
        </div>`
}

const accessRow = (purpose: string, { port, security }: MailAccess, none: string) => html`
              <tr>
                <th scope="row">${purpose}</th>
                <td>${port}</td>
                <td>${security === 'none' ? none : security}</td>
              </tr>`
