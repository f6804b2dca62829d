import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import type { MailAccess, WebSettings } from '../settings.ts'

type Server = Pick<WebSettings, 'hostname' | 'mailAccess' | 'siteName'>

/** A configuration profile for iPhone, iPad and Mac, which ask for whatever it leaves empty. */
export function appleProfile({ hostname, mailAccess, siteName }: Server, address: string) {
  const receiving = mailAccess.find(({ purpose }) => purpose === 'receiving')
  const sending = mailAccess.find(({ purpose }) => purpose === 'sending')
  return html`${raw(head)}
<plist version="1.0">
<dict>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>EmailAccountDescription</key><string>${siteName}</string>
      <key>EmailAccountName</key><string></string>
      <key>EmailAccountType</key><string>EmailTypeIMAP</string>
      <key>EmailAddress</key><string>${address}</string>
${serverOf('IncomingMail', hostname, address, receiving)}${serverOf('OutgoingMail', hostname, address, sending)}      <key>OutgoingPasswordSameAsIncomingPassword</key><true/>
${payload('com.apple.mail.managed', [hostname, address, 'mail'], siteName)}    </dict>
  </array>
${payload('Configuration', [hostname, address], siteName)}</dict>
</plist>
`
}

const head = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">`

function serverOf(kind: string, hostname: string, address: string, access: MailAccess | undefined) {
  if (access === undefined) return ''
  const { port, security } = access
  return html`      <key>${kind}ServerAuthentication</key><string>EmailAuthPassword</string>
      <key>${kind}ServerHostName</key><string>${hostname}</string>
      <key>${kind}ServerPortNumber</key><integer>${port}</integer>
      <key>${kind}ServerUseSSL</key>${raw(security === 'none' ? '<false/>' : '<true/>')}
      <key>${kind}ServerUsername</key><string>${address}</string>
`
}

/** The same account makes the same names, so that a second download replaces the first. */
function payload(type: string, [hostname = '', ...parts]: readonly string[], name: string) {
  const reversed = hostname.split('.').reverse().join('.')
  const digest = createHash('sha256')
    .update([hostname, ...parts].join('\n'))
    .digest('hex')
  const uuid = digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5')
  return html`      <key>PayloadType</key><string>${type}</string>
      <key>PayloadIdentifier</key><string>${reversed}.homepost.${digest.slice(0, 12)}</string>
      <key>PayloadUUID</key><string>${uuid}</string>
      <key>PayloadVersion</key><integer>1</integer>
      <key>PayloadDisplayName</key><string>${name}</string>
      <key>PayloadOrganization</key><string>${hostname}</string>
`
}
