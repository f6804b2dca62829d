import { firstPart } from '../../lib/own-paths.ts'
import type { Settings } from './table.ts'

/** How our pages look, and what they are for whoever has chosen nothing. */
export const pagePart = (settings: Settings) => ({
  brand: {
    website: settings.WEBSITE,
    logoUrl: settings.LOGO_URL,
    logoBackground: settings.LOGO_BACKGROUND,
  },
  language: settings.BABEL_DEFAULT_LOCALE,
  timeZone: settings.BABEL_DEFAULT_TIMEZONE ?? settings.TZ,
  firstPage: leadsNowhere(settings) ? undefined : settings.WEBROOT_REDIRECT,
  secureCookies: settings.SESSION_COOKIE_SECURE,
})

/** A mailu.env that names the webmail leads nobody to a page that is not there. */
export const aboutFirstPage = (settings: Settings): string[] =>
  leadsNowhere(settings)
    ? [
        `WEBROOT_REDIRECT=${settings.WEBROOT_REDIRECT}: nothing is there, so / shows the start page; name a page of ours, or attach one with WEB_PROXIES`,
      ]
    : []

function leadsNowhere({ WEBROOT_REDIRECT: to, ADMIN, WEB_ADMIN, API, WEB_API, WEB_PROXIES }: Settings) {
  const ours = ['/account', '/sso', ...(ADMIN ? [WEB_ADMIN] : []), ...(API ? [WEB_API] : [])]
  const there = [...ours, ...WEB_PROXIES.map(({ path }) => path)]
  return to !== undefined && !there.some((path) => firstPart(path) === firstPart(to))
}
