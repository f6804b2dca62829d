import { optional, text, timeZone, yesNo } from './kinds.ts'
import { row } from './row.ts'
import { colour, firstPage, logoAddress, pageLanguage, webUrl } from './web-kinds.ts'

/** How our pages look, and what they are for whoever has chosen nothing. */
export const pageRows = {
  SITENAME: row(optional(text), '', 'What this service calls itself, if not DOMAIN'),
  WEBSITE: row(
    optional(webUrl),
    '',
    'Where that name leads at the head of each page, such as to your own web site; nothing is the start page',
  ),
  LOGO_URL: row(
    optional(logoAddress),
    '',
    'A picture beside that name; browsers may load it from there, and nothing else',
  ),
  LOGO_BACKGROUND: row(optional(colour), '', 'The colour behind the picture of LOGO_URL'),
  BABEL_DEFAULT_LOCALE: row(
    pageLanguage,
    'en',
    'Language of pages for whoever has chosen none, and whose browser asks for none of ours',
  ),
  BABEL_DEFAULT_TIMEZONE: row(
    optional(timeZone),
    '',
    'In which zone pages tell times to users who have chosen none; nothing is that of TZ',
  ),
  WEBROOT_REDIRECT: row(
    firstPage,
    '',
    'The page that / leads to, in place of the start page, which none leaves there, too',
  ),
  SESSION_COOKIE_SECURE: row(
    optional(yesNo),
    '',
    'Whether browsers keep sign-ins for HTTPS alone; nothing: where they came by HTTPS, as a proxy in REAL_IP_FROM tells it',
  ),
}
