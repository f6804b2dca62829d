import { nextTurn } from '../../../platform/next-turn.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Mailbox, MailboxId, MailChange, MailReader } from '../../../ports/mail-store.ts'
import type { Stop } from '../../../ports/runtime.ts'
import { type EventBits, events } from '../wire/notify-arguments.ts'

/** A mailbox or a name, as it is after what happened. */
export interface Listed {
  readonly name: string
  /** Of another user. */
  readonly isShared?: boolean
  /** It may be seen, and not read. */
  readonly isUnreadable?: boolean
  readonly exists: boolean
  readonly subscribed: boolean
}

/** What is told of mailboxes beside their messages. */
export type MailboxNews =
  | { readonly kind: 'name'; readonly listed: Listed; readonly oldName: string | undefined }
  | { readonly kind: 'subscription'; readonly listed: Listed }
  /** Undefined: of all mail of the account. */
  | {
      readonly kind: 'annotations'
      readonly mailbox: MailboxId | undefined
      readonly listed: Listed | undefined
      readonly names: readonly string[]
    }

/** What happened in one moment. */
export interface Batch {
  /** Names or subscriptions changed: what was known of them is not true any more. */
  readonly isRelisted: boolean
  readonly news: readonly MailboxNews[]
  /** Mailboxes with changed messages, and how they changed. */
  readonly touched: ReadonlyMap<MailboxId, EventBits>
}

export interface NewsListener {
  heard(batch: Batch): void
  /** Something happened that cannot be told. */
  missed(): void
}

/**
 * What happens to all mailboxes of one account, worked out once for all its clients that asked for it. One moment's changes are one
 * batch; nothing is kept for those who listen but the names.
 */
export class AccountNews {
  readonly listeners = new Set<NewsListener>()
  readonly #store: MailReader
  readonly #account: AccountId
  readonly #stop: Stop
  #mailboxes: ReadonlyMap<MailboxId, Mailbox> = new Map()
  #names: ReadonlySet<string> = new Set()
  #subscriptions: ReadonlySet<string> = new Set()
  /** Rows as they are since the last batch that touched them. */
  readonly #rows = new Map<MailboxId, Promise<Mailbox | undefined>>()
  #touched = new Map<MailboxId, EventBits>()
  #annotated: Extract<MailChange, { kind: 'annotations' }>[] = []
  #isRelisted = true
  #working: Promise<void> | undefined

  constructor(store: MailReader, account: AccountId) {
    this.#store = store
    this.#account = account
    // Watch first: what is committed while the names are read must not be missed.
    this.#stop = store.watch(account, (change) => this.#note(change))
  }

  stop(): void {
    this.#stop()
  }

  /** Resolves when all that happened until now was told. */
  async settled(): Promise<void> {
    if (this.#isBehind) this.#begin()
    await this.#working
  }

  get mailboxes(): Iterable<Mailbox> {
    return this.#mailboxes.values()
  }

  /** Its name and subscription. */
  listed(id: MailboxId): Mailbox | undefined {
    return this.#mailboxes.get(id)
  }

  /** With the counts of now; read once for all who ask. */
  row(id: MailboxId): Promise<Mailbox | undefined> {
    const known = this.#rows.get(id) ?? this.#read(id)
    this.#rows.set(id, known)
    return known
  }

  async #read(id: MailboxId): Promise<Mailbox | undefined> {
    const name = this.#mailboxes.get(id)?.name
    const row = name === undefined ? undefined : await this.#store.mailbox(this.#account, name)
    return row?.id === id ? row : undefined
  }

  get #isBehind(): boolean {
    return this.#isRelisted || this.#touched.size > 0 || this.#annotated.length > 0
  }

  #note(change: MailChange): void {
    if (change.kind === 'mailboxes') this.#isRelisted = true
    else if (change.kind === 'annotations') this.#annotated.push(change)
    else this.#touched.set(change.mailbox, (this.#touched.get(change.mailbox) ?? 0) | bitsOf(change))
    this.#begin()
  }

  #begin(): void {
    this.#working ??= this.#work()
  }

  /** Changes of one moment are told together. */
  async #work(): Promise<void> {
    try {
      await nextTurn()
      while (this.#isBehind) this.#tell(await this.#batch())
    } catch {
      // The store says in the log what its trouble is; the clients must know that they do not know.
      this.#touched.clear()
      this.#annotated = []
      this.#isRelisted = true
      for (const listener of [...this.listeners]) listener.missed()
    } finally {
      // At once: whatever happens from here on begins anew.
      this.#working = undefined
    }
  }

  async #batch(): Promise<Batch> {
    const isUnknown = [...this.#touched.keys()].some((id) => !this.#mailboxes.has(id))
    const isRelisted = this.#isRelisted || isUnknown
    const news = isRelisted ? await this.#relist() : []
    const touched = this.#touched
    const annotated = this.#annotated
    this.#touched = new Map()
    this.#annotated = []
    for (const id of touched.keys()) this.#rows.delete(id)
    const notes = annotated.flatMap(({ mailbox, names }) => this.#noted(mailbox, names))
    return { isRelisted, news: [...news, ...notes], touched }
  }

  #tell(batch: Batch): void {
    for (const listener of [...this.listeners]) listener.heard(batch)
  }

  #noted(mailbox: MailboxId | undefined, names: readonly string[]): MailboxNews[] {
    if (mailbox === undefined) return [{ kind: 'annotations', mailbox, listed: undefined, names }]
    const row = this.#mailboxes.get(mailbox)
    return row ? [{ kind: 'annotations', mailbox, listed: { ...row, exists: true }, names }] : []
  }

  /** Reads all names anew; gives back what changed. */
  async #relist(): Promise<MailboxNews[]> {
    this.#isRelisted = false
    const [mailboxes, names] = await Promise.all([
      this.#store.mailboxes(this.#account),
      this.#store.subscriptions(this.#account),
    ])
    const before = { mailboxes: this.#mailboxes, subscriptions: this.#subscriptions }
    this.#mailboxes = new Map(mailboxes.map((mailbox) => [mailbox.id, mailbox]))
    this.#names = new Set(mailboxes.map(({ name }) => name))
    this.#subscriptions = new Set(names)
    this.#rows.clear()
    // Nobody heard of anything before.
    if (before.mailboxes.size === 0) return []
    return [...this.#renamed(before.mailboxes), ...this.#subscribed(before.subscriptions)]
  }

  #renamed(before: ReadonlyMap<MailboxId, Mailbox>): MailboxNews[] {
    const gone = [...before.values()].filter(({ id }) => !this.#mailboxes.has(id))
    const changed = [...this.#mailboxes.values()].filter(({ id, name }) => before.get(id)?.name !== name)
    return [
      ...gone.map(
        ({ name }): MailboxNews => ({ kind: 'name', listed: this.#name(name), oldName: undefined }),
      ),
      ...changed.map(({ id, name }): MailboxNews => {
        return { kind: 'name', listed: this.#name(name), oldName: before.get(id)?.name }
      }),
    ]
  }

  #subscribed(before: ReadonlySet<string>): MailboxNews[] {
    const changed = [
      ...[...this.#subscriptions].filter((name) => !before.has(name)),
      ...[...before].filter((name) => !this.#subscriptions.has(name)),
    ]
    return changed.map((name) => ({ kind: 'subscription', listed: this.#name(name) }))
  }

  #name(name: string): Listed {
    return { name, exists: this.#names.has(name), subscribed: this.#subscriptions.has(name) }
  }
}

function bitsOf({ arrived, flagged, expunged }: Extract<MailChange, { kind: 'messages' }>): EventBits {
  return (
    (arrived.length > 0 ? events.MessageNew : 0) |
    (expunged.length > 0 ? events.MessageExpunge : 0) |
    (flagged.length > 0 ? events.FlagChange : 0)
  )
}

/** The news of each account that somebody listens to. */
export class NewsRoom {
  readonly #store: MailReader
  readonly #open = new Map<AccountId, AccountNews>()

  constructor(store: MailReader) {
    this.#store = store
  }

  /** To be left by `leave`. */
  join(account: AccountId, listener: NewsListener): AccountNews {
    const news = this.#open.get(account) ?? new AccountNews(this.#store, account)
    this.#open.set(account, news)
    news.listeners.add(listener)
    return news
  }

  leave(account: AccountId, listener: NewsListener): void {
    const news = this.#open.get(account)
    if (!news?.listeners.delete(listener) || news.listeners.size > 0) return
    news.stop()
    this.#open.delete(account)
  }
}
