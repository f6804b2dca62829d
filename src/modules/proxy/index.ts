import { parseNetworks } from '../../lib/networks.ts'
import { openFilesLimit } from '../../platform/files.ts'
import type { Clock, Log, Meter, Service } from '../../ports/runtime.ts'
import { Admission } from './admission.ts'
import { type CertificateService, createCertificateService } from './certificate-service.ts'
import { openOldServers } from './elsewhere/old-servers.ts'
import { Front, type MailHandlers, type WebHandlers } from './front.ts'
import { HttpEntrance } from './http-entrance.ts'
import { Listener } from './listener.ts'
import { Occasionally } from './occasionally.ts'
import { PortsUnavailable, troubleOf } from './ports-unavailable.ts'
import {
  type ConnectionLimits,
  type ListenerSettings,
  type ProxySettings,
  standardLimits,
} from './settings.ts'

interface ProxyParts {
  /** One per mail listener of the settings. */
  readonly handlers: MailHandlers
  readonly webs: WebHandlers
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly settings: ProxySettings
  readonly certificates: Pick<CertificateService, 'certificates' | 'challenges' | 'start' | 'keep' | 'stop'>
}

interface Proxy {
  readonly service: Service
  /** What is open, with the ports that were bound. */
  readonly listening: () => readonly Pick<ListenerSettings, 'name' | 'host' | 'port'>[]
}

/** Descriptors that are not client connections: databases, blobs, logs, outgoing mail. */
const ownDescriptors = 256

/** The certificates of this server: what the front serves with, and what people look after. */
export const createCertificates = createCertificateService

/** The servers that still have the mail of some who sign in here. */
export const createOldServers = openOldServers

/** Owns every public socket. Its service starts last, so that whoever can connect is served. */
export function createProxy({
  handlers,
  webs,
  clock,
  log,
  meter,
  settings,
  certificates: keeping,
}: ProxyParts): Proxy {
  const limits = affordable({ ...standardLimits, ...settings.limits }, log)
  const trusted = parseNetworks(settings.trustedProxies).networks
  const admission = new Admission(limits, parseNetworks(limits.exempt).networks, clock)
  const { certificates, challenges } = keeping
  const { realIpHeader } = settings
  const entrance = new HttpEntrance({ trusted, realIpHeader, challenges, clock, log })
  const occasionally = new Occasionally(log, clock)
  const front = new Front({
    handlers,
    http: entrance,
    webs,
    admission,
    certificates,
    challenges,
    trusted,
    settings,
    limits,
    clock,
    log,
    occasionally,
    meter,
  })
  const listeners = settings.listeners.map(
    (row) => new Listener({ settings: row, clock, log, accept: (socket) => front.receive(socket, row) }),
  )
  const isWeb = ({ settings: { name } }: Listener) => Object.hasOwn(webs, name)
  meter.gauge('connections', () => admission.open)
  meter.gauge('websockets', () => entrance.tunnels)
  if (certificates !== undefined) {
    meter.gauge('certificate_expiry_timestamp_seconds', () => certificates.expiresAt() / 1000)
  }

  const service: Service = {
    name: 'proxy',
    async start() {
      await keeping.start()
      await openAll(listeners, log).catch(async (cause: unknown) => {
        closeAll(listeners)
        await keeping.stop()
        throw cause
      })
      keeping.keep()
    },
    async drain() {
      // the web stays: it tells that this server takes no more work
      closeAll(listeners.filter((listener) => !isWeb(listener)))
      await Promise.all([...new Set(Object.values(handlers))].map((handler) => handler.drain()))
    },
    async stop() {
      closeAll(listeners)
      await entrance.end()
      await front.end()
      await keeping.stop()
    },
  }
  const listening = () => listeners.map(({ settings: { name, host }, port }) => ({ name, host, port }))
  return { service, listening }
}

function closeAll(listeners: readonly Listener[]): void {
  for (const listener of listeners) listener.close()
}

async function openAll(listeners: readonly Listener[], log: Log): Promise<void> {
  const tried = await Promise.allSettled(listeners.map((listener) => listener.open()))
  const opened = tried.filter(({ status }) => status === 'fulfilled').length
  const troubles = tried.flatMap((result, index) => {
    const settings = listeners[index]?.settings
    return result.status === 'rejected' && settings !== undefined ? [troubleOf(settings, result.reason)] : []
  })
  const serious = troubles.filter((trouble) => opened === 0 || !lacksIpv6(trouble))
  if (serious.length > 0) throw new PortsUnavailable(serious)
  if (troubles.length > 0)
    log.warn('listener.no-ipv6', { todo: 'BIND_ADDRESS=0.0.0.0 says that none is wanted' })
}

/** `::` of BIND_ADDRESS on a machine without IPv6 keeps nobody from the rest. */
function lacksIpv6({ settings, code }: ReturnType<typeof troubleOf>): boolean {
  return settings.host === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL')
}

/** Node has raised its soft limit to the hard one already; more connections than that allows are not promised. */
function affordable(limits: ConnectionLimits, log: Log): ConnectionLimits {
  const files = openFilesLimit() ?? Number.POSITIVE_INFINITY
  const total = Math.max(16, Math.min(limits.total, files - ownDescriptors))
  if (total === limits.total) return limits
  log.warn('connections.limited', {
    wanted: limits.total,
    possible: total,
    open_files_limit: files,
    todo: `raise the limit of open files to ${limits.total + ownDescriptors} (ulimit -n, LimitNOFILE, docker --ulimit nofile)`,
  })
  return { ...limits, total }
}
