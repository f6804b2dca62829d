import { createSpamFilter } from '../modules/spam/index.ts'
import type { Clock, Log, Meter } from '../ports/runtime.ts'
import type { Container } from './container.ts'
import { filterPart, judgePart } from './settings/outgoing-parts.ts'
import type { Settings } from './settings/table.ts'
import * as t from './tokens.ts'

interface Ground {
  readonly settings: Settings
  readonly ambient: { readonly clock: Clock; readonly log: Log; readonly meter: Meter }
}

/** The spam filter, which the command line asks too; undefined where it is switched off. */
export function composeFilter(get: Container['get'], { settings, ambient }: Ground) {
  // Another server may be the filter.
  if (!settings.ANTISPAM || filterPart(settings).filter) return undefined
  return createSpamFilter({
    dataDir: settings.DATA_DIR,
    writer: get(t.sqliteWriter),
    store: get(t.mailStore),
    addresses: get(t.addresses),
    domains: get(t.auth).domains,
    listed: get(t.store).senders,
    accounts: get(t.auth).accounts,
    bytes: get(t.messageBytes),
    dns: get(t.dns),
    ...ambient,
    ...judgePart(settings),
  })
}
