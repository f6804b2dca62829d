import type { AccountId } from '../../../ports/accounts.ts'
import type { MailChange, MailReader } from '../../../ports/mail-store.ts'
import type { Stop } from '../../../ports/runtime.ts'
import type { Opened } from '../access/opened.ts'
import { ColumnCache } from '../search/column-cache.ts'
import { SharedImage } from './image.ts'

type MessagesChange = Extract<MailChange, { kind: 'messages' }>

interface Held {
  readonly key: string
  readonly account: AccountId
  /** Undefined where the mailbox is not there. */
  readonly image: Promise<SharedImage | undefined>
  ready: SharedImage | undefined
  users: number
  /** What happened while it was being read. */
  readonly early: MessagesChange[]
}

/** Images of open mailboxes, each read once, kept true by the store's changes, shared by all who have it open. */
export class Images {
  /** Beside the images: what searches and sorts know of all their messages. */
  readonly columns = new ColumnCache()
  readonly #store: Pick<MailReader, 'watch'>
  readonly #held = new Map<string, Held>()
  readonly #watches = new Map<AccountId, { stop: Stop; images: number }>()

  constructor(store: Pick<MailReader, 'watch'>) {
    this.#store = store
  }

  /** Opened images must be given back by `release`. Undefined where the mailbox is gone. */
  async open(at: Opened<'r'>): Promise<SharedImage | undefined> {
    const held = this.#held.get(keyOf(at.owner, at.mailbox.id)) ?? this.#read(at)
    held.users++
    const image = await held.image
    if (!image) this.#forget(held)
    return image
  }

  release({ owner }: Opened<'r'>, image: SharedImage): void {
    const held = this.#held.get(keyOf(owner, image.mailbox.id))
    if (held?.ready !== image) return
    held.users--
    // The store keeps images for those who come back.
    if (held.users === 0) this.#forget(held)
  }

  stop(): void {
    for (const { stop } of this.#watches.values()) stop()
    this.#watches.clear()
    this.#held.clear()
  }

  #read(at: Opened<'r'>): Held {
    // Watch first: what is committed while the image is read must not be missed.
    this.#watch(at.owner)
    const held: Held = {
      key: keyOf(at.owner, at.mailbox.id),
      account: at.owner,
      image: at.image().then((found) => {
        if (!found) return undefined
        const image = new SharedImage(found)
        for (const change of held.early) image.apply(change)
        held.early.length = 0
        held.ready = image
        return image
      }),
      ready: undefined,
      users: 0,
      early: [],
    }
    held.image.catch(() => this.#forget(held))
    this.#held.set(held.key, held)
    return held
  }

  #watch(account: AccountId): void {
    const watch = this.#watches.get(account) ?? {
      stop: this.#store.watch(account, (change) => this.#onChange(account, change)),
      images: 0,
    }
    watch.images++
    this.#watches.set(account, watch)
  }

  #onChange(account: AccountId, change: MailChange): void {
    if (change.kind === 'mailboxes') {
      for (const mailbox of change.deleted) this.#onDeleted(keyOf(account, mailbox))
      return
    }
    if (change.kind === 'annotations') return
    const held = this.#held.get(keyOf(account, change.mailbox))
    if (!held) return
    if (held.ready) held.ready.apply(change)
    else held.early.push(change)
  }

  #onDeleted(key: string): void {
    const held = this.#held.get(key)
    if (!held) return
    this.#forget(held)
    for (const watcher of held.ready?.watchers ?? []) watcher.deleted()
  }

  #forget(held: Held): void {
    if (this.#held.get(held.key) !== held) return
    this.#held.delete(held.key)
    const watch = this.#watches.get(held.account)
    if (!watch || --watch.images > 0) return
    watch.stop()
    this.#watches.delete(held.account)
  }
}

function keyOf(account: AccountId, mailbox: number): string {
  return `${account}:${mailbox}`
}
