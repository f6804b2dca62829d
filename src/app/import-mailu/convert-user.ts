import type { Address } from '../../lib/address.ts'
import type { Cells } from './cells.ts'
import type { MailuRows } from './installation.ts'
import type { Meaning } from './revisions.ts'

/** A row of Mailu's `user`. Where a column is missing, it is what Mailu's migration would have filled in. */
export function convertUser(cells: Cells, address: Address, meaning: Meaning): MailuRows['user'][number] {
  return {
    address,
    passwordHash: cells.hash('password'),
    quotaBytes: cells.wholeNumber('quota_bytes', 1_000_000_000, 0),
    enabled: cells.yesNo('enabled', true),
    globalAdmin: cells.yesNo('global_admin', false),
    enableImap: cells.yesNo('enable_imap', true),
    enablePop: cells.yesNo('enable_pop', true),
    allowSpoofing: cells.yesNo('allow_spoofing', false),
    displayedName: cells.line('displayed_name'),
    spamEnabled: cells.yesNo('spam_enabled', true),
    spamMarkAsRead: cells.yesNo('spam_mark_as_read', false),
    spamThreshold: thresholdOf(cells, meaning),
    mustChangePassword: cells.yesNo('change_pw_next_login', false),
    comment: cells.line('comment'),
    ...forwardOf(cells),
    ...replyOf(cells),
    ...cells.since(),
  }
}

function forwardOf(cells: Cells) {
  const forwardDestination = cells.addresses('forward_destination')
  const wanted = cells.yesNo('forward_enabled', false)
  const leadsNowhere = wanted && forwardDestination.length === 0
  if (leadsNowhere) cells.note('leads nowhere', 'forwarding is on, without a destination: it is switched off')
  return {
    forwardDestination,
    forwardEnabled: wanted && !leadsNowhere,
    forwardKeep: cells.yesNo('forward_keep', true),
  }
}

function replyOf(cells: Cells) {
  return {
    replyEnabled: cells.yesNo('reply_enabled', false),
    replySubject: cells.line('reply_subject'),
    replyBody: cells.text('reply_body'),
    replyStart: cells.day('reply_startdate', '1900-01-01'),
    replyEnd: cells.day('reply_enddate', '2999-12-31'),
  }
}

const standardThreshold = 80
/** The score that was all, when the threshold was one. */
const fullScore = 15

function thresholdOf(cells: Cells, { threshold }: Meaning): number {
  const value = cells.number('spam_threshold') ?? (threshold === 'score' ? undefined : standardThreshold)
  if (value === undefined) return standardThreshold
  const isScore = threshold === 'score' && value <= fullScore
  const percent = Math.trunc(isScore ? (100 * value) / fullScore : value)
  return Math.min(100, Math.max(0, percent))
}
