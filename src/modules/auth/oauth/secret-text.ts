import { createHash, randomBytes } from 'node:crypto'

/** What a token is for stands in front of it, so that no code is taken for a token, and whoever finds one in a log knows what it is. */
type Purpose = 'code' | 'access' | 'refresh'

const marks = { code: 'hpc', access: 'hpo', refresh: 'hpr' } as const
const form = /^(?<mark>hp[cor])_(?<grant>[\w-]{22})(?<secret>[\w-]{43})$/

/** 128 bits that name what was allowed. Whoever shows them had a token of it once. */
export const newGrantId = (): string => randomBytes(16).toString('base64url')

export const newToken = (purpose: Purpose, grant: string): string =>
  `${marks[purpose]}_${grant}${newSecret()}`

/** 256 bits: no slow hash is needed, and none can be guessed. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

export function readToken(purpose: Purpose, text: string): { readonly grant: string } | undefined {
  const { mark, grant = '' } = form.exec(text)?.groups ?? {}
  return mark === marks[purpose] ? { grant } : undefined
}

export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
