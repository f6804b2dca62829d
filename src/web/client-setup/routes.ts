import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { type DomainName, domainOf, parseAddress, parseDomain } from '../../lib/address.ts'
import type { DocumentSigner } from '../../ports/document-signer.ts'
import type { WebSettings } from '../settings.ts'
import { appleProfile } from './apple-profile.ts'
import { autoconfig } from './autoconfig.ts'
import { askedAddress, autodiscover } from './autodiscover.ts'

/** What mail programs ask to set themselves up: nothing here is a secret, and nobody has signed in yet. */
export function clientSetup(settings: WebSettings, signer: DocumentSigner): Hono {
  const routes = new Hono()

  for (const path of ['/mail/config-v1.1.xml', '/.well-known/autoconfig/mail/config-v1.1.xml'])
    routes.get(path, async (c) => {
      const domain = askedDomain(c.req.query('emailaddress'), new URL(c.req.url).hostname)
      return c.body(String(await autoconfig(settings, domain)), 200, xml)
    })

  // Outlook's newer form has the address in the path. [MS-OXDISCO] §3.1.5
  routes.get('/:folder/:file/v1.0/:address', (c, next) => {
    const asked = `${c.req.param('folder')}/${c.req.param('file')}`.toLowerCase()
    return asked === 'autodiscover/autodiscover.json' ? discovered(c, settings) : next()
  })

  routes.get('/:folder/:file', (c, next) => {
    // Outlook writes the names as it likes.
    const asked = `${c.req.param('folder')}/${c.req.param('file')}`.toLowerCase()
    if (asked === 'autodiscover/autodiscover.xml') return c.text('Send a POST.\n', 405, { Allow: 'POST' })
    return asked === 'autodiscover/autodiscover.json' ? discovered(c, settings) : next()
  })

  const small = bodyLimit({ maxSize: 16_384 })
  routes.post('/:folder/:file', async (c, next) => {
    const asked = `${c.req.param('folder')}/${c.req.param('file')}`.toLowerCase()
    if (asked !== 'autodiscover/autodiscover.xml') return next()
    await small(c, async () => undefined)
    const address = askedAddress(await c.req.text())
    if (address === undefined) return c.text('This is no request of Autodiscover.\n', 400)
    return c.body(String(await autodiscover(settings, address)), 200, xml)
  })

  for (const path of ['/apple.mobileconfig', '/mobileconfig']) {
    routes.get(path, async (c) => {
      const address = parseAddress(c.req.query('email') ?? '') ?? ''
      const profile = String(await appleProfile(settings, address))
      const signed = await signer.sign(profile)
      return c.body(signed ? new Uint8Array(signed) : profile, 200, {
        'Content-Type': signed ? appleType : `${appleType}; charset=utf-8`,
        'Content-Disposition': 'attachment; filename="mail.mobileconfig"',
      })
    })
  }
  return routes
}

/** Autodiscover v2 only says where v1 is. */
function discovered(c: Context, { origin }: WebSettings) {
  const { Protocol = 'Autodiscoverv1' } = c.req.query()
  if (Protocol.toLowerCase() !== 'autodiscoverv1') return c.json({ ErrorCode: 'ProtocolNotSupported' }, 404)
  return c.json({ Protocol: 'Autodiscoverv1', Url: `${origin}/autodiscover/autodiscover.xml` })
}

/** Undefined where neither the question nor the name it came to tells. */
function askedDomain(address: string | undefined, hostname: string): DomainName | undefined {
  const asked = parseAddress(address ?? '')
  if (asked) return domainOf(asked)
  return hostname.startsWith('autoconfig.') ? parseDomain(hostname.slice('autoconfig.'.length)) : undefined
}

const appleType = 'application/x-apple-aspen-config'
const xml = { 'Content-Type': 'application/xml; charset=utf-8' }
