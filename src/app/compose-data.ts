import { createAuth } from '../modules/auth/index.ts'
import { createCertificates, createOldServers } from '../modules/proxy/index.ts'
import { createResolver } from '../modules/resolver/index.ts'
import { createSieve, createSieveScripts } from '../modules/sieve/index.ts'
import { createStore } from '../modules/store/index.ts'
import { openSqlServer } from '../platform/sql-server/open.ts'
import { createSqliteWriter, type SqliteWriter } from '../platform/sqlite/writer.ts'
import type { Clock, Log, Meter, Service } from '../ports/runtime.ts'
import { backupRest } from './backup-rest.ts'
import { composeFilter } from './compose-filter.ts'
import { composeReports } from './compose-reports.ts'
import { composeTrials } from './compose-trials.ts'
import { Container } from './container.ts'
import type { VerbPorts } from './control/verb.ts'
import { createDomainRecords } from './directory/domain-records.ts'
import { createRouteFile } from './route-file.ts'
import { certificatePart } from './settings/certificate-part.ts'
import { databaseOf } from './settings/database.ts'
import { resolverPart, routeMapOf } from './settings/outgoing-parts.ts'
import {
  authPart,
  compressionOf,
  hostnameOf,
  keepDaysOf,
  scriptLimits,
  textIndexOf,
} from './settings/parts.ts'
import type { Settings } from './settings/table.ts'
import * as t from './tokens.ts'

export interface DataGround {
  readonly settings: Settings
  readonly ambient: { readonly clock: Clock; readonly log: Log; readonly meter: Meter }
}

/**
 * The lower half of the object graph: what the data folder needs. The command line uses it alone on a stopped server.
 * Each line may use what stands above it, never what stands below.
 */
export function composeData(ground: DataGround): Container {
  const { settings, ambient } = ground
  const data = composeReports(new Container(), ground)
    .bind(t.sqliteWriter, () => createSqliteWriter(ambient))

    .bind(t.store, (get) =>
      createStore({
        dataDir: settings.DATA_DIR,
        writer: get(t.sqliteWriter),
        ...ambient,
        compression: compressionOf(settings),
        keepDays: keepDaysOf(settings),
        textIndex: textIndexOf(settings),
      }),
    )
    .bind(t.mailStore, (get) => get(t.store).store)
    .bind(t.messageBytes, (get) => get(t.store).bytes)
    .bind(t.mailAccounts, (get) => get(t.store).accounts)
    .bind(t.retention, (get) => get(t.store).retention)
    .bind(t.queue, (get) => get(t.store).queue)
    .bind(t.storeCare, (get) => get(t.store).care)
    .bind(t.sieveEngine, () => createSieve())
    .bind(t.sieveScripts, (get) => createSieveScripts({ store: get(t.store).scripts, limits: scriptLimits }))

    .bind(t.oldServers, () => createOldServers({ hostname: hostnameOf(settings), ...ambient }))
    .bind(t.auth, (get) =>
      createAuth({
        dataDir: settings.DATA_DIR,
        writer: get(t.sqliteWriter),
        openServer: directoryServer(settings),
        mailAccounts: get(t.mailAccounts),
        oldServers: get(t.oldServers),
        ...ambient,
        settings: authPart(settings),
      }),
    )
    .bind(t.addresses, (get) => get(t.auth).addresses)
    .bind(t.returnPaths, (get) => get(t.auth).returnPaths)
    .bind(t.relays, (get) => get(t.auth).relays)
    .bind(t.senders, (get) => get(t.auth).senders)
    .bind(t.credentials, (get) => get(t.auth).credentials)
    .bind(t.scram, (get) => get(t.auth).scram)
    .bind(t.trusted, (get) => get(t.auth).trusted)
    .bind(t.devices, (get) => get(t.auth).devices)
    .bind(t.factors, (get) => get(t.auth).factors)
    .bind(t.passkeys, (get) => get(t.auth).passkeys)
    .bind(t.sessions, (get) => get(t.auth).sessions)
    .bind(t.locks, (get) => get(t.auth).locks)
    .bind(t.storedHashes, (get) => get(t.auth).hashes)
    .bind(t.dkimKeys, (get) => get(t.auth).dkimKeys)
    .bind(t.directoryAdmin, (get) => get(t.auth).admin)
    .bind(t.directorySecrets, (get) => get(t.auth).secrets)

    .bind(t.resolver, () => createResolver({ ...ambient, settings: resolverPart(settings) }))
    .bind(t.dns, (get) => get(t.resolver).resolver)
    .bind(t.domainRecords, (get) =>
      createDomainRecords({
        admin: get(t.directoryAdmin),
        dkimKeys: get(t.dkimKeys),
        dns: get(t.dns),
        settings,
      }),
    )
    .bind(t.spamFilter, (get) => composeFilter(get, { settings, ambient }))
    .bind(t.trials, (get) => composeTrials(get, settings, ambient.clock))

  return withVerbs(data, ground)
}

/** What starts with the data folder, and what the command line works with. */
function withVerbs(data: Container, { settings, ambient }: DataGround): Container {
  return data
    .bind(t.dataServices, (get) => [
      writerService(get(t.sqliteWriter)),
      get(t.store).service,
      get(t.auth).service,
      get(t.reports).service,
    ])
    .bind(t.certificates, (get) =>
      createCertificates({
        domains: get(t.auth).domains,
        dns: get(t.dns),
        ...ambient,
        settings: certificatePart(settings),
      }),
    )
    .bind(t.verbPorts, (get) => verbPorts(get, settings))
}

const verbPorts = (get: Container['get'], settings: Settings): VerbPorts => ({
  admin: get(t.directoryAdmin),
  secrets: get(t.directorySecrets),
  dkimKeys: get(t.dkimKeys),
  hashes: get(t.storedHashes),
  locks: get(t.locks),
  factors: get(t.factors),
  apiKeys: get(t.auth).apiKeys,
  oauth: get(t.auth).oauth,
  scripts: get(t.sieveScripts),
  trials: get(t.trials),
  spam: get(t.spamFilter),
  ...aboutMail(get(t.store)),
  queue: get(t.queue),
  dns: get(t.dns),
  domainRecords: get(t.domainRecords),
  certificates: get(t.certificates),
  reports: get(t.reports).reports,
  fetching: undefined,
  ...aboutFolder(settings),
})

/** Undefined where the directory is in the data folder. */
function directoryServer(settings: Settings) {
  const place = databaseOf(settings)
  return place && (() => openSqlServer(place))
}

function aboutFolder(settings: Settings) {
  return {
    settings,
    routes: createRouteFile(routeMapOf(settings)),
    backupRest: (folder: string) => backupRest(settings.DATA_DIR, folder),
  }
}

function aboutMail({
  store: mail,
  shares,
  senders,
  retention,
  care,
  searchCare,
  traces,
}: ReturnType<typeof createStore>) {
  return { mail, shares, senders, retention, care, searchCare, traces }
}

/** Stops last, when nobody writes any more. */
function writerService(writer: SqliteWriter): Service {
  return {
    name: 'sqlite-writer',
    start: () => Promise.resolve(),
    drain: () => Promise.resolve(),
    stop: () => writer.stop(),
  }
}
