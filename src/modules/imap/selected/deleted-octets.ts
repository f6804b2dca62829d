import { flagBits } from '../../../lib/flags.ts'
import type { Opened } from '../access/opened.ts'

const rowsAtOnce = 1000

/** Octets of all messages that carry \Deleted: what EXPUNGE would free. RFC 9208 §4.1.5. */
export async function deletedOctets(mailbox: Opened<'r'>): Promise<number> {
  if (mailbox.mailbox.deleted === 0) return 0
  const image = await mailbox.image()
  if (!image) return 0
  const uids = [...image.uids].filter((_, index) => ((image.flags[index] ?? 0) & flagBits['\\Deleted']) !== 0)
  let octets = 0
  for (let at = 0; at < uids.length; at += rowsAtOnce) {
    const rows = await mailbox.rows(uids.slice(at, at + rowsAtOnce), ['size'])
    for (const { size = 0 } of rows) octets += size
  }
  return octets
}
