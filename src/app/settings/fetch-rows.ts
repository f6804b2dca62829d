import { listOf, network, wholeNumber, yesNo } from './kinds.ts'
import { row } from './row.ts'

/** Settings of what collects mail elsewhere. Part of `table.ts`. */
export const fetchRows = {
  FETCHMAIL_ENABLED: row(
    yesNo,
    'true',
    'People may have mail collected from mailboxes elsewhere: docs/fetching.md',
  ),
  FETCHMAIL_DELAY: row(wholeNumber(10, 86_400), '600', 'Seconds between two visits of one mailbox'),
  FETCH_NETWORKS: row(
    listOf(network),
    '',
    'Private networks that mail may be fetched from, such as 192.168.1.0/24: there clear text will do, too',
  ),
}
