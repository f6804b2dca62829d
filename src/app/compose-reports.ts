import { createDmarcReporting } from '../modules/dkim/index.ts'
import { createReports } from '../modules/reports/index.ts'
import type { Clock, Log, Meter } from '../ports/runtime.ts'
import type { Container } from './container.ts'
import { dmarcSendingPart, reportsPart } from './settings/reports-part.ts'
import type { Settings } from './settings/table.ts'
import * as t from './tokens.ts'

interface Ground {
  readonly settings: Settings
  readonly ambient: { readonly clock: Clock; readonly log: Log; readonly meter: Meter }
}

/** Reports of others on our mail: part of the data, so that they can be read on a stopped server. */
export function composeReports(data: Container, { settings, ambient }: Ground): Container {
  return data.bind(t.reports, (get) =>
    createReports({
      writer: get(t.sqliteWriter),
      bytes: get(t.messageBytes),
      domains: get(t.auth).domains,
      ...ambient,
      ...reportsPart(settings),
    }),
  )
}

/** Ours on the mail of others. */
export function composeReporting(mail: Container, { settings, ambient }: Ground): Container {
  return mail.bind(t.dmarcSending, (get) =>
    get(t.reports).sending({
      reporting: createDmarcReporting({ resolver: get(t.dns), ...ambient }),
      letters: get(t.ownLetters),
      bytes: get(t.messageBytes),
      queue: get(t.queue),
      keys: get(t.dkimKeys),
      ...dmarcSendingPart(settings),
    }),
  )
}
