import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { parseAddress } from '../../lib/address.ts'
import type { WebSettings } from '../settings.ts'
import { appleProfile } from './apple-profile.ts'
import { autoconfig } from './autoconfig.ts'
import { askedAddress, autodiscover } from './autodiscover.ts'

/** What mail programs ask to set themselves up: nothing here is a secret, and nobody has signed in yet. */
export function clientSetup(settings: WebSettings): Hono {
  const routes = new Hono()

  for (const path of ['/mail/config-v1.1.xml', '/.well-known/autoconfig/mail/config-v1.1.xml'])
    routes.get(path, async (c) => c.body(String(await autoconfig(settings)), 200, xml))

  routes.get('/:folder/:file', async (c, next) => {
    // Outlook writes the names as it likes.
    const asked = `${c.req.param('folder')}/${c.req.param('file')}`.toLowerCase()
    if (asked === 'autodiscover/autodiscover.xml') return c.text('Send a POST.\n', 405, { Allow: 'POST' })
    if (asked !== 'autodiscover/autodiscover.json') return next()
    const { Protocol = 'Autodiscoverv1' } = c.req.query()
    if (Protocol.toLowerCase() !== 'autodiscoverv1') return c.json({ ErrorCode: 'ProtocolNotSupported' }, 404)
    const Url = `${origin(settings)}/autodiscover/autodiscover.xml`
    return c.json({ Protocol: 'Autodiscoverv1', Url })
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
      return c.body(String(await appleProfile(settings, address)), 200, {
        'Content-Type': 'application/x-apple-aspen-config; charset=utf-8',
        'Content-Disposition': 'attachment; filename="mail.mobileconfig"',
      })
    })
  }
  return routes
}

const xml = { 'Content-Type': 'application/xml; charset=utf-8' }

function origin({ hostname, httpsPort = 443 }: WebSettings): string {
  return httpsPort === 443 ? `https://${hostname}` : `https://${hostname}:${httpsPort}`
}
