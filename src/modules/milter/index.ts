import type { MailFilter } from '../../ports/mail-filter.ts'
import { filterBy, type MilterParts } from './filter.ts'

/** Asks programs that speak the milter protocol, as rspamd and opendkim do. */
export function createMailFilter(parts: MilterParts): MailFilter {
  return filterBy(parts)
}
