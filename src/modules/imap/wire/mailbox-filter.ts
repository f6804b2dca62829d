import type { Decoder } from './decoder.ts'

/** Mailboxes as a client names many of them at once. RFC 5465 §6, RFC 7377 §2.2. */
export type MailboxFilter =
  | { readonly kind: 'inboxes' | 'personal' | 'subscribed' }
  | { readonly kind: 'mailboxes' | 'subtree' | 'subtree-one'; readonly names: readonly string[] }

/** More than these name the same mailboxes again. */
export const mostFilterNames = 1000

/** Behind the word that says its kind; undefined where that is none. */
export function mailboxFilter(d: Decoder, kind: string): MailboxFilter | undefined {
  if (kind === 'inboxes' || kind === 'personal' || kind === 'subscribed') return { kind }
  if (kind !== 'mailboxes' && kind !== 'subtree' && kind !== 'subtree-one') return undefined
  const several = d.sp().peek() === '('
  return { kind, names: several ? d.listOfSome(() => d.mailbox()) : [d.mailbox()] }
}

export function namesIn(filters: readonly (MailboxFilter | { readonly kind: 'selected' })[]): number {
  return filters.reduce((sum, each) => sum + ('names' in each ? each.names.length : 1), 0)
}

export interface Filtered {
  readonly name: string
  readonly subscribed: boolean
  /** Another's. */
  readonly isShared?: boolean
}

export function isIn(filter: MailboxFilter, { name, subscribed, isShared = false }: Filtered): boolean {
  switch (filter.kind) {
    // RFC 5465 §6.3: where mail may be delivered to. Filters may file it anywhere, so that is everywhere.
    case 'inboxes':
    case 'personal':
      return !isShared
    case 'subscribed':
      return subscribed
    case 'mailboxes':
      return filter.names.includes(name)
    case 'subtree':
      return filter.names.some((each) => name === each || name.startsWith(`${each}/`))
    case 'subtree-one':
      return filter.names.some((each) => name === each || parentOf(name) === each)
  }
}

function parentOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')))
}
