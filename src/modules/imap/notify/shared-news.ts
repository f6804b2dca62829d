import { nextTurn } from '../../../platform/next-turn.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { MailboxId } from '../../../ports/mail-store.ts'
import type { Access } from '../access/access.ts'
import type { EventBits } from '../wire/notify-arguments.ts'
import type { Batch, Listed, MailboxNews, NewsListener, NewsRoom } from './account-news.ts'

/** A mailbox of another, as this user calls it. */
interface Shared extends Listed {
  readonly owner: AccountId
  readonly isShared: true
}

/**
 * What happens to mailboxes that others share with one user: heard from each owner, told by the names that the user knows, and only of
 * what the user may see at that moment.
 */
export class SharedNews implements NewsListener {
  readonly #mail: Access
  readonly #account: AccountId
  readonly #room: NewsRoom
  readonly #told: NewsListener
  #visible: ReadonlyMap<MailboxId, Shared> = new Map()
  #owners: ReadonlySet<AccountId> = new Set()
  #isStale = true
  #hasLooked = false
  #touched = new Map<MailboxId, EventBits>()
  #noted: MailboxNews[] = []
  #working: Promise<void> | undefined
  #isClosed = false

  /** `told` hears what is left of it. */
  constructor(
    { mail, account, room }: { mail: Access; account: AccountId; room: NewsRoom },
    told: NewsListener,
  ) {
    this.#mail = mail
    this.#account = account
    this.#room = room
    this.#told = told
    // Subscriptions are one's own, and so is the news that somebody shares something.
    room.join(account, this)
  }

  close(): void {
    this.#isClosed = true
    this.#room.leave(this.#account, this)
    for (const owner of this.#owners) this.#room.leave(owner, this)
  }

  /** Resolves when the names are known. */
  async settled(): Promise<void> {
    if (this.#isStale) this.#begin()
    await this.#working
  }

  get mailboxes(): Iterable<MailboxId> {
    return this.#visible.keys()
  }

  listed(id: MailboxId): Shared | undefined {
    return this.#visible.get(id)
  }

  hasName(name: string): boolean {
    return [...this.#visible.values()].some((shared) => shared.name === name)
  }

  heard({ isRelisted, news, touched }: Batch): void {
    this.#isStale ||= isRelisted
    for (const [id, bits] of touched)
      if (this.#visible.has(id)) this.#touched.set(id, (this.#touched.get(id) ?? 0) | bits)
    for (const each of news) this.#note(each)
    if (this.#isStale || this.#touched.size > 0 || this.#noted.length > 0) this.#begin()
  }

  missed(): void {
    this.#told.missed()
  }

  /** RFC 5464 §3: what the owner notes for all. */
  #note(news: MailboxNews): void {
    const listed =
      news.kind === 'annotations' && news.mailbox !== undefined && this.#visible.get(news.mailbox)
    if (news.kind !== 'annotations' || !listed) return
    const names = news.names.filter((name) => name.startsWith('/shared/'))
    if (names.length > 0) this.#noted.push({ ...news, listed, names })
  }

  #begin(): void {
    this.#working ??= this.#work()
  }

  async #work(): Promise<void> {
    try {
      await nextTurn()
      while (!this.#isClosed && (this.#isStale || this.#touched.size > 0 || this.#noted.length > 0)) {
        const isRelisted = this.#isStale
        const renamed = isRelisted ? await this.#look() : []
        const news = [...renamed, ...this.#noted]
        const touched = this.#touched
        this.#touched = new Map()
        this.#noted = []
        this.#told.heard({ isRelisted, news, touched })
      }
    } catch {
      this.#isStale = true
      this.#told.missed()
    } finally {
      this.#working = undefined
    }
  }

  /** Who shares what now; gives back what came, went, or is called otherwise. */
  async #look(): Promise<MailboxNews[]> {
    this.#isStale = false
    const [all, names] = await Promise.all([this.#mail.visible(), this.#mail.subscriptions()])
    if ('kind' in all) throw new Error('rights cannot be read')
    const subscriptions = new Set(names)
    const before = this.#visible
    const shared = all.filter(({ isShared }) => isShared)
    this.#visible = new Map(
      shared.map(({ owner, mailbox, name, rights }) => {
        const subscribed = subscriptions.has(name)
        return [
          mailbox.id,
          { owner, name, subscribed, exists: true, isShared: true, isUnreadable: !rights.has('r') },
        ]
      }),
    )
    this.#follow(new Set(shared.map(({ owner }) => owner)))
    const isFirst = !this.#hasLooked
    this.#hasLooked = true
    // What was there before is no news.
    if (isFirst) return []
    return [...this.#gone(before), ...this.#changed(before)]
  }

  #gone(before: ReadonlyMap<MailboxId, Shared>): MailboxNews[] {
    const gone = [...before].filter(([id]) => !this.#visible.has(id))
    return gone.map(([, old]) => ({ kind: 'name', listed: { ...old, exists: false }, oldName: undefined }))
  }

  /** What is called otherwise, and what may be read now or no longer. */
  #changed(before: ReadonlyMap<MailboxId, Shared>): MailboxNews[] {
    const changed = [...this.#visible].filter(([id, { name, isUnreadable }]) => {
      const old = before.get(id)
      return old?.name !== name || old.isUnreadable !== isUnreadable
    })
    return changed.map(([id, listed]) => {
      const old = before.get(id)?.name
      return { kind: 'name', listed, oldName: old === listed.name ? undefined : old }
    })
  }

  #follow(owners: ReadonlySet<AccountId>): void {
    if (this.#isClosed) return
    for (const owner of owners) if (!this.#owners.has(owner)) this.#room.join(owner, this)
    for (const owner of this.#owners) if (!owners.has(owner)) this.#room.leave(owner, this)
    this.#owners = owners
  }
}
