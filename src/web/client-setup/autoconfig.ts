import { html, raw } from 'hono/html'
import type { MailAccess, WebSettings } from '../settings.ts'

type Server = Pick<WebSettings, 'hostname' | 'mailAccess' | 'siteName'>

/** What Thunderbird and its relatives ask for: clientConfig 1.1. https://www.bucksch.org/1/projects/thunderbird/autoconfiguration/ */
export const autoconfig = ({ hostname, mailAccess, siteName }: Server, domain = '%EMAILDOMAIN%') =>
  html`${raw('<?xml version="1.0" encoding="UTF-8"?>')}
<clientConfig version="1.1">
  <emailProvider id="${hostname}">
    <domain>${domain}</domain>
    <displayName>${siteName}</displayName>
    <displayShortName>${siteName}</displayShortName>
${mailAccess.map((access) => server(hostname, access))}  </emailProvider>
</clientConfig>
`

const kinds = {
  receiving: ['incomingServer', 'imap'],
  'receiving by POP3': ['incomingServer', 'pop3'],
  sending: ['outgoingServer', 'smtp'],
  filters: undefined,
} as const
const socketTypes = { 'SSL/TLS': 'SSL', STARTTLS: 'STARTTLS', none: 'plain' } as const

function server(hostname: string, { purpose, port, security }: MailAccess) {
  const kind = kinds[purpose]
  if (kind === undefined) return ''
  const [element, type] = kind
  return html`    ${raw(`<${element} type="${type}">`)}
      <hostname>${hostname}</hostname>
      <port>${port}</port>
      <socketType>${socketTypes[security]}</socketType>
      <username>%EMAILADDRESS%</username>
      <authentication>password-cleartext</authentication>
    ${raw(`</${element}>`)}
`
}
