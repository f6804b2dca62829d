import type { OldSignIn } from '../../../ports/old-servers.ts'

/** How a sign-in on an old server went. `said` is one character per octet, and one line. */
export type Let =
  | { readonly kind: 'yes'; readonly said: string }
  | { readonly kind: 'no' }
  /** It has trouble of its own. */
  | { readonly kind: 'later' }

/** RFC 4616 §2. */
export const plainAnswer = ({ login, password }: Pick<OldSignIn, 'login' | 'password'>): string =>
  Buffer.from(`\0${login}\0${password}`).toString('base64')

/** Nothing that a terminal would obey. */
export const oneLine = (text: string): string => text.replaceAll(/[\x00-\x1f\x7f]/g, ' ').slice(0, 200)
