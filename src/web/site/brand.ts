import { createHash } from 'node:crypto'
import { style } from './style.ts'

/** How the head of each page looks: WEBSITE and LOGO_*. */
export interface Brand {
  /** Where its name leads; undefined: to our own first page. */
  readonly website: string | undefined
  /** An address, or a path here. */
  readonly logoUrl: string | undefined
  /** What CSS calls a colour. */
  readonly logoBackground: string | undefined
}

export const styleOf = ({ logoUrl, logoBackground }: Brand): string =>
  logoUrl === undefined || logoBackground === undefined
    ? style
    : `${style}.logo { background: ${logoBackground}; padding: .25rem; border-radius: .4rem }\n`

/** What the Content-Security-Policy says of it. */
export const styleSourceOf = (brand: Brand): string =>
  `'sha256-${createHash('sha256').update(styleOf(brand)).digest('base64')}'`

/** Where the logo may come from, beside what stands in the page. */
export function imageSources({ logoUrl }: Brand): string[] {
  if (logoUrl === undefined) return []
  return [logoUrl.startsWith('/') ? "'self'" : new URL(logoUrl).origin]
}
