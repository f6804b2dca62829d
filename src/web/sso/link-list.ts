import { html } from 'hono/html'
import type { AccountId } from '../../ports/accounts.ts'
import type { ExternalSignIn } from '../../ports/external-sign-in.ts'
import { postButton } from '../site/form.ts'
import { dayOf } from '../site/moment.ts'
import type { Content, Frame } from '../site/page.ts'

interface LinkParts {
  readonly external: Pick<ExternalSignIn, 'links'>
  /** OIDC_BUTTON_NAME. */
  readonly providerName: string | undefined
}

interface Whose {
  readonly account: AccountId
  /** Where its form is sent. */
  readonly at: string
}

/** Who somebody is at the provider; nothing where he is nobody there. */
export async function linkList(
  frame: Frame,
  { external, providerName }: LinkParts,
  { account, at }: Whose,
): Promise<Content> {
  const { t } = frame
  const links = await external.links(account)
  if (links.length === 0) return ''
  const rows = links.map(
    ({ id, issuer, subject, createdAt, lastUsedAt }) => html`
        <li>
          <div><strong>${subject}</strong>
            <p class="hint">${issuer} · ${t('factors.since', { date: dayOf(frame, createdAt) })} · ${t('factors.used', { date: dayOf(frame, lastUsedAt) })}</p></div>
          ${postButton(`${at}/${id}/remove`, t('factors.remove'))}
        </li>`,
  )
  return html`<h2>${t('elsewhere.title')}</h2>
      <p>${t('elsewhere.what', { name: providerName ?? new URL(links[0]?.issuer ?? '').host })}</p>
      <ul class="panel list">${rows}
      </ul>`
}
