import type { AccountId } from '../../../ports/accounts.ts'
import type { Services } from '../session/services.ts'
import { Maildrop } from './maildrop.ts'

/** Undefined where the account has no INBOX (yet). */
export async function openMaildrop(
  { store, sizes }: Services,
  account: AccountId,
): Promise<Maildrop | undefined> {
  const inbox = await store.mailbox(account, 'INBOX')
  const image = inbox && (await store.image(account, inbox.id))
  if (!image) return undefined
  return new Maildrop(store, account, image, await sizes.of(account, image.mailbox.id, image.uids))
}
