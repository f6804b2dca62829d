import type { AccountId } from '../../ports/accounts.ts'
import type { Copied, CopyTarget, MailboxId, Uid } from '../../ports/mail-store.ts'
import type { Writing } from './writing.ts'

/** Messages in one transaction: each is written anew for the other account, and everybody else waits meanwhile. */
const pieceOf = 500

interface Transfer {
  readonly account: AccountId
  readonly from: MailboxId
  readonly uids: readonly Uid[]
  readonly to: CopyTarget
  readonly now: number
}

/** Copies to the mailbox of another account, piece by piece; where a piece fails, the others are taken back. RFC 9051 §6.4.7. */
export async function copyAcross(writing: Writing, transfer: Transfer): Promise<Copied> {
  const { done, failed } = await inPieces(writing, 'copy', transfer)
  if (!failed) return done
  const { owner: account, mailbox } = transfer.to
  if (done.to.length > 0)
    await writing.attempt('remove', { account, mailbox, uids: done.to, now: transfer.now })
  return failed
}

/** The same for MOVE; what was moved before a piece failed stays moved: each message is in one of the two. RFC 6851 §3.3. */
export async function moveAcross(writing: Writing, transfer: Transfer): Promise<Copied> {
  const { done, failed } = await inPieces(writing, 'move', transfer)
  return failed ?? done
}

async function inPieces(writing: Writing, how: 'copy' | 'move', transfer: Transfer) {
  const done = { kind: 'copied' as const, uidValidity: 0, from: [] as Uid[], to: [] as Uid[] }
  // None at all is asked for once too: it says whether the mailboxes are there.
  for (let at = 0; at === 0 || at < transfer.uids.length; at += pieceOf) {
    const uids = transfer.uids.slice(at, at + pieceOf)
    const answer = await writing.attempt(how, { ...transfer, uids })
    if (answer.kind !== 'copied') return { done, failed: answer }
    done.uidValidity = answer.uidValidity
    done.from.push(...answer.from)
    done.to.push(...answer.to)
  }
  return { done, failed: undefined }
}
