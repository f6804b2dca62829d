import { createMessageScanner, createOwnClamd } from '../modules/antivirus/index.ts'
import {
  createDelivery,
  createOutgoingLimits,
  createOwnMail,
  createTracedIntake,
} from '../modules/delivery/index.ts'
import { createMailAuthenticator, createMailSigner } from '../modules/dkim/index.ts'
import { createMailFilter } from '../modules/milter/index.ts'
import { createOutgoing, createSuccessReports } from '../modules/smtp/index.ts'
import {
  createFilterService,
  createRemoteJudge,
  createSpamJudge,
  createSpamLearner,
} from '../modules/spam/index.ts'
import type { Clock, Log, Meter } from '../ports/runtime.ts'
import { composeLetters } from './compose-letters.ts'
import { composeReporting } from './compose-reports.ts'
import type { Container } from './container.ts'
import {
  authenticationPart,
  deliveryPart,
  filterPart,
  limitsPart,
  outgoingPart,
} from './settings/outgoing-parts.ts'
import { hostnameOf } from './settings/parts.ts'
import { milterPart, ownClamdPart, scannerPart, scans } from './settings/scanner-part.ts'
import type { Settings } from './settings/table.ts'
import * as t from './tokens.ts'

interface Ground {
  readonly settings: Settings
  readonly ambient: { readonly clock: Clock; readonly log: Log; readonly meter: Meter }
}

/** What becomes of a message: taken in, filed, sent on. Each line may use what stands above it, and the data below. */
export function composeMail(data: Container, { settings, ambient }: Ground): Container {
  return composeFilter(composeSending(data, { settings, ambient }), { settings, ambient })
    .bind(t.authenticator, (get) =>
      createMailAuthenticator({
        resolver: get(t.dns),
        bytes: get(t.messageBytes),
        keys: get(t.dkimKeys),
        ...ambient,
        ...authenticationPart(settings),
      }),
    )
    .bind(t.signer, (get) =>
      createMailSigner({ keys: get(t.dkimKeys), bytes: get(t.messageBytes), ...ambient }),
    )
    .bind(t.accounts, (get) => get(t.auth).accounts)
    .bind(t.spamLearner, (get) =>
      createSpamLearner({ lessons: get(t.store).lessons, judge: get(t.judge), ...ambient }),
    )
    .bind(t.ownMail, (get) => createOwnMail({ addresses: get(t.addresses), signer: get(t.signer) }))
    .bind(t.successReports, (get) =>
      createSuccessReports({
        bytes: get(t.messageBytes),
        ownMail: get(t.ownMail),
        hostname: hostnameOf(settings),
        domain: settings.DOMAIN,
        clock: ambient.clock,
      }),
    )
    .bind(t.unlimitedIntake, (get) =>
      createDelivery({
        addresses: get(t.addresses),
        senders: get(t.senders),
        returnPaths: get(t.returnPaths),
        store: get(t.mailStore),
        notes: get(t.store).notes,
        bytes: get(t.messageBytes),
        accounts: get(t.accounts),
        scripts: get(t.sieveScripts),
        engine: get(t.sieveEngine),
        authenticator: get(t.authenticator),
        signer: get(t.signer),
        judge: get(t.judge),
        scanner: get(t.scanner),
        filter: get(t.filter),
        ...ambient,
        rules: deliveryPart(settings),
        reports: get(t.successReports),
        witness: get(t.reports).witness,
      }),
    )
    .bind(t.intake, (get) =>
      createTracedIntake({
        intake: createOutgoingLimits({
          intake: get(t.unlimitedIntake),
          domains: get(t.auth).domains,
          notes: get(t.store).notes,
          queue: get(t.queue),
          ...ambient,
          rules: limitsPart(settings),
        }),
        addresses: get(t.addresses),
        traces: get(t.store).traces,
        ...ambient,
      }),
    )
}

function composeSending(data: Container, { settings, ambient }: Ground): Container {
  return composeReporting(composeLetters(data, { settings, ambient }), { settings, ambient }).bind(
    t.outgoing,
    (get) =>
      createOutgoing({
        queue: get(t.queue),
        notes: get(t.store).notes,
        bytes: get(t.messageBytes),
        ownMail: get(t.ownMail),
        signer: get(t.signer),
        intake: get(t.intake),
        domains: get(t.auth).domains,
        relays: get(t.relays),
        dns: get(t.dns),
        ...ambient,
        settings: outgoingPart(settings),
      }),
  )
}

function composeFilter(data: Container, { settings, ambient }: Ground): Container {
  const { filter } = filterPart(settings)
  return data
    .bind(t.filter, (get) =>
      settings.MILTERS.length > 0
        ? createMailFilter({ bytes: get(t.messageBytes), ...ambient, ...milterPart(settings) })
        : undefined,
    )
    .bind(t.ownClamd, () => createOwnClamd({ ...ambient, ...ownClamdPart(settings) }))
    .bind(t.scanner, (get) =>
      scans(settings)
        ? createMessageScanner({
            bytes: get(t.messageBytes),
            ...ambient,
            ...scannerPart(settings),
            ...(settings.ANTIVIRUS === 'supervised' && { clamd: get(t.ownClamd).address }),
          })
        : undefined,
    )
    .bind(t.judge, (get) =>
      settings.ANTISPAM && filter
        ? createRemoteJudge({
            filter,
            addresses: get(t.addresses),
            domains: get(t.auth).domains,
            listed: get(t.store).senders,
            bytes: get(t.messageBytes),
            ...ambient,
          })
        : (get(t.spamFilter)?.judge ?? createSpamJudge()),
    )
    .bind(t.filterService, (get) =>
      createFilterService({
        filter: get(t.spamFilter),
        addresses: get(t.addresses),
        authenticator: get(t.authenticator),
        bytes: get(t.messageBytes),
        credentials: get(t.credentials),
        directory: get(t.directoryAdmin),
        clock: ambient.clock,
        settings: filterPart(settings).service,
      }),
    )
}
