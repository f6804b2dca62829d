import type { Context } from 'hono'
import { networkOf } from '../../lib/network-of.ts'
import type { OAuthClientRow, OAuthServer } from '../../ports/oauth.ts'
import type { Env } from '../site/visit.ts'
import { refused, tooMany, unknownClient } from './answers.ts'
import { type Parameters, parametersOf } from './parameters.ts'

export interface Asking {
  readonly client: OAuthClientRow
  readonly form: Parameters
  readonly ip: string
}

/** Who asks, and what; or why that is not to be had. RFC 6749 §2.3 */
export async function askingClient(c: Context<Env>, oauth: OAuthServer): Promise<Asking | Response> {
  const form = await formOf(c)
  if (!form) return refused('invalid_request', 'Send a form in which nothing stands twice.')
  const shown = credentialsOf(c.req.header('authorization'), form)
  if (!shown) return refused('invalid_request', 'Say who asks, and in one way.')
  const { ip } = c.env.client
  const client = await oauth.clients.authenticate(shown.id, shown.secret)
  // A server of many people asks from one address; everybody else is one of many.
  if (client?.isConfidential !== true) {
    const wait = await oauth.requests.wait('token', networkOfClient(ip))
    if (wait > 0) return tooMany(wait)
  }
  return client ? { client, form, ip } : unknownClient()
}

/** Somebody has a whole network of IPv6. */
export const networkOfClient = (ip: string): string => networkOf(ip, { v4Bits: 32, v6Bits: 64 })

async function formOf(c: Context<Env>): Promise<Parameters | undefined> {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) return undefined
  return parametersOf(new URLSearchParams(await c.req.text()))
}

/** Undefined where nobody is named, or somebody in two ways. */
function credentialsOf(
  header: string | undefined,
  { client_id: id, client_secret: secret }: Parameters,
): { readonly id: string; readonly secret: string | undefined } | undefined {
  if (header === undefined) return id === undefined ? undefined : { id, secret }
  const basic = readBasic(header)
  if (!basic || secret !== undefined || (id !== undefined && id !== basic.id)) return undefined
  return basic
}

/** RFC 6749 §2.3.1: both are encoded as in a form. */
function readBasic(header: string): { readonly id: string; readonly secret: string } | undefined {
  const [, encoded = ''] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header) ?? []
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  if (colon < 1) return undefined
  const read = (part: string) => new URLSearchParams(`v=${part.replaceAll('&', '%26')}`).get('v') ?? ''
  return { id: read(text.slice(0, colon)), secret: read(text.slice(colon + 1)) }
}
