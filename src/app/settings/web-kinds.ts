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
