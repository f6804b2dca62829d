import { keywordSetOf, systemFlagsOf } from '../../../lib/flags.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type {
  FlagChange,
  FlagState,
  MailboxId,
  MailStore,
  PackedFlags,
  Uid,
} from '../../../ports/mail-store.ts'
import type { MailboxEvents } from '../../../ports/mailbox-events.ts'

interface Place {
  readonly owner: AccountId
  readonly user: AccountId
  readonly mailbox: MailboxId
}

export interface Telling {
  readonly store: Pick<MailStore, 'changeFlags' | 'image' | 'keywordSets'>
  readonly events: MailboxEvents
}

/** Messages that came, as RFC 6785 calls the way they came. */
export async function tellArrived(
  events: MailboxEvents,
  place: Place,
  cause: 'APPEND' | 'COPY',
  uids: readonly Uid[],
): Promise<void> {
  if (uids.length > 0) await events.happened({ ...place, cause, uids, changedFlags: [] })
}

/** Changes flags, and tells scripts that wait for it which ones of each message are others now. */
export async function changeAndTell(
  { store, events }: Telling,
  place: Place,
  uids: readonly Uid[],
  change: FlagChange,
): ReturnType<MailStore['changeFlags']> {
  const { owner, mailbox } = place
  const isAwaited = await events.areAwaited(owner, mailbox)
  const before = isAwaited ? await store.image(owner, mailbox) : undefined
  const flagsBefore = new Map(uids.map((uid) => [uid, before && flagsOf(before, uid)]))
  const changed = await store.changeFlags(owner, mailbox, uids, change)
  if (!before || changed.kind !== 'changed') return changed
  const { done, modSeq } = changed
  const others = done.filter((state) => state.modSeq === modSeq)
  const alike = Map.groupBy(others, ({ uid, flags }) => `${flagsBefore.get(uid) ?? 0} ${flags}`)
  for (const states of alike.values()) await tellFlags({ store, events }, place, states, flagsBefore)
  return changed
}

async function tellFlags(
  { store, events }: Telling,
  place: Place,
  states: readonly FlagState[],
  flagsBefore: ReadonlyMap<Uid, PackedFlags | undefined>,
): Promise<void> {
  const [first] = states
  if (!first) return
  const before = await namesOf(store, flagsBefore.get(first.uid) ?? 0)
  const after = await namesOf(store, first.flags)
  const changedFlags = [
    ...after.filter((flag) => !before.includes(flag)),
    ...before.filter((flag) => !after.includes(flag)),
  ]
  if (changedFlags.length === 0) return
  await events.happened({ ...place, cause: 'FLAG', uids: states.map(({ uid }) => uid), changedFlags })
}

async function namesOf(store: Telling['store'], packed: PackedFlags): Promise<readonly string[]> {
  const [keywords = []] = await store.keywordSets([keywordSetOf(packed)])
  return [...systemFlagsOf(packed), ...keywords]
}

function flagsOf(image: NonNullable<Awaited<ReturnType<MailStore['image']>>>, uid: Uid): PackedFlags {
  let low = 0
  let high = image.uids.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((image.uids[middle] ?? 0) < uid) low = middle + 1
    else high = middle
  }
  return image.uids[low] === uid ? (image.flags[low] ?? 0) : 0
}
