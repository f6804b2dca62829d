import type { NewAdmin } from './first-start.ts'
import { openListeners } from './listeners.ts'
import { hostnameOf } from './settings/parts.ts'
import type { Settings } from './settings/table.ts'

/** What somebody needs to begin with: the account, the page, and the ports for a mail program. */
export function banner(settings: Settings, admin: NewAdmin | undefined): string {
  const ports = new Map(openListeners(settings).map(({ name, port }) => [name, port]))
  const https = ports.get('https')
  const lines = [
    'Homepost runs.',
    ...(https === undefined ? [] : [`  Web page   https://${hostnameOf(settings)}:${https}/`]),
    ...access('IMAP       ', ports.get('imaps'), ports.get('imap')),
    ...access('Sending    ', ports.get('submissions'), ports.get('submission')),
    ...filters(ports.get('sieve'), settings.TLS_FLAVOR === 'notls' ? 'not encrypted' : 'STARTTLS'),
    `  Mail in    port ${ports.get('smtp')}`,
  ]
  return `\n${lines.join('\n')}\n${admin ? accountNotice(admin) : '\n'}`
}

function filters(port: number | undefined, security: string): string[] {
  return port === undefined ? [] : [`  Filters    port ${port} (ManageSieve, ${security})`]
}

/** Without TLS (TLS_FLAVOR=notls) only the plain port is there, if PORTS has it. */
function access(purpose: string, secure: number | undefined, plain: number | undefined): string[] {
  if (secure !== undefined) return [`  ${purpose}port ${secure} (TLS)`]
  return plain === undefined ? [] : [`  ${purpose}port ${plain} (not encrypted)`]
}

export function accountNotice({ address, password }: NewAdmin): string {
  return `
  Sign in as ${address}
  Password   ${password}
  It is shown this once; "npm run -s homepost -- password ${address}" sets another.

`
}
