import { isReadOnly } from '../access/rights.ts'
import type { Session } from '../session/session.ts'
import { permanentFlags } from './flags-in-use.ts'

/**
 * Looks again at what may be done in the selected mailbox of another, where something was said of it. Who may no longer read it is
 * sent away, as if it were deleted; then it says no.
 */
export async function recheck(session: Session): Promise<boolean> {
  const { selected, user } = session
  if (!selected?.inDoubt || !user) return true
  selected.inDoubt = false
  const before = permanentFlags(session, selected)
  const now = await user.mail.again(selected.at)
  if (!now) {
    selected.inDoubt = true
    session.leave('The mailbox is no longer shared with you')
    return false
  }
  selected.at = now
  selected.readOnly = selected.examined || isReadOnly(now.rights)
  const after = permanentFlags(session, selected)
  if (after !== before) session.out.line(`* OK [PERMANENTFLAGS (${after})] Your rights have changed`)
  return true
}
