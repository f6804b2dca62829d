import { html, raw } from 'hono/html'
import { type Language, languages } from '../../lib/page-languages.ts'
import { directionOf, type Texts } from '../texts/texts.ts'
import { type Brand, styleOf } from './brand.ts'

export type Content = ReturnType<typeof html> | ''

/** In which words, for whom, and where a page is. */
export interface Frame {
  readonly siteName: string
  readonly brand: Brand
  readonly language: Language
  readonly t: Texts
  /** Who is signed in. */
  readonly address: string | undefined
  /** The path that is shown. */
  readonly path: string
  /** Where to go to see it again: in another language. */
  readonly here: string
  /** IANA name: in which days and hours moments are told. */
  readonly timeZone: string
  /** There are pages for mail that is fetched. */
  readonly fetches: boolean
  /** What whoever administers something finds there; undefined for all others. */
  readonly administration: Administration | undefined
}

interface Administration {
  /** WEB_ADMIN. */
  readonly home: string
  /** Whole paths, and the keys of their names. */
  readonly places: readonly (readonly [path: string, key: string])[]
}

const places = [
  ['/account', 'nav.account'],
  ['/account/mail', 'nav.mail'],
  ['/account/forward', 'nav.forward'],
  ['/account/reply', 'nav.reply'],
  ['/account/spam', 'nav.spam'],
  ['/account/senders', 'nav.senders'],
  ['/account/filters', 'nav.filters'],
  ['/account/fetches', 'nav.fetches'],
  ['/account/aliases', 'nav.aliases'],
  ['/account/tokens', 'nav.tokens'],
  ['/account/sessions', 'nav.sessions'],
  ['/account/password', 'nav.password'],
  ['/account/settings', 'nav.settings'],
  ['/account/export', 'nav.export'],
  ['/account/factors', 'nav.factors'],
] as const

/** The frame of every page: no script, nothing from elsewhere. */
export function page(frame: Frame, title: string, content: Content) {
  const { siteName, brand, language, t, address } = frame
  return html`<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>${title} – ${siteName}</title>
    <link rel="icon" href="data:,">
    <style>${raw(styleOf(brand))}</style>
  </head>
  <body${raw(inAdministration(frame) ? ' class="broad"' : '')}>
    <a class="skip" href="#content">${t('page.skip')}</a>
    <header>
      <div class="wide-as-text">
        <a class="site" href="${brand.website ?? '/'}">${logo(brand)}${siteName}</a>
        ${address === undefined ? signIn(frame) : signedIn(frame, address)}
      </div>
      ${address === undefined ? '' : navigation(frame)}
    </header>
    <main id="content" class="wide-as-text">
      <h1>${title}</h1>
      ${content}
    </main>
    <footer class="wide-as-text">${languageChoice(frame)}</footer>
  </body>
</html>
`
}

const logo = ({ logoUrl }: Brand) =>
  logoUrl === undefined ? '' : html`<img class="logo" src="${logoUrl}" alt="">`

const signIn = ({ t, path }: Frame) =>
  path === '/sso/login' ? '' : html`<a href="/sso/login">${t('sign-in.link')}</a>`

const signedIn = ({ t }: Frame, address: string) =>
  html`<span>${address}</span>
        <form method="post" action="/sso/logout"><button class="quiet">${t('sign-out')}</button></form>`

function inAdministration({ administration, path }: Frame): boolean {
  return administration !== undefined && isWithin(path, administration.home)
}

const isWithin = (path: string, place: string) => path === place || path.startsWith(`${place}/`)

function navigation(frame: Frame) {
  const { t, path, administration } = frame
  if (administration && inAdministration(frame)) {
    const links = administration.places.map(([to, key]) => link(to, t(key), isWithin(path, to)))
    return linkList(t('nav.administration'), [...links, link('/account', t('nav.label'), false)])
  }
  const here = places.filter(([to]) => frame.fetches || to !== '/account/fetches')
  const links = here.map(([to, key]) => link(to, t(key), to === path))
  const other = administration ? [link(administration.home, t('nav.administration'), false)] : []
  return linkList(t('nav.label'), [...links, ...other])
}

const link = (to: string, name: string, isHere: boolean) => html`
          <li><a href="${to}"${isHere ? raw(' aria-current="page"') : ''}>${name}</a></li>`

/** Closed where the screen is narrow; where it is wide all links are seen. */
const linkList = (name: string, links: readonly Content[]) =>
  html`<nav class="wide-as-text" aria-label="${name}">
        <details>
        <summary>${name}</summary>
        <ul>${links}
        </ul>
        </details>
      </nav>`

function languageChoice({ t, language, here }: Frame) {
  const options = Object.entries(languages).map(
    ([name, itself]) =>
      html`<option value="${name}" lang="${name}"${name === language ? raw(' selected') : ''}>${itself}</option>`,
  )
  return html`<form method="post" action="/sso/language">
      <label for="language">${t('page.language')}</label>
      <select id="language" name="language">${options}</select>
      <input type="hidden" name="url" value="${here}">
      <button class="quiet">${t('page.choose')}</button>
    </form>`
}
