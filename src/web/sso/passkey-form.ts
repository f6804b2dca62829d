import { isIP } from 'node:net'
import type { Context } from 'hono'
import { html, raw } from 'hono/html'
import type { PasskeySite } from '../../ports/passkeys.ts'
import type { Content, Frame } from '../site/page.ts'
import type { Env } from '../site/visit.ts'
import { passkeyScript } from './passkey-script.ts'

/** Undefined where browsers know no passkeys: at a name that is not ours, and at an address. */
export function passkeySite(c: Context<Env>, hostname: string): PasskeySite | undefined {
  const { loopback, secure } = c.env.client
  // What stands in front may have ended TLS; to a browser on this machine `localhost` is safe without.
  const from = `${loopback && !secure ? 'http' : 'https'}://${c.req.header('host') ?? ''}`
  if (!URL.canParse(from)) return undefined
  const here = new URL(from)
  const isOurs = here.hostname === hostname || loopback
  if (!isOurs || isIP(here.hostname.replaceAll(/[[\]]/g, '')) !== 0) return undefined
  return { hostname: here.hostname, origin: here.origin }
}

interface PasskeyForm {
  readonly action: string
  /** JSON for the browser. */
  readonly options: string
  readonly button: string
  readonly fields: Content
}

/** Shown by its script alone. */
export const passkeyForm = ({ t }: Frame, { action, options, button, fields }: PasskeyForm): Content =>
  html`<form class="panel narrow" method="post" action="${action}" data-passkey="${options}" hidden>
        ${fields}
        <input type="hidden" name="answer">
        <p class="error" role="alert" hidden>${t('passkey.failed')}</p>
        <button>${button}</button>
      </form>
      <script>${raw(passkeyScript)}</script>`
