import type { ListenerSettings } from './settings.ts'

interface Trouble {
  readonly settings: ListenerSettings
  readonly code: string
  readonly message: string
}

const advice: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has this port: stop it, or set PORT_OFFSET',
  EACCES:
    'ports below 1024 need a right: set PORT_OFFSET, grant CAP_NET_BIND_SERVICE, or lower net.ipv4.ip_unprivileged_port_start',
  EADDRNOTAVAIL: 'this machine has no such address: correct BIND_ADDRESS',
}

/** Some listeners could not open. All of them are named, so that one look tells what to do. The process ends with exit code 4. */
export class PortsUnavailable extends Error {
  /** Of the first trouble, as the system calls it. */
  readonly code: string
  readonly syscall = 'listen'

  constructor(troubles: readonly Trouble[]) {
    super(['These ports cannot be opened:', ...troubles.map(lineOf)].join('\n'))
    this.name = 'PortsUnavailable'
    this.code = troubles[0]?.code ?? ''
  }
}

function lineOf({ settings, code, message }: Trouble): string {
  const where = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  return `  ${settings.name.padEnd(11)} ${where}:${settings.port}  ${advice[code] ?? message} (${code})`
}

export function troubleOf(settings: ListenerSettings, cause: unknown): Trouble {
  const { code = 'unknown', message = String(cause) } = cause as { code?: string; message?: string }
  return { settings, code, message }
}
