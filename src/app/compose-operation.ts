import type { Container } from './container.ts'
import { filterPart } from './settings/outgoing-parts.ts'
import type { Settings } from './settings/table.ts'
import { createSystemState } from './system-state.ts'
import * as t from './tokens.ts'

/** What the pages for those who look after the server work with. */
export function composeOperation(get: Container['get'], settings: Settings) {
  const filter = get(t.spamFilter)
  const reports = get(t.reports).reports
  const parts = {
    admin: get(t.directoryAdmin),
    queue: get(t.queue),
    dns: get(t.dns),
    reports,
  }
  return {
    ...parts,
    addresses: get(t.addresses),
    rules: get(t.mailStore),
    history: filter?.history,
    fetching: get(t.fetching)?.fetching,
    records: get(t.domainRecords),
    locks: get(t.locks),
    certificates: get(t.certificates),
    traces: get(t.store).traces,
    sessions: get(t.sessions),
    system: createSystemState({
      ...parts,
      dataDir: settings.DATA_DIR,
      spam: filter?.teaching ?? (settings.ANTISPAM && filterPart(settings).filter ? 'elsewhere' : 'off'),
      scanner: get(t.scanner),
      bytes: get(t.messageBytes),
      // The front is made of the web.
      listening: () => get(t.proxy).listening(),
    }),
  }
}
