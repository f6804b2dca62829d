import type { Mailbox, Uid } from '../../../ports/mail-store.ts'
import type { MessageRef } from '../../../ports/message.ts'
import type { SieveAction, SieveVersion } from '../../../ports/sieve.ts'
import { sealPieces } from '../making.ts'
import { type MetMessage, storedPieces, without } from './met-message.ts'
import type { EventParts, ScriptRun } from './prepare.ts'
import { send } from './send.ts'

export interface Decided {
  readonly met: MetMessage
  readonly id: string
  readonly actions: readonly SieveAction[]
  readonly versions: readonly SieveVersion[]
}

type FileAction = Extract<SieveAction, { kind: 'file' }>
type Store = EventParts['store']

/** The mailbox of the event and the message in it. */
interface Place {
  readonly owner: ScriptRun['event']['owner']
  readonly mailbox: number
  readonly uid: Uid
}

/**
 * RFC 6785: what is filed elsewhere is copied there; what is not kept goes last, and only where all else is done. So whatever fails,
 * and wherever a crash falls, the message is in one place at least.
 */
export async function carryOut(parts: EventParts, run: ScriptRun, decided: Decided): Promise<void> {
  const { actions, met } = decided
  const place = { owner: run.event.owner, mailbox: run.event.mailbox, uid: met.uid }
  const filings = actions.filter((action) => action.kind === 'file')
  const isHere = ({ mailbox }: FileAction) => mailbox === undefined || mailbox === run.mailbox
  const kept = filings.find(isHere)
  const elsewhere = filings.filter((action) => !isHere(action))
  // What goes to one place alone goes there in one step.
  const moved = kept ? undefined : elsewhere.findLast((action) => !isEdited(decided, action))
  let isDone = true
  for (const action of actions) {
    if (action.kind === 'redirect' || action.kind === 'send')
      isDone = (await send(parts, run, { ...decided, action })) && isDone
  }
  for (const action of elsewhere) {
    if (action !== moved) isDone = (await file(parts, place, decided, action)) && isDone
  }
  if (kept) await keep(parts, place, decided, kept)
  else if (isDone) await leave(parts, place, decided, moved, elsewhere.length > 0)
}

function isEdited({ versions }: Decided, { version }: { readonly version: number }): boolean {
  return versions[version]?.header !== undefined
}

/** Copies it, or what the script made of it. False where that is not possible. */
async function file(parts: EventParts, place: Place, decided: Decided, action: FileAction): Promise<boolean> {
  const { store } = parts
  const { met } = decided
  const to = await targetOf(store, place, action)
  if (!to) return false
  if (!isEdited(decided, action)) {
    const copied = await store.copy(place.owner, place.mailbox, [place.uid], to.id)
    if (copied.kind !== 'copied') return failed(parts, place, copied.kind)
    await setFlags(store, { ...place, mailbox: to.id, uid: copied.to[0] ?? 0 }, met.flags, action.flags)
    return copied.to.length > 0
  }
  const message = await edited(parts, place, decided, action)
  if (!message) return false
  const appended = await store.append(place.owner, to.id, [
    { message, flags: action.flags, receivedAt: met.receivedAt },
  ])
  return appended.kind === 'appended' || failed(parts, place, appended.kind)
}

async function keep(parts: EventParts, place: Place, decided: Decided, action: FileAction): Promise<void> {
  const { met } = decided
  if (!isEdited(decided, action)) {
    await setFlags(parts.store, place, met.flags, action.flags)
    return
  }
  const message = await edited(parts, place, decided, action)
  if (!message) return
  const { owner, mailbox, uid } = place
  const { receivedAt } = met
  const put = await parts.store.replace(owner, mailbox, uid, mailbox, {
    message,
    flags: action.flags,
    receivedAt,
  })
  if (put.kind !== 'replaced') failed(parts, place, put.kind)
}

/** It is not kept: moved, or where nothing else has it left to its owner to expunge. */
async function leave(
  parts: EventParts,
  place: Place,
  { met }: Decided,
  moved: FileAction | undefined,
  isElsewhere: boolean,
): Promise<void> {
  const { store } = parts
  const { owner, mailbox, uid } = place
  if (moved) {
    const to = await targetOf(store, place, moved)
    if (!to) return
    const done = await store.move(owner, mailbox, [uid], to.id)
    if (done.kind !== 'copied') failed(parts, place, done.kind)
    else await setFlags(store, { ...place, mailbox: to.id, uid: done.to[0] ?? 0 }, met.flags, moved.flags)
  } else if (isElsewhere) await store.remove(owner, mailbox, [uid])
  else await store.changeFlags(owner, mailbox, [uid], { mode: 'add', flags: ['\\Deleted'] })
}

/** RFC 5228 §4.1: what is not there and is not to be made takes nothing. */
async function targetOf(
  store: Store,
  { owner }: Place,
  { mailbox = 'INBOX', create }: FileAction,
): Promise<Mailbox | undefined> {
  const found = await store.mailbox(owner, mailbox)
  if (found || !create) return found
  const made = await store.createMailbox(owner, mailbox)
  if (made.kind !== 'created') return undefined
  await store.subscribe(owner, mailbox)
  return made.mailbox
}

/** Only what the script changed: somebody else may change others meanwhile. */
async function setFlags(
  store: Store,
  { owner, mailbox, uid }: Place,
  before: readonly string[],
  after: readonly string[],
): Promise<void> {
  const more = without(after, before)
  const less = without(before, after)
  if (more.length > 0) await store.changeFlags(owner, mailbox, [uid], { mode: 'add', flags: more })
  if (less.length > 0) await store.changeFlags(owner, mailbox, [uid], { mode: 'remove', flags: less })
}

/** What the script made of the message. */
async function edited(
  { store, bytes }: EventParts,
  place: Place,
  { met, versions }: Pick<Decided, 'met' | 'versions'>,
  { version }: { readonly version: number },
): Promise<MessageRef | undefined> {
  const { header, body } = versions[version] ?? {}
  const from = header === undefined ? 0 : met.index.headerBytes
  const rest = storedPieces(store, place, { from, to: met.index.size })
  const sealed = await sealPieces(bytes, pieces(header, body, rest))
  return sealed.kind === 'sealed' ? sealed.ref : undefined
}

async function* pieces(
  header: Uint8Array | undefined,
  body: Uint8Array | undefined,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (header !== undefined) yield Uint8Array.from(header)
  if (body !== undefined) yield Uint8Array.from(body)
  else yield* rest
}

function failed({ log }: EventParts, { owner, mailbox }: Place, why: string): false {
  log.warn('imap-script.not-done', { account: owner, mailbox, why })
  return false
}
