import type { Link } from '../content/links.ts'
import type { Evidence } from './evidence.ts'
import type { Rule } from './rule.ts'

/** Where its links lead, and how they hide it. */
export const linkRules: readonly Rule<Evidence>[] = [
  {
    symbol: 'ZERO_WIDTH_SPACE_URL',
    weight: 7,
    group: 'links',
    why: 'has invisible characters in a link',
    test: ({ content }) =>
      hosts(content, ({ host, path }) => invisible.test(host) || invisible.test(path.slice(0, longestPath))),
  },
  {
    symbol: 'OMOGRAPH_URL',
    weight: 5,
    group: 'links',
    why: 'links to a name with look-alike letters',
    test: ({ content }) =>
      hosts(content, ({ host }) => !isPlain.test(host) && host.split('.').some(isLookAlike)),
  },
  {
    symbol: 'HAS_IPFS_GATEWAY_URL',
    weight: 6,
    group: 'links',
    why: 'links to a page that nobody answers for (IPFS)',
    test: ({ content }) =>
      hosts(content, ({ host, path }) => /\.ipfs\./.test(host) || /^\/ipfs\/(?:Qm|bafy)\w{20}/.test(path)),
  },
  {
    symbol: 'HAS_GOOGLE_FIREBASE_URL',
    weight: 2,
    group: 'links',
    why: 'links to a free page that anybody can make',
    test: ({ content }) =>
      hosts(content, ({ host }) => /\.(?:web\.app|firebaseapp\.com)$|^firebasestorage\./.test(host)),
  },
  {
    symbol: 'HAS_GUC_PROXY_URI',
    weight: 1,
    group: 'links',
    why: 'takes a picture of another through Google',
    test: ({ content }) =>
      hosts(content, ({ host, path }) => host.endsWith('.googleusercontent.com') && /\/proxy\//.test(path)),
  },
  {
    symbol: 'HAS_GOOGLE_REDIR',
    weight: 1,
    group: 'links',
    why: 'leads through Google to another page',
    test: ({ content }) =>
      hosts(
        content,
        ({ host, path }) =>
          /^www\.google\.[a-z.]{2,6}$/.test(host) &&
          /^\/url\?/.test(path) &&
          /[?&](?:q|url)=https?/i.test(path),
      ),
  },
  {
    symbol: 'URL_REDIRECTOR_NESTED',
    weight: 1,
    group: 'links',
    why: 'leads through several pages to another',
    test: ({ content }) =>
      hosts(
        content,
        ({ path }) => (path.slice(0, longestPath).match(/https?(?::|%3a)(?:\/|%2f){2}/gi) ?? []).length > 1,
      ),
  },
  {
    symbol: 'HACKED_WP_PHISHING',
    weight: 4.5,
    group: 'links',
    why: 'links to a place where others broke in',
    test: ({ content }) =>
      hosts(
        content,
        ({ path }) =>
          /^(?:\/[\w.-]{1,60}){0,4}\/wp-(?:content|includes)\/(?!uploads\/)[\w./-]{1,200}\.(?:php|html?)(?:\?|$)/i.test(
            path,
          ) ||
          /^(?:\/[\w.-]{1,60}){0,4}\/wp-admin\/(?:css|images|includes|js|maint|network|user)\/[\w./-]{1,200}\.html?/i.test(
            path,
          ),
      ),
  },
  {
    symbol: 'URI_HIDDEN_PATH',
    weight: 1,
    group: 'links',
    why: 'links to a hidden folder',
    test: ({ content }) =>
      hosts(content, ({ path }) => /\/\.(?!well-known\/)[a-z0-9]/i.test(path.slice(0, longestPath))),
  },
  {
    symbol: 'HTTP_TO_HTTPS',
    weight: 0.5,
    group: 'links',
    why: 'shows a safe link that is not',
    test: ({ content }) =>
      hosts(content, ({ scheme, label }) => scheme === 'http' && /^\s*https:\/\//i.test(label ?? '')),
  },
  {
    symbol: 'NUMERIC_HOST_OBFU',
    weight: 3,
    group: 'links',
    why: 'links to a number that is written so as not to be one',
    test: ({ content }) =>
      hosts(content, ({ host }) =>
        /^0[0-7]{8,11}$|^0x[0-9a-f]{8}$|^(?:0x[0-9a-f]{1,2}\.){3}0x[0-9a-f]{1,2}$|^\d{8,10}$/.test(host),
      ),
  },
  {
    symbol: 'URL_BRAND_SUBDOMAIN',
    weight: 2,
    group: 'links',
    why: 'links to a name with that of a bank or shop in front',
    test: ({ content }) => hosts(content, ({ host }) => brand.test(host) && !ownBrand.test(host)),
  },
  {
    symbol: 'URL_VERY_DEEP',
    weight: 1,
    group: 'links',
    why: 'links to a name of very many parts',
    test: ({ content }) => hosts(content, ({ host }) => host.split('.').length > 6),
  },
]

const longestPath = 500
const mostNamed = 3

const hosts = ({ links }: Evidence['content'], test: (link: Link) => boolean): string[] => [
  ...new Set(
    links
      .filter((link) => link.scheme !== 'mailto' && test(link))
      .slice(0, mostNamed)
      .map(({ host }) => host),
  ),
]

const invisible = /[\u00ad\u200b-\u200f\u2060\ufeff]|%e2%80%8[b-f]/i

const isPlain = /^[\0-\x7f]*$/

/** Latin letters beside those of an alphabet that has look-alikes of them; or nothing but look-alikes. */
const isLookAlike = (label: string): boolean =>
  (/[a-z]/.test(label) && /[\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u13a0-\u13ff]/.test(label)) ||
  /^(?=.*[^\d-])[асԁеһіјӏорԛѕԝхуαορνυі\d-]{3,}$/.test(label)

const brands =
  'paypal|amazon|apple|icloud|microsoft|office365|netflix|dhl|dpd|ups|fedex|ebay|sparkasse|volksbank|postbank|commerzbank|coinbase|binance|metamask'
/** `paypal.com.evil.example`, `paypal-login.evil.example`. */
const brand = new RegExp(`(?:^|[.-])(?:${brands})(?:\\.(?:com|de|net|org)\\.|-[a-z-]+\\.)`)
const ownBrand = new RegExp(
  `(?:^|\\.)(?:${brands})\\.(?:com|de|net|org|co\\.uk|fr|it|es|nl)$|\\.(?:amazonaws|cloudfront|akamaihd)\\.`,
)
