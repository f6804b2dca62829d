import { createProxy } from '../modules/proxy/index.ts'
import { createSmtp } from '../modules/smtp/index.ts'
import { systemClock } from '../platform/clock.ts'
import { tidyMemory } from '../platform/memory.ts'
import type { ReadableMeter } from '../platform/meter.ts'
import type { ConnectionHandler, ListenerName } from '../ports/connection.ts'
import type { Log } from '../ports/runtime.ts'
import { createWeb } from '../web/index.ts'
import { attachedHandlers, receptionParts } from './compose-attached.ts'
import { composeData } from './compose-data.ts'
import { composeFetching } from './compose-fetch.ts'
import { composeMail } from './compose-mail.ts'
import { composeOperation } from './compose-operation.ts'
import { composeReading, leading } from './compose-reading.ts'
import { composeDomainSignUp } from './compose-sign-up.ts'
import { createConfigFiles } from './config-files.ts'
import type { Container } from './container.ts'
import { createControl } from './control/server.ts'
import { createFirstStart } from './first-start.ts'
import { proxyPart, smtpPart, webPart } from './settings/parts.ts'
import type { Settings } from './settings/table.ts'
import * as t from './tokens.ts'

interface Ground {
  readonly settings: Settings
  /** `npm start`. */
  readonly home: boolean
  readonly log: Log
  readonly meter: ReadableMeter
  /** All services run, and none is being drained. */
  readonly ready: () => boolean
}

/** The object graph. Each line may use what stands above it, never what stands below. */
export function compose({ settings, home, log, meter, ready }: Ground): Container {
  const ambient = { clock: systemClock, log, meter }
  const ground = { settings, ambient }
  return composeFetching(composeReading(composeMail(composeData(ground), ground), ground), ground)
    .bind(t.smtp, (get) =>
      createSmtp({ ...receptionParts(get), ...ambient, settings: leading(get, smtpPart(settings)) }),
    )
    .bind(t.attachedHandlers, (get) => attachedHandlers(get, ground))
    .bind(t.web, (get) =>
      createWeb({
        ...signInPorts(get),
        domainSignUp: composeDomainSignUp(get, ground),
        ready,
        meter,
        log,
        admin: get(t.directoryAdmin),
        domains: get(t.auth).domains,
        administration: administration(get, settings),
        mail: accountMail(get),
        signer: get(t.certificates).signer,
        api: programs(get),
        settings: webPart(settings),
      }),
    )

    .bind(t.firstStart, (get) => createFirstStart({ admin: get(t.directoryAdmin), settings, home, log }))
    .bind(t.control, (get) =>
      createControl({
        dataDir: settings.DATA_DIR,
        ports: { ...get(t.verbPorts), fetching: get(t.fetching)?.fetching },
        ready,
        log,
      }),
    )
    .bind(t.proxy, (get) =>
      createProxy({
        handlers: {
          ...mailHandlers(get(t.smtp), get(t.imap), get(t.pop3)),
          sieve: get(t.manageSieve),
          ...get(t.attachedHandlers),
        },
        webs: { http: get(t.web), https: get(t.web), antispam: get(t.filterService) },
        certificates: get(t.certificates),
        ...ambient,
        settings: proxyPart(settings),
      }),
    )
    .bind(t.services, (get) => [
      ...get(t.dataServices),
      get(t.resolver).service,
      ...(settings.ANTIVIRUS === 'supervised' ? [get(t.ownClamd).service] : []),
      get(t.firstStart),
      // Lessons wait in mail.db while nothing learns.
      ...[get(t.spamFilter)?.service ?? []].flat(),
      ...(settings.ANTISPAM ? [get(t.spamLearner)] : []),
      get(t.outgoing),
      get(t.mailboxEvents).service,
      ...[get(t.fetching)?.service ?? []].flat(),
      get(t.letterService),
      ...(settings.DMARC_SEND_REPORTS ? [get(t.dmarcSending)] : []),
      get(t.control),
      tidyMemory(),
      // Public ports open last, and close first.
      get(t.proxy).service,
    ])
}

/** What those who look after the server work with. */
const administration = (get: Container['get'], settings: Settings) => ({
  mail: get(t.mailStore),
  senders: get(t.store).senders,
  announcements: get(t.auth).announcements,
  operation: composeOperation(get, settings),
  apiKeys: get(t.auth).apiKeys,
  files: createConfigFiles(get(t.verbPorts)),
})

/** What people see of their own mail. */
const accountMail = (get: Container['get']) => ({
  scripts: get(t.sieveScripts),
  trials: get(t.trials),
  history: get(t.spamFilter)?.history,
  senders: get(t.store).senders,
  traces: get(t.store).traces,
  queue: get(t.queue),
  store: get(t.mailStore),
  fetching: get(t.fetching)?.fetching,
})

/** What programs administer over HTTP. */
const programs = (get: Container['get']) => ({
  access: get(t.auth).api,
  secrets: get(t.directorySecrets),
  dkimKeys: get(t.dkimKeys),
  records: get(t.domainRecords),
  queue: get(t.queue),
  mail: get(t.mailStore),
  traces: get(t.store).traces,
  fetching: get(t.fetching)?.fetching,
})

/** Ways to sign in with a browser. */
const signInPorts = (get: Container['get']) => ({
  sessions: get(t.sessions),
  credentials: get(t.credentials),
  factors: get(t.factors),
  passkeys: get(t.passkeys),
  trusted: get(t.trusted),
  sessionPasswords: get(t.auth).sessionPasswords,
  oauth: get(t.auth).oauth,
  breached: get(t.auth).breached,
  signUp: get(t.auth).signUp,
  external: get(t.auth).external,
  devices: get(t.devices),
})

function mailHandlers(
  { arriving, submission, lmtp }: ReturnType<typeof createSmtp>,
  imap: ConnectionHandler,
  pop3: ConnectionHandler,
): Partial<Record<ListenerName, ConnectionHandler>> {
  const submissions = submission
  return { smtp: arriving, submission, submissions, lmtp, imap, imaps: imap, pop3, pop3s: pop3 }
}
