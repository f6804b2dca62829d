import type { ListenerName } from '../ports/connection.ts'
import type { Settings } from './settings/table.ts'

interface ListenerRow {
  readonly name: ListenerName
  /** Standard port; PORT_OFFSET is added. */
  readonly port: number
  readonly tls: 'none' | 'starttls' | 'implicit'
  /** `always`: cannot be switched off by PORTS, as in Mailu. */
  readonly opens: 'always' | 'when in PORTS'
}

/** Every port this server opens. Read this first; docs/services says the same in words, and a test holds both together. */
export const listenerTable: readonly ListenerRow[] = [
  { name: 'smtp', port: 25, tls: 'starttls', opens: 'always' },
  { name: 'submissions', port: 465, tls: 'implicit', opens: 'always' },
  { name: 'submission', port: 587, tls: 'starttls', opens: 'when in PORTS' },
  { name: 'lmtp', port: 2525, tls: 'none', opens: 'when in PORTS' },
  { name: 'imap', port: 143, tls: 'starttls', opens: 'when in PORTS' },
  { name: 'imaps', port: 993, tls: 'implicit', opens: 'always' },
  { name: 'pop3', port: 110, tls: 'starttls', opens: 'when in PORTS' },
  { name: 'pop3s', port: 995, tls: 'implicit', opens: 'when in PORTS' },
  { name: 'sieve', port: 4190, tls: 'starttls', opens: 'when in PORTS' },
  { name: 'http', port: 80, tls: 'none', opens: 'when in PORTS' },
  { name: 'https', port: 443, tls: 'implicit', opens: 'when in PORTS' },
  // For web applications attached to our pages: session passwords and app tokens, no others. docs/webmail-beside.md
  { name: 'attached-imap', port: 10_143, tls: 'none', opens: 'when in PORTS' },
  { name: 'attached-submission', port: 10_025, tls: 'none', opens: 'when in PORTS' },
  { name: 'attached-sieve', port: 14_190, tls: 'none', opens: 'when in PORTS' },
  { name: 'antispam', port: 11334, tls: 'none', opens: 'when in PORTS' },
]

type OpenListener = ListenerRow & { readonly host: string }

/** What the settings come to: one row per address and port, the offset added. */
export function openListeners(
  settings: Pick<Settings, 'BIND_ADDRESS' | 'PORTS' | 'PORT_OFFSET' | 'TLS_FLAVOR'>,
): readonly OpenListener[] {
  const withoutTls = settings.TLS_FLAVOR === 'notls'
  // Mailu: with the flavours mail and mail-letsencrypt the web's TLS is a reverse proxy's.
  const webTls = settings.TLS_FLAVOR === 'cert' || settings.TLS_FLAVOR === 'letsencrypt'
  const wanted = listenerTable.filter(
    ({ name, port, tls, opens }) =>
      (opens === 'always' || settings.PORTS.includes(port)) &&
      !(tls === 'implicit' && withoutTls) &&
      (name !== 'https' || webTls),
  )
  return settings.BIND_ADDRESS.flatMap((host) =>
    wanted.map((row) => ({ ...row, host, port: row.port + settings.PORT_OFFSET })),
  )
}
