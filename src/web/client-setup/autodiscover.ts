import { html, raw } from 'hono/html'
import type { MailAccess, WebSettings } from '../settings.ts'

const answerSchema = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a'
const outerSchema = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006'
/** Versions of it differ in their last letter. */
const acceptedSchema = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006'

/** The address Outlook asks for; undefined where it is no request of its kind. [MS-OXDSCLI] §2.2.3 */
export function askedAddress(request: string): string | undefined {
  if (!textOf(request, 'AcceptableResponseSchema')?.startsWith(acceptedSchema)) return undefined
  const address = textOf(request, 'EMailAddress')
  return address !== undefined && /^[^\s@<>&]+@[^\s@<>&]+$/.test(address) ? address : undefined
}

/** Of an element without others in it, whatever its prefix. */
function textOf(xml: string, name: string): string | undefined {
  return new RegExp(`<(?:\\w+:)?${name}(?:\\s[^<>]*)?>([^<]{1,320})</`).exec(xml)?.[1]?.trim()
}

/** [MS-OXDSCLI] §2.2.4 */
export const autodiscover = (
  { hostname, mailAccess }: Pick<WebSettings, 'hostname' | 'mailAccess'>,
  address: string,
) =>
  html`${raw('<?xml version="1.0" encoding="utf-8"?>')}
<Autodiscover xmlns="${outerSchema}">
  <Response xmlns="${answerSchema}">
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
${(['receiving', 'sending'] as const).map((purpose) => protocol(hostname, address, best(mailAccess, purpose)))}    </Account>
  </Response>
</Autodiscover>
`

/** The list is in the order of preference. */
const best = (access: readonly MailAccess[], purpose: MailAccess['purpose']) =>
  access.find((row) => row.purpose === purpose)

const encryptions = { 'SSL/TLS': 'SSL', STARTTLS: 'TLS', none: 'None' } as const

function protocol(hostname: string, address: string, access: MailAccess | undefined) {
  if (access === undefined) return ''
  return html`      <Protocol>
        <Type>${access.purpose === 'sending' ? 'SMTP' : 'IMAP'}</Type>
        <Server>${hostname}</Server>
        <Port>${access.port}</Port>
        <LoginName>${address}</LoginName>
        <DomainRequired>on</DomainRequired>
        <SPA>off</SPA>
        <SSL>${access.security === 'none' ? 'off' : 'on'}</SSL>
        <Encryption>${encryptions[access.security]}</Encryption>
        <AuthRequired>on</AuthRequired>
      </Protocol>
`
}
