import type { ListedName } from '../lib/listed-name.ts'
import type { AccountId } from './accounts.ts'
import type { TryLater } from './runtime.ts'

/** Senders whose mail is always wanted, or never. An owner of undefined: the administrator, for everybody. */
export interface SenderLists extends SenderSayings {
  /** By name. */
  list(owner: AccountId | undefined): Promise<readonly ListedSender[]>
  /** What was said of it before is replaced. */
  put(
    owner: AccountId | undefined,
    sender: ListedName,
    wanted: boolean,
  ): Promise<{ readonly kind: 'put' } | { readonly kind: 'full'; readonly most: number } | TryLater>
  remove(
    owner: AccountId | undefined,
    sender: ListedName,
  ): Promise<{ readonly kind: 'removed' | 'missing' } | TryLater>
}

export interface SenderSayings {
  /** What is said of these names by any of these people, and for everybody. */
  said(
    names: readonly ListedName[],
    owners: readonly AccountId[],
  ): Promise<readonly (ListedSender & { readonly owner: AccountId | undefined })[]>
}

export interface ListedSender {
  readonly sender: ListedName
  readonly wanted: boolean
}
