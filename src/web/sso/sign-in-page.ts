import { html } from 'hono/html'
import { input, told } from '../site/form.ts'
import { type Content, type Frame, page } from '../site/page.ts'

export interface Asked {
  /** Where to go afterwards. */
  readonly url: string
  readonly login?: string
  readonly mistake?: string
  /** He is signed in, and what he wants to do asks for it once more. */
  readonly again?: boolean
  /** He has just signed out of what he had signed in to elsewhere. */
  readonly isOut?: boolean
}

export function signInPage(
  frame: Frame,
  { url, login = '', mistake, again = false }: Asked,
  others: Content,
) {
  const { t } = frame
  const here = `/sso/login?${again ? 'again&' : ''}url=${encodeURIComponent(url)}`
  const address = { name: 'email', label: t('sign-in.address'), type: 'email', value: login } as const
  const password = { name: 'pw', label: t('sign-in.password'), type: 'password' } as const
  return page(
    { ...frame, here },
    t(again ? 'sign-in.again' : 'sign-in.title'),
    html`${told(mistake, 'bad')} ${again ? html`<p>${t('sign-in.again-why')}</p>` : ''}
      <form class="panel narrow" method="post" action="/sso/login">
        ${input({ ...address, more: `required autocomplete="username"${login === '' ? ' autofocus' : ''}` })}
        ${input({ ...password, more: `required autocomplete="current-password"${login === '' ? '' : ' autofocus'}` })}
        <input type="hidden" name="url" value="${url}">
        <button>${t('sign-in.button')}</button>
      </form>
      ${others}`,
  )
}
