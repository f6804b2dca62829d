import { type Language, languageOf, languages } from '../../lib/page-languages.ts'
import type { Kind } from './kinds.ts'

export const webUrl: Kind<string> = {
  expected: 'a web address, such as https://login.example.org/logout',
  read: (value) =>
    /^https?:\/\/\S+$/.test(value) && URL.canParse(value) ? { value: new URL(value).href } : undefined,
}

export const headerName: Kind<string> = {
  expected: 'the name of an HTTP header, such as X-Auth-Email',
  read: (value) => (/^[\w-]{1,100}$/.test(value) ? { value } : undefined),
}

export const webUrlOrNone: Kind<string | undefined> = {
  expected: `${webUrl.expected}, or none`,
  read: (value) => (value.toLowerCase() === 'none' ? { value: undefined } : webUrl.read(value)),
}

/** OpenID Connect Discovery 1.0 §4: always there, and never without TLS. */
export const providerInfoUrl: Kind<string> = {
  expected: 'an address such as https://login.example.org/.well-known/openid-configuration',
  read: (value) =>
    /^https:\/\/[^\s?#@]+\/\.well-known\/openid-configuration$/.test(value) && URL.canParse(value)
      ? { value: new URL(value).href }
      : undefined,
}

/** Without what has a meaning in a header or a sentence of it. */
const pathHere = /^\/(?![/\\])[\w.~!$&'()*+=:@%/?-]*$/

export const logoAddress: Kind<string> = {
  expected: 'the address of a picture, such as https://example.org/logo.svg, or a path here',
  read: (value) => (pathHere.test(value) ? { value } : webUrl.read(value)),
}

/** As CSS writes it, and nothing that would be more than one value. */
export const colour: Kind<string> = {
  expected: 'a colour as CSS has it, such as #1f5fa8 or navy',
  read: (value) =>
    /^(?:#(?:[\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})|[a-z]{3,30}|(?:rgb|hsl)a?\([\d\s.,%/]{5,40}\))$/i.test(value)
      ? { value }
      : undefined,
}

export const pageLanguage: Kind<Language> = {
  expected: `a language of our pages: ${Object.keys(languages).join(', ')}`,
  read: (value) => {
    const language = languageOf(value)
    return language && { value: language }
  },
}

export const firstPage: Kind<string | undefined> = {
  expected: 'a path here, such as /admin, or none',
  read: (value) => {
    if (/^(none|\/|)$/i.test(value)) return { value: undefined }
    return pathHere.test(value) ? { value } : undefined
  },
}
