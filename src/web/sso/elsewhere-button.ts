import { html } from 'hono/html'
import type { Content, Frame } from '../site/page.ts'
import type { Asked } from './sign-in-page.ts'

interface Provider {
  readonly providerName: string | undefined
  readonly origin: string
}

/** Beside the password; nothing where there is no provider. */
export function elsewhereButton(
  { t }: Frame,
  { providerName: name, origin }: Provider,
  { url, again = false, isOut = false }: Asked,
): Content {
  if (name === undefined) return ''
  // At the one name that the provider knows, whichever of ours this page was asked by.
  const begin = `${origin}/sso/oidc/begin?${again ? 'again&' : ''}url=${encodeURIComponent(url)}`
  const out = html`<p>${t('elsewhere.sign-out', { name })} <a href="/sso/oidc/out">${t('elsewhere.sign-out-there', { name })}</a></p>`
  return html`<div class="panel narrow">
        <p><a class="button" href="${begin}">${t('elsewhere.button', { name })}</a></p>
        ${isOut ? out : ''}
      </div>`
}
