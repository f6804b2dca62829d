import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import type { UserRow } from '../../../ports/directory-rows.ts'
import type { Mailbox, Uid } from '../../../ports/mail-store.ts'
import { ownAliases } from '../../own-aliases/make.ts'
import type { AccountMail } from '../mail-parts.ts'
import { tarEnd, tarHeader, tarPadding } from './tar.ts'

export interface ExportParts extends Pick<AccountMail, 'store' | 'scripts'> {
  readonly admin: Pick<DirectoryAdmin, 'aliases' | 'tokens' | 'fetches'>
}

const rowsAtOnce = 500
const piece = 1024 * 1024

/** All that somebody has here, as an archive that is written while it is read: a piece of one message is the most that is held. */
export async function* everythingOf(
  parts: ExportParts,
  user: UserRow,
  now: number,
): AsyncGenerator<Uint8Array> {
  yield* file('settings.json', JSON.stringify(await settingsOf(parts, user), undefined, 2), now)
  for (const [at, { name, changedAt }] of (await parts.scripts.list(user.account)).entries()) {
    const text = await parts.scripts.get(user.account, name)
    if (text !== undefined) yield* file(`filters/${pathOf([name], at + 1)}.sieve`, text, changedAt)
  }
  for (const mailbox of await parts.store.mailboxes(user.account)) yield* mailOf(parts, user, mailbox)
  yield tarEnd
}

/** Without secrets: nobody needs them elsewhere. */
async function settingsOf({ admin }: ExportParts, user: UserRow): Promise<object> {
  const { account: _, ...settings } = user
  return {
    user: settings,
    aliases: await ownAliases(admin, user),
    appPasswords: await admin.tokens(user.address),
    fetches: await admin.fetches(user.address),
  }
}

async function* mailOf(
  { store }: ExportParts,
  { account }: UserRow,
  mailbox: Mailbox,
): AsyncGenerator<Uint8Array> {
  const folder = `mail/${pathOf(mailbox.name.split('/'), mailbox.id)}`
  const uids = (await store.image(account, mailbox.id))?.uids ?? new Uint32Array()
  for (let from = 0; from < uids.length; from += rowsAtOnce) {
    const some = [...uids.subarray(from, from + rowsAtOnce)]
    for (const { uid, size = 0, receivedAt = 0 } of await store.rows(account, mailbox.id, some, [
      'size',
      'receivedAt',
    ])) {
      const read = (range: { from: number; to: number }) => store.bytes(account, mailbox.id, uid, range)
      yield* message(`${folder}/${uid}.eml`, { uid, size, receivedAt }, read)
    }
  }
}

interface Row {
  readonly uid: Uid
  readonly size: number
  readonly receivedAt: number
}

async function* message(
  path: string,
  { uid, size, receivedAt }: Row,
  read: (range: { from: number; to: number }) => Promise<Uint8Array | undefined>,
): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < size; from += piece) {
    const octets = await read({ from, to: Math.min(size, from + piece) })
    // Deleted meanwhile. Once its length is told, nothing else can stand in its place.
    if (!octets && from === 0) return
    if (!octets) throw new Error(`message ${uid} was removed while it was exported`)
    if (from === 0) yield tarHeader(path, size, receivedAt)
    yield octets
  }
  yield tarPadding(size)
}

function* file(path: string, text: string, at: number): Generator<Uint8Array> {
  const octets = Buffer.from(text)
  yield tarHeader(path, octets.length, at)
  yield octets
  yield tarPadding(octets.length)
}

/** What cannot be called so on some system gets its number too, so that two never become one. */
function pathOf(names: readonly string[], id: number): string {
  const [asked, path] = [names.join('/'), names.map(segment).join('/')]
  return asked === path ? path : `${path}-${id}`
}

/** One name of a path on any system: no way up, no other folder. */
const segment = (name: string): string =>
  name.replaceAll(/[\\/:*?"<>|\p{Cc}]/gu, '_').replace(/^\.+|[. ]+$/g, '_') || '_'
