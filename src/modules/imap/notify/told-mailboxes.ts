import type { MailboxId } from '../../../ports/mail-store.ts'
import { type Filtered, isIn } from '../wire/mailbox-filter.ts'
import { type EventBits, type EventGroup, events, messageEvents } from '../wire/notify-arguments.ts'
import type { Batch, MailboxNews, NewsListener } from './account-news.ts'

/** News that wait for a client that does not read. */
const mostWaiting = 1000

interface Surroundings {
  readonly listed: (id: MailboxId) => Filtered | undefined
  /** Its messages are told in another way, at once. */
  readonly isSelected: (id: MailboxId) => boolean
  readonly onNews: () => void
}

/** What happened to mailboxes that one client asked about, until it is told: bounded, whatever happens. */
export class ToldMailboxes implements NewsListener {
  readonly #groups: readonly EventGroup[]
  readonly #around: Surroundings
  /** Message events asked for, by mailbox; true as long as names and subscriptions stay. */
  readonly #wanted = new Map<MailboxId, EventBits>()
  #touched = new Set<MailboxId>()
  #news: MailboxNews[] = []
  #hasMissed = false

  constructor(groups: readonly EventGroup[], around: Surroundings) {
    this.#groups = groups
    this.#around = around
  }

  /** More happened than can be told. */
  get hasMissed(): boolean {
    return this.#hasMissed
  }

  get hasNews(): boolean {
    return this.#hasMissed || this.#news.length > 0 || this.#touched.size > 0
  }

  take(): { touched: ReadonlySet<MailboxId>; news: readonly MailboxNews[] } {
    const taken = { touched: this.#touched, news: this.#news }
    this.#touched = new Set()
    this.#news = []
    return taken
  }

  heard({ isRelisted, news, touched }: Batch): void {
    if (this.#hasMissed) return
    if (isRelisted) this.#wanted.clear()
    const asked = [...touched].flatMap(([id, bits]) => ((this.wanted(id) & bits) === 0 ? [] : id))
    for (const id of asked) this.#touched.add(id)
    for (const each of news) if (this.#wants(each)) this.#news.push(each)
    if (this.#touched.size + this.#news.length > mostWaiting) this.missed()
    else if (this.#news.length > 0 || asked.some((id) => !this.#around.isSelected(id))) this.#around.onNews()
  }

  missed(): void {
    this.#hasMissed = true
    this.take()
    this.#around.onNews()
  }

  /** Message events of a mailbox that are asked for. */
  wanted(id: MailboxId): EventBits {
    const known = this.#wanted.get(id)
    if (known !== undefined) return known
    const listed = this.#around.listed(id)
    const bits = listed ? this.#bitsFor(listed) & messageEvents : 0
    this.#wanted.set(id, bits)
    return bits
  }

  #wants(news: MailboxNews): boolean {
    switch (news.kind) {
      case 'name': {
        const names = news.oldName === undefined ? [news.listed.name] : [news.listed.name, news.oldName]
        return names.some((name) => this.#asks({ ...news.listed, name }, events.MailboxName))
      }
      case 'subscription':
        // Who hears of subscribed ones hears of the one that is not subscribed any more too.
        return this.#asks({ ...news.listed, subscribed: true }, events.SubscriptionChange)
      case 'annotations':
        return news.listed
          ? this.#asks(news.listed, events.MailboxMetadataChange)
          : this.#groups.some(({ bits }) => (bits & events.ServerMetadataChange) !== 0)
    }
  }

  #asks(listed: Filtered, bit: EventBits): boolean {
    return (this.#bitsFor(listed) & bit) !== 0
  }

  /** Of all groups that name it, up to one that wants NONE. */
  #bitsFor(listed: Filtered): EventBits {
    let all: EventBits = 0
    for (const { filter, bits } of this.#groups) {
      if (!isIn(filter, listed)) continue
      if (bits === 0) break
      all |= bits
    }
    return all
  }
}
